"""The cart's pages and changes."""

from flask import Blueprint
from flask import abort
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from .. import cart
from .. import promises
from ..extensions import db
from ..models import OrderLine
from ..models import Product
from ..texts import left_out
from .orders import visible_order

bp = Blueprint("cart", __name__, url_prefix="/cart")


@bp.get("")
def show() -> str:
    """Show what is in the cart and the running total."""
    items = cart.items()
    promises.mind(item.product for item in items)
    return render_template("cart.html", items=items)


@bp.post("/add/<int:product_id>")
def add(product_id: int) -> ResponseReturnValue:
    """Put a product in the cart; with ``buy_now`` go straight to the checkout."""
    product = db.session.get(Product, product_id)
    if product is None or not product.active:
        abort(404)
    promises.mind([product])
    if not product.available:
        flash(_("%(name)s is out of stock.", name=product.name), "error")
        return redirect(url_for("catalogue.product", product_id=product_id))
    cart.add(product_id, _quantity(request.form.get("quantity", "1")))
    if "buy_now" in request.form:
        return redirect(url_for("checkout.address"))
    flash(_("%(name)s is in your cart.", name=product.name), "success")
    return redirect(url_for("cart.show"))


@bp.post("/update")
def update() -> ResponseReturnValue:
    """Set the quantities typed in the fields ``quantity-<product id>``."""
    for product_id in cart.quantities():
        typed = request.form.get(f"quantity-{product_id}")
        if typed is not None and typed.isdecimal():
            cart.put(product_id, int(typed[:9]))
    flash(_("Your cart is up to date."), "success")
    return redirect(url_for("cart.show"))


@bp.post("/remove/<int:product_id>")
def remove(product_id: int) -> ResponseReturnValue:
    """Take a product out."""
    cart.put(product_id, 0)
    flash(_("The product was taken out of your cart."), "success")
    return redirect(url_for("cart.show"))


@bp.post("/reorder/<order_id>")
def reorder(order_id: str) -> ResponseReturnValue:
    """Put everything of an earlier order in the cart again."""
    order = visible_order(order_id)
    promises.mind({line.product for line in order.lines})
    wanted = {line.product_id: _obtainable(line) for line in order.lines}
    for product_id, quantity in wanted.items():
        if quantity:
            cart.add(product_id, quantity)
    gone = [line.name for line in order.lines if not line.product.active]
    sold_out = [
        n.product.name for n in order.lines if n.product.active and not wanted[n.product_id]
    ]
    fewer = [n.product.name for n in order.lines if 0 < wanted[n.product_id] < n.quantity]
    for message in left_out(gone, sold_out, fewer):
        flash(message, "info")
    return redirect(url_for("cart.show"))


def _obtainable(line: OrderLine) -> int:
    """Return how many of the pieces of an earlier order can be had again."""
    product = line.product
    if not product.available:
        return 0
    in_cart = cart.quantities().get(product.id, 0)
    left = cart.MAX_QUANTITY if product.backorder else product.left - in_cart
    return max(0, min(line.quantity, left))


def _quantity(typed: str) -> int:
    return max(1, min(int(typed[:9]), cart.MAX_QUANTITY)) if typed.isdecimal() else 1
