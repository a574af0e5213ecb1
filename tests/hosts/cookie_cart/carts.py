"""The cart is a dictionary in the cookie; taking something out is a GET."""

from flask import Blueprint
from flask import redirect
from flask import render_template
from flask import request
from flask import session

blueprint = Blueprint("carts", __name__, url_prefix="/carts")


@blueprint.post("/add/<slug>")
def add(slug):
    bag = session.setdefault("Coffees", {})
    bag[slug] = {"bags": bag.get(slug, {}).get("bags", 0) + int(request.form.get("bags", 1))}
    session.modified = True
    return redirect("/carts/")


@blueprint.get("/delete/<slug>")
def delete(slug):
    session.get("Coffees", {}).pop(slug, None)
    session.modified = True
    return redirect("/carts/")


@blueprint.get("/")
def show():
    return render_template("cart.html", bag=session.get("Coffees", {}))
