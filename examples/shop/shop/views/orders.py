"""An order's page, for its owner, for a guest with its address, and for the staff."""

from flask import Blueprint
from flask import abort
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from ..extensions import db
from ..login import may_see
from ..models import Order

bp = Blueprint("orders", __name__)


@bp.get("/orders/<order_id>")
def show(order_id: str) -> ResponseReturnValue:
    """Show an order, its state and its parcels."""
    return render_for_visitor("order.html", order_id)


def order_or_404(order_id: str) -> Order:
    """Return an order by its public id, whoever asks."""
    return db.session.scalar(select(Order).where(Order.public_id == order_id)) or abort(404)


def visible_order(order_id: str) -> Order:
    """Return an order that this visitor may see, or answer 404: others learn nothing."""
    order = order_or_404(order_id)
    return order if may_see(order) else abort(404)


@bp.get("/orders/<order_id>/print")
def printed(order_id: str) -> ResponseReturnValue:
    """Show an order without the shop around it, for paper."""
    return render_for_visitor("order_print.html", order_id)


def render_for_visitor(template: str, order_id: str) -> ResponseReturnValue:
    """Render an order's page; an account's order asks for its owner to sign in."""
    order = order_or_404(order_id)
    if order.user_id and not current_user.is_authenticated:
        return redirect(url_for("auth.login", next=request.path))
    return render_template(template, order=visible_order(order_id))
