"""Asking for a price for something made to measure."""

from flask import Blueprint
from flask import abort
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from .. import throttle
from ..extensions import db
from ..forms.requests import QuoteForm
from ..locale import current
from ..models import Product
from ..models import QuoteRequest
from ..ordering import new_public_id

bp = Blueprint("quotes", __name__)


@bp.route("/p/<int:product_id>/quote", methods=["GET", "POST"])
def ask(product_id: int) -> ResponseReturnValue:
    """Ask for measures and quantity."""
    product = db.session.get(Product, product_id)
    if product is None or not product.active or not product.made_to_measure:
        abort(404)
    form = QuoteForm(email=current_user.email if current_user.is_authenticated else None)
    if form.validate_on_submit():
        tries = throttle.from_here("quote")
        if form.from_a_program:
            return redirect(url_for("home.index"))
        if not throttle.exceeded(tries):
            throttle.record(tries)
            return redirect(url_for("quotes.show", request_id=_record(form, product)))
        form.form_errors.append(_("Too many requests from here. Please try again in an hour."))
        return render_template("quote_ask.html", form=form, product=product), 429
    status = 422 if form.errors else 200
    return render_template("quote_ask.html", form=form, product=product), status


@bp.get("/quotes/<request_id>")
def show(request_id: str) -> ResponseReturnValue:
    """Acknowledge the request and, later, show the answer."""
    wish = db.session.scalar(select(QuoteRequest).where(QuoteRequest.public_id == request_id))
    if wish is None:
        abort(404)
    if wish.user_id and not current_user.is_authenticated:
        return redirect(url_for("auth.login", next=request.path))
    if wish.user_id and current_user.id != wish.user_id and not current_user.is_staff:
        abort(404)
    return render_template("quote.html", wish=wish)


def _record(form: QuoteForm, product: Product) -> str:
    wish = QuoteRequest(
        public_id=new_public_id(),
        product_id=product.id,
        user_id=current_user.id if current_user.is_authenticated else None,
        email=form.email.data.lower(),
        locale=current(),
        quantity=form.quantity.data,
        message=form.message.data or "",
        **form.millimetres(),
    )
    db.session.add(wish)
    db.session.commit()
    return wish.public_id
