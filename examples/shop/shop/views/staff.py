"""The back room: orders, their states, parcels and refunds."""

from collections.abc import Callable

from flask import Blueprint
from flask import abort
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from sqlalchemy import or_
from sqlalchemy import select
from wtforms import SelectChoice

from .. import fulfilment
from ..extensions import db
from ..forms.staff import RefundForm
from ..forms.staff import ShipmentForm
from ..forms.staff import StateForm
from ..login import staff_required
from ..models import Order
from ..money import to_cents
from ..payments import RefundFailed
from ..texts import state_name

bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.get("/orders")
@staff_required
def orders() -> str:
    """List the orders, by state and by e-mail or order id."""
    found = select(Order).order_by(Order.placed_at.desc())
    state = request.args.get("state", "")
    if state in fulfilment.STATES:
        found = found.where(Order.state == state)
    query = request.args.get("q", "").strip().lower()
    if query:
        number = query.removeprefix("n")
        order_id = int(number) - 100_000 if number.isdecimal() else None
        same_email = Order.email.contains(query, autoescape=True)
        found = found.where(or_(same_email, Order.id == order_id))
    page = db.paginate(found, per_page=25, error_out=False)
    return render_template(
        "staff/orders.html", page=page, states=fulfilment.STATES, state=state, query=query
    )


@bp.get("/orders/<int:number>")
@staff_required
def order(number: int) -> str:
    """Show one order with everything that can be done to it."""
    found = _order(number)
    return render_template(
        "staff/order.html",
        order=found,
        state_form=_state_form(found),
        shipment_form=ShipmentForm(),
        refund_form=RefundForm(),
    )


@bp.post("/orders/<int:number>/state")
@staff_required
def change_state(number: int) -> ResponseReturnValue:
    """Move an order on."""
    found = _order(number)
    form = _state_form(found)
    return _apply(found, form, lambda: fulfilment.advance(found, form.state.data))


@bp.post("/orders/<int:number>/shipment")
@staff_required
def add_shipment(number: int) -> ResponseReturnValue:
    """Record a parcel."""
    found = _order(number)
    form = ShipmentForm()
    return _apply(found, form, lambda: fulfilment.ship(found, form.carrier.data, form.number.data))


@bp.post("/orders/<int:number>/refund")
@staff_required
def add_refund(number: int) -> ResponseReturnValue:
    """Pay money back."""
    found = _order(number)
    form = RefundForm()
    return _apply(
        found,
        form,
        lambda: fulfilment.refund(found, to_cents(form.amount.data), form.reason.data or ""),
    )


def _order(number: int) -> Order:
    return db.session.get(Order, number) or abort(404)


def _state_form(order: Order) -> StateForm:
    form = StateForm()
    form.state.choices = [
        SelectChoice(key, state_name(key)) for key in fulfilment.NEXT[order.state]
    ]
    return form


def _apply(order: Order, form: FlaskForm, change: Callable[[], None]) -> ResponseReturnValue:
    change_or_explain(form, change, _("The order is changed."))
    return redirect(url_for("staff.order", number=order.id))


def change_or_explain(form: FlaskForm, change: Callable[[], None], done: str) -> None:
    """Commit a change and say ``done``, or change nothing and say why."""
    try:
        if not form.validate():
            raise fulfilment.NotAllowed
        change()
    except fulfilment.NotAllowed:
        db.session.rollback()
        flash(_("This change is not possible."), "error")
    except RefundFailed:
        db.session.rollback()
        flash(_("The payment provider did not refund. Nothing was changed."), "error")
    else:
        db.session.commit()
        flash(done, "success")
