"""A tea shop that rewrites, compresses and revalidates what it sends, and closes at times."""

import gzip
import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC
from datetime import datetime

from flask import Flask
from flask import Response
from flask import current_app
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask.views import MethodView

from .grc_adapter import grc

SCHEMA = """
create table if not exists drinker (n integer primary key, mail text unique, created_at text);
create table if not exists tea (n integer primary key, name text, price text);
create table if not exists cup (drinker integer, tea integer, grams integer);
create table if not exists sale (
    n integer primary key, drinker integer, created_at text, status text default 'placed'
);
create table if not exists sale_line (sale integer, tea integer, grams integer, price text);
insert or ignore into tea values (1, 'Assam', '7.20'), (2, 'Sencha', '11.05');
"""


def connect():
    return sqlite3.connect(os.path.join(current_app.instance_path, "tea.db"))


def database():
    return closing(connect())


class Home(MethodView):
    def get(self):
        with database() as db:
            return render_template("teas.html", teas=db.execute("select * from tea").fetchall())


class Tea(MethodView):
    def get(self, n):
        with database() as db:
            found = db.execute("select * from tea where n = ?", [n]).fetchone()
        return render_template("tea.html", tea=found) if found else ("", 404)

    def post(self, n):
        if "drinker" not in session:
            return redirect("/")
        with database() as db, db:
            row = [session["drinker"], n, request.form.get("grams", 100)]
            db.execute("insert into cup values (?, ?, ?)", row)
        return redirect(f"/tea/{n}")


class Join(MethodView):
    def post(self):
        with database() as db, db:
            row = [request.form["mail"], current_app.config["STARTED"]]
            try:
                made = db.execute("insert into drinker (mail, created_at) values (?, ?)", row)
            except sqlite3.IntegrityError:
                return "That address drinks here already.", 409
        session["drinker"] = made.lastrowid
        return redirect("/")


class Sale(MethodView):
    def post(self):
        with database() as db, db:
            query = "select tea, sum(grams), price from cup join tea on n = tea where drinker = ?"
            lines = db.execute(f"{query} group by tea", [session.get("drinker")]).fetchall()
            if not lines:
                return redirect("/")
            # as it happens where a default is computed once, when the program starts
            row = [session["drinker"], current_app.config["STARTED"]]
            n = db.execute("insert into sale (drinker, created_at) values (?, ?)", row).lastrowid
            rows = [(n, *line) for line in lines]
            db.executemany("insert into sale_line values (?, ?, ?, ?)", rows)
            db.execute("delete from cup where drinker = ?", [session["drinker"]])
        return redirect(f"/sale/{n}")

    def get(self, n):
        return render_template("sale.html", n=n)


def feed():
    return Response((f"<p>{word}</p>\n" for word in ("Darjeeling", "Oolong")), mimetype="text/html")


def create_app():
    app = Flask(__name__)
    app.config["SECRET_KEY"] = "three minutes, and not a second longer"
    app.config["STARTED"] = datetime.now(UTC).isoformat()
    os.makedirs(app.instance_path, exist_ok=True)
    with app.app_context(), database() as db:
        db.executescript(SCHEMA)
    app.add_url_rule("/", view_func=Home.as_view("home"))
    app.add_url_rule("/tea/<int:n>", view_func=Tea.as_view("tea"))
    app.add_url_rule("/join", view_func=Join.as_view("join"))
    sale = Sale.as_view("sale")
    app.add_url_rule("/sale", view_func=sale, methods=["POST"])
    app.add_url_rule("/sale/<int:n>", view_func=sale, methods=["GET"])
    app.add_url_rule("/feed", view_func=feed)

    @app.before_request
    def closed():
        if os.path.exists(os.path.join(app.instance_path, "closed")):
            return render_template("closed.html"), 503, {"Retry-After": "600"}

    @app.after_request
    def send(response):
        if response.is_streamed or response.mimetype != "text/html" or response.status_code != 200:
            return response
        response.set_data(re.sub(rb">\s+<", b"><", response.get_data()))
        response.add_etag()
        response.make_conditional(request)
        if "gzip" in request.headers.get("Accept-Encoding", "") and response.status_code == 200:
            response.set_data(gzip.compress(response.get_data(), mtime=0))
            response.headers["Content-Encoding"] = "gzip"
            response.vary.add("Accept-Encoding")
        return response

    grc.init_app(app)
    return app
