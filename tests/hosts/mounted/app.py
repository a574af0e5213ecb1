"""A book shop below `/shop` of a larger site, behind a proxy, with a strict policy and a cache."""

import os
import sqlite3
import zlib
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from flask_caching import Cache
from werkzeug.middleware.proxy_fix import ProxyFix

from .grc_adapter import grc

cache = Cache(config={"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 300})
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "instance")
SCHEMA = """
create table if not exists reader (id text primary key, email text, name text, since text);
create table if not exists book (isbn text primary key, title text, cents integer);
create table if not exists bag (reader text, isbn text, n integer, primary key (reader, isbn));
create table if not exists purchase (
    number text primary key, reader text, at text, changed text, status text, cents integer
);
create table if not exists purchase_line (number text, isbn text, n integer, cents integer);
insert or ignore into book values ('978-1', 'A Field Guide', 2450);
insert or ignore into book values ('978-2', 'Atlas & Index', 5900);
"""


def connect():
    return sqlite3.connect(os.path.join(FOLDER, "books.db"))


def database():
    return closing(connect())


def now():
    at_home = datetime.now(ZoneInfo("Europe/Vienna")).replace(tzinfo=None)
    return at_home.isoformat(" ", "milliseconds")


def create_app():
    os.makedirs(FOLDER, exist_ok=True)
    app = Flask(__name__, instance_path=FOLDER)
    app.secret_key = "a shelf is as long as its longest book"
    app.config.update(SESSION_COOKIE_PATH="/shop", SESSION_COOKIE_SECURE=True)
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1, x_prefix=1)
    cache.init_app(app)
    with database() as db:
        db.executescript(SCHEMA)

    grc.init_app(app)

    @app.after_request
    def strict(response):
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'"
        )
        return response

    app.add_url_rule("/", view_func=shelf)
    app.add_url_rule("/book/<isbn>", view_func=book)
    app.add_url_rule("/join", view_func=join, methods=["POST"])
    app.add_url_rule("/bag/<isbn>", view_func=put, methods=["POST"])
    app.add_url_rule("/buy", view_func=buy, methods=["POST"])
    app.add_url_rule("/purchase/<number>", view_func=purchase)
    return app


def shelf():
    with database() as db:
        return render_template("shelf.html", books=db.execute("select * from book").fetchall())


@cache.cached()
def book(isbn):
    with database() as db:
        found = db.execute("select * from book where isbn = ?", [isbn]).fetchone()
    return render_template("book.html", book=found) if found else ("No such book.", 404)


def join():
    id = f"r{zlib.crc32(request.form['email'].encode())}"
    with database() as db, db:
        if db.execute("select 1 from reader where email = ?", [request.form["email"]]).fetchone():
            return render_template("shelf.html", books=[]), 409
        row = [id, request.form["email"], request.form["name"], now()]
        db.execute("insert into reader values (?, ?, ?, ?)", row)
    session["reader"] = id
    return redirect(url_for("shelf"))


def put(isbn):
    if "reader" not in session:
        return redirect(url_for("shelf"))
    with database() as db, db:
        query = "insert into bag values (?, ?, 1) on conflict do update set n = n + 1"
        db.execute(query, [session["reader"], isbn])
    return redirect(url_for("book", isbn=isbn))


def buy():
    number = os.urandom(6).hex()
    with database() as db, db:
        query = "select isbn, n, cents from bag join book using (isbn) where reader = ?"
        lines = db.execute(query, [session.get("reader")]).fetchall()
        if not lines:
            return redirect(url_for("shelf"))
        total = sum(n * cents for _, n, cents in lines)
        row = [number, session["reader"], now(), now(), "paid", total]
        db.execute("insert into purchase values (?, ?, ?, ?, ?, ?)", row)
        rows = [(number, *line) for line in lines]
        db.executemany("insert into purchase_line values (?, ?, ?, ?)", rows)
        db.execute("delete from bag where reader = ?", [session["reader"]])
    return redirect(url_for("purchase", number=number))


def purchase(number):
    with database() as db:
        found = db.execute("select * from purchase where number = ?", [number]).fetchone()
    if found is None or found[1] != session.get("reader"):
        return "No such purchase.", 404
    return render_template("purchase.html", number=number)
