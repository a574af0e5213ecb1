"""Signing up does not sign in."""

from flask import Blueprint
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from .tables import engine
from .tables import users

blueprint = Blueprint("users", __name__)


@blueprint.route("/signup", methods=["GET", "POST"])
def sign_up():
    if request.method == "POST":
        row = {"username": request.form["username"], "email": request.form["email"]}
        try:
            with engine().begin() as connection:
                connection.execute(insert(users), row)
        except IntegrityError:
            return render_template("signup.html", problem="taken"), 200
        return redirect("/login")
    return render_template("signup.html", problem="")


@blueprint.route("/login", methods=["GET", "POST"])
def sign_in():
    if request.method == "POST":
        query = select(users.c.id).where(users.c.username == request.form["username"])
        with engine().connect() as connection:
            session["user"] = connection.scalar(query)
        return redirect("/")
    return render_template("login.html")


def signed_in():
    """Return the row of who is signed in."""
    if not session.get("user"):
        return None
    with engine().connect() as connection:
        return connection.execute(select(users).where(users.c.id == session["user"])).first()
