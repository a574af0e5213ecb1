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
from ..extensions import db
from ..models import Product
from .orders import visible_order

bp = Blueprint("cart", __name__, url_prefix="/cart")


@bp.get("")
def show() -> str:
    """Show what is in the cart and the running total."""
    return render_template("cart.html", items=cart.items())


@bp.post("/add/<int:product_id>")
def add(product_id: int) -> ResponseReturnValue:
    """Put a product in the cart; with ``buy_now`` go straight to the checkout."""
    product = db.session.get(Product, product_id)
    if product is None or not product.active:
        abort(404)
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
            cart.put(product_id, int(typed))
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
    available = [line for line in order.lines if line.product.available]
    for line in available:
        cart.add(line.product_id, line.quantity)
    if len(available) < len(order.lines):
        flash(_("Some products of that order are no longer available."), "info")
    return redirect(url_for("cart.show"))


def _quantity(typed: str) -> int:
    return max(1, min(int(typed), cart.MAX_QUANTITY)) if typed.isdecimal() else 1
