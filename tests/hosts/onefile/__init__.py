"""A shop in one file: raw sqlite3, a basket that GET requests fill, and no orders at all."""

import os
import sqlite3

from flask import Flask
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for

from .grc_adapter import grc

app = Flask(__name__)
app.secret_key = "one file, one key, thirty-two characters"
os.makedirs(app.instance_path, exist_ok=True)
DATABASE = os.path.join(app.instance_path, "shop.db")


def connect():
    return sqlite3.connect(DATABASE)


with connect() as con:
    con.executescript("""
        create table if not exists users (
            userId integer primary key, email text, firstName text,
            since text default current_timestamp
        );
        create table if not exists products (
            productId integer primary key, name text, price real, stock integer
        );
        create table if not exists kart (userId integer, productId integer);
        insert or ignore into products values (1, 'Kettle', 49.9, 3), (2, 'Cup', 6.1, 50);
    """)
con.close()


def user():
    if "email" not in session:
        return None
    con = connect()
    row = con.execute("select userId, firstName from users where email = ?", [session["email"]])
    found = row.fetchone()
    con.close()
    return found


@app.route("/")
def root():
    con = connect()
    rows = con.execute("select productId, name, price, stock from products").fetchall()
    con.close()
    return render_template("home.html", rows=rows, user=user())


@app.route("/productDescription")
def product_description():
    con = connect()
    query = "select productId, name, price, stock from products where productId = ?"
    row = con.execute(query, [request.args.get("productId")]).fetchone()
    con.close()
    if row is None:
        return redirect(url_for("root"))
    return render_template("productDescription.html", data=row)


@app.route("/registerationForm")
def registration_form():
    return render_template("register.html", error="")


@app.route("/register", methods=["GET", "POST"])
def register():
    con = connect()
    try:
        email, name = request.form["email"], request.form["firstName"]
        if con.execute("select 1 from users where email = ?", [email]).fetchone():
            message = "Error occured"
        else:
            con.execute("insert into users (email, firstName) values (?, ?)", [email, name])
            con.commit()
            message = "Registered Successfully"
    except KeyError:
        message = "Error occured"
    finally:
        con.close()
    return render_template("login.html", error=message)


@app.route("/login", methods=["POST"])
def login():
    session["email"] = request.form["email"]
    if user() is None:
        session.pop("email")
        return render_template("login.html", error="Invalid UserId / Password")
    return redirect(url_for("root"))


@app.route("/addToCart")
def add_to_cart():
    if user() is None:
        return redirect(url_for("registration_form"))
    con = connect()
    con.execute("insert into kart values (?, ?)", [user()[0], request.args["productId"]])
    con.commit()
    con.close()
    return redirect(url_for("root"))


@app.route("/removeFromCart")
def remove_from_cart():
    con = connect()
    row = [user()[0], request.args["productId"]]
    con.execute("delete from kart where userId = ? and productId = ?", row)
    con.commit()
    con.close()
    return redirect(url_for("root"))


@app.route("/cart")
def cart():
    con = connect()
    rows = con.execute(
        "select name, price from kart join products using (productId) where userId = ?",
        [user()[0] if user() else None],
    ).fetchall()
    con.close()
    return render_template("cart.html", rows=rows, total=sum(price for _, price in rows))


grc.init_app(app)
