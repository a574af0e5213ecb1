"""Carts, which are orders that nobody has checked out; an order keeps the id of its cart."""

from datetime import UTC
from datetime import datetime

from flask import Blueprint
from flask import abort
from flask import jsonify
from flask import request

from ..database import database

carts = Blueprint("carts", __name__)


def open_cart(customer_id):
    query = "select id from \"order\" where customer_id = ? and status = 'in_cart'"
    row = database().execute(query, [customer_id]).fetchone()
    return row["id"] if row else None


def lines_of(order_id):
    query = "select product_id, count, price from line join product on id = product_id"
    return database().execute(f"{query} where order_id = ?", [order_id]).fetchall()


@carts.get("/cart")
def show():
    cart = open_cart(request.args.get("customer_id"))
    return jsonify(id=cart, lines=[dict(line) for line in lines_of(cart)])


@carts.post("/cart/lines")
def add():
    sent = request.get_json()
    known = database().execute("select 1 from product where id = ?", [sent["product_id"]])
    if known.fetchone() is None:
        abort(404)
    cart = open_cart(sent["customer_id"])
    if cart is None:
        row = [sent["customer_id"]]
        cart = database().execute('insert into "order" (customer_id) values (?)', row).lastrowid
    database().execute(
        "insert into line values (?, ?, ?)"
        " on conflict do update set count = count + excluded.count",
        [cart, sent["product_id"], sent.get("count", 1)],
    )
    database().commit()
    return jsonify(id=cart, lines=[dict(line) for line in lines_of(cart)])


@carts.post("/orders/checkout")
def check_out():
    cart = open_cart(request.get_json()["customer_id"])
    if cart is None:
        return jsonify(error="the cart is empty"), 409
    now = datetime.now(UTC).isoformat()
    change = "update \"order\" set status = 'placed', placed_at = ? where id = ?"
    database().execute(change, [now, cart])
    database().commit()
    return jsonify(id=cart, status="placed")
