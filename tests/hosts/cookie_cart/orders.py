"""An order's header is committed before its lines, and paid for on another page."""

from datetime import UTC
from datetime import datetime

from flask import Blueprint
from flask import redirect
from flask import render_template
from flask import session
from flask import url_for
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from .tables import engine
from .tables import order_lines
from .tables import orders
from .users import signed_in

blueprint = Blueprint("orders", __name__)


@blueprint.post("/order")
def create():
    user, bag = signed_in(), session.get("Coffees")
    if user is None or not bag:
        return redirect("/carts/")
    with engine().begin() as connection:
        made = connection.execute(insert(orders), {"user_id": user.id}).inserted_primary_key[0]
    rows = [{"order_id": made, "slug": slug, "bags": item["bags"]} for slug, item in bag.items()]
    with engine().begin() as connection:
        connection.execute(insert(order_lines), rows)
    session.pop("Coffees")
    return redirect(url_for("orders.pay", number=made))


@blueprint.route("/payment/<int:number>", methods=["GET", "POST"])
def pay(number):
    with engine().begin() as connection:
        order = connection.execute(select(orders).where(orders.c.id == number)).first()
        if order is None:
            return render_template("page.html", title="No such order"), 404
        change = update(orders).where(orders.c.id == number, orders.c.paid.is_(None))
        connection.execute(change.values(paid=datetime.now(UTC).replace(tzinfo=None)))
    return render_template("payment.html", order=order)
