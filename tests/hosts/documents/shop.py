"""A flower shop on a document store; its templates have a `url_for` of their own."""

import os

from flask import Flask
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for as flask_url_for
from werkzeug.exceptions import NotFound

from .grc_adapter import grc
from .store import ObjectId
from .store import Store

app = Flask(__name__)
app.config["SECRET_KEY"] = "a document has no schema, a key has no end"
store = Store(os.path.join(app.instance_path, "documents"))
if not store.goods.find():
    store.goods.save({"slug": "roses/red", "title": "Red roses", "prices": {"USD": "19.90"}})
    store.goods.save({"slug": "tulips", "title": "Tulips", "prices": {"USD": "9.5"}})


@app.context_processor
def versioned():
    def url_for(endpoint, **values):
        if endpoint == "static":
            values["v"] = "7"
        return flask_url_for(endpoint, **values)

    return {"url_for": url_for, "me": person()}


def person():
    return store.people.find_one(_id=ObjectId(session["me"])) if "me" in session else None


@app.get("/")
def home():
    return render_template("home.html", goods=store.goods.find())


@app.get("/flowers/<path:slug>")
def flower(slug):
    found = store.goods.find_one(slug=slug)
    if found is None:
        raise NotFound
    return render_template("flower.html", good=found)


@app.post("/join")
def join():
    if store.people.find_one(mail=request.form["mail"]):
        return render_template("home.html", goods=store.goods.find(), taken=True), 409
    person = {"mail": request.form["mail"], "name": request.form["name"], "basket": []}
    made = store.people.save(person)
    session["me"] = str(made["_id"])
    return redirect(flask_url_for("home"))


@app.post("/saveCart")
def save_cart():
    me = person()
    if me is None:
        return {"saved": False}, 401
    me["basket"] = request.get_json()["basket"]
    store.people.save(me)
    return {"saved": True}


@app.post("/buy")
def buy():
    me = person()
    if me is None or not me["basket"]:
        return {"bought": False}, 409
    lines = [
        {**item, "each": store.goods.find_one(slug=item["slug"])["prices"]["USD"]}
        for item in me["basket"]
    ]
    made = store.orders.save({"who": str(me["_id"]), "lines": lines, "step": "received"})
    me["basket"] = []
    store.people.save(me)
    return redirect(flask_url_for("thanks", id=made["_id"]))


@app.get("/thanks/<id>")
def thanks(id):
    found = store.orders.find_one(_id=ObjectId(id))
    if found is None:
        raise NotFound
    return render_template("thanks.html", order=found)


grc.init_app(app)
