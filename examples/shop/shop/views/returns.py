"""Asking to return part of an order."""

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from .. import returns
from ..extensions import db
from ..extensions import login_manager
from ..forms.requests import ReturnForm
from ..models import Order
from ..stores import taking_returns
from ..texts import obstacle_text
from .orders import order_or_404
from .orders import visible_order

bp = Blueprint("returns", __name__)


@bp.route("/orders/<order_id>/return", methods=["GET", "POST"])
def ask(order_id: str) -> ResponseReturnValue:
    """Choose what comes back, why, and how."""
    if order_or_404(order_id).user_id and not current_user.is_authenticated:
        return login_manager.unauthorized()
    order = visible_order(order_id)
    form = ReturnForm()
    form.offer(taking_returns())
    problem = returns.obstacle(order)
    if problem is None and form.validate_on_submit():
        pieces = _pieces(order)
        if pieces and (number := _record(order, form, pieces)):
            flash(_("Your return %(number)s is noted.", number=number), "success")
            return redirect(url_for("orders.show", order_id=order_id, _anchor="returns"))
        form.form_errors.append(
            _("Choose what comes back: at least one piece, at most as many as you have.")
        )
    status = 422 if form.errors else 200
    page = render_template(
        "return.html", order=order, form=form, left=returns.remaining(order), problem=problem
    )
    return page, status


def _pieces(order: Order) -> dict[int, int]:
    """Return the quantities typed in the fields ``quantity-<line id>``."""
    typed = {line.id: request.form.get(f"quantity-{line.id}", "0") for line in order.lines}
    # A long number is as wrong as a word; neither reaches the database.
    wrong = any(not text.isdecimal() or len(text) > 4 for text in typed.values())
    return {} if wrong else {line: int(text) for line, text in typed.items() if int(text)}


def _record(order: Order, form: ReturnForm, pieces: dict[int, int]) -> str | None:
    try:
        wish = returns.ask(
            order,
            pieces,
            reason=form.reason.data,
            comment=form.comment.data or "",
            way=form.way.data,
            store=form.store.data or "",
        )
    except returns.NotReturnable as error:
        db.session.rollback()
        flash(obstacle_text(str(error)), "error")
        return None
    db.session.commit()
    return wish.number
