"""A furniture shop whose products are a JSON file, and whose orders only its bank knows."""

import hmac
import json
import os

from flask import Flask
from flask import abort
from flask import redirect
from flask import render_template
from flask import request

from .grc_adapter import grc
from .payments import Sessions
from .payments import sign

app = Flask(__name__)
app.secret_key = os.environ.get("FURNITURE_KEY", "an oak chair outlives its owner")
os.makedirs(app.instance_path, exist_ok=True)
sessions = Sessions(os.path.join(app.instance_path, "sessions.json"))
with open(os.path.join(app.root_path, "data", "products.json"), encoding="utf-8") as file:
    CATALOGUE = json.load(file)


def find(slug):
    for items in CATALOGUE["categories"].values():
        for item in items:
            if item["slug"] == slug:
                return item
    return None


@app.route("/")
def index():
    return render_template("index.html", categories=CATALOGUE["categories"])


@app.route("/checkout/<slug>", methods=["POST"])
def checkout(slug):
    item = find(slug)
    if item is None:
        abort(404)
    quantity = int(request.form.get("quantity", 1))
    line = {"slug": slug, "quantity": quantity, "unit_amount": item["price"] * 100}
    made = sessions.create([line])
    return redirect(f"https://pay.example/c/{made['id']}", 303)


@app.route("/hooks/payment", methods=["POST"])
def webhook():
    body = request.get_data(as_text=True)
    if not hmac.compare_digest(request.headers.get("Signature", ""), sign(body)):
        abort(400)
    return {"received": json.loads(body)["type"]}


@app.route("/success")
def success():
    found = sessions.retrieve(request.args.get("session_id"))
    return render_template("success.html", session=found)


@app.route("/<path:path>")
def anything(path):
    item = find(path)
    if item is None:
        return render_template("lost.html"), 404
    return render_template("item.html", item=item)


grc.init_app(app)
