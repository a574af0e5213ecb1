"""The staff's desk: returns, quote requests and messages."""

from typing import Any
from typing import TypeVar

from flask import Blueprint
from flask import abort
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from .. import returns as rules
from ..clock import now
from ..extensions import db
from ..forms.staff import DecisionForm
from ..forms.staff import QuoteAnswerForm
from ..forms.staff import ReceiptForm
from ..login import staff_required
from ..models import ContactMessage
from ..models import QuoteRequest
from ..models import ReturnRequest
from ..money import to_cents
from .staff import change_or_explain

bp = Blueprint("desk", __name__, url_prefix="/staff")
T = TypeVar("T")
QUOTE_STATES = ("open", "answered", "declined")
PER_PAGE = 25


@bp.get("/returns")
@staff_required
def returns() -> str:
    """List the returns, newest first, by state."""
    found = select(ReturnRequest).options(joinedload(ReturnRequest.order))
    found = found.order_by(ReturnRequest.id.desc())
    return _list("staff/returns.html", found, ReturnRequest.state, rules.STATES)


@bp.get("/returns/<int:number>")
@staff_required
def return_request(number: int) -> str:
    """Show a return with what can be done to it."""
    wish = _get(ReturnRequest, number)
    return render_template(
        "staff/return.html",
        wish=wish,
        worth=min(rules.worth(wish), wish.order.refundable),
        decision=DecisionForm(),
        receipt=ReceiptForm(),
    )


@bp.post("/returns/<int:number>/<any(accept, refuse):answer>")
@staff_required
def decide_return(number: int, answer: str) -> ResponseReturnValue:
    """Accept or refuse a return."""
    wish, form = _get(ReturnRequest, number), DecisionForm()
    text = form.answer.data or ""
    done = _("The return is changed.")
    change_or_explain(
        form, lambda: rules.decide(wish, accepted=answer == "accept", answer=text), done
    )
    return redirect(url_for("desk.return_request", number=number))


@bp.post("/returns/<int:number>/receive")
@staff_required
def receive_return(number: int) -> ResponseReturnValue:
    """Take the goods back and refund them."""
    wish, form = _get(ReturnRequest, number), ReceiptForm()
    done = _("The goods are taken back and refunded.")
    change_or_explain(form, lambda: rules.receive(wish, sellable=form.sellable.data), done)
    return redirect(url_for("desk.return_request", number=number))


@bp.get("/quotes")
@staff_required
def quotes() -> str:
    """List the quote requests, newest first, by state."""
    found = select(QuoteRequest).order_by(QuoteRequest.id.desc())
    return _list("staff/quotes.html", found, QuoteRequest.state, QUOTE_STATES)


@bp.route("/quotes/<int:number>", methods=["GET", "POST"])
@staff_required
def quote(number: int) -> ResponseReturnValue:
    """Answer a quote request, or change the answer."""
    wish = _get(QuoteRequest, number)
    form = QuoteAnswerForm(answer=wish.answer, valid_until=wish.valid_until)
    if form.validate_on_submit():
        if "decline" in request.form or form.has_offer:
            _answer(wish, form)
            flash(_("The answer is on the customer's page."), "success")
            return redirect(url_for("desk.quote", number=number))
        form.form_errors.append(_("An offer needs a price and a last day."))
    return render_template("staff/quote.html", wish=wish, form=form), 422 if form.errors else 200


@bp.get("/messages")
@staff_required
def messages() -> str:
    """List the messages of the contact page, those to handle first."""
    found = select(ContactMessage).order_by(
        ContactMessage.handled_at.is_not(None), ContactMessage.id.desc()
    )
    page = db.paginate(found, per_page=PER_PAGE, error_out=False)
    return render_template("staff/messages.html", page=page)


@bp.post("/messages/<int:number>/handled")
@staff_required
def handle_message(number: int) -> ResponseReturnValue:
    """Put a message aside."""
    message = _get(ContactMessage, number)
    message.handled_at = message.handled_at or now()
    db.session.commit()
    flash(_("The message is handled."), "success")
    return redirect(url_for("desk.messages"))


def _get(model: type[T], number: int) -> T:
    return db.session.get(model, number) or abort(404)


def _list(template: str, found: Any, column: Any, states: tuple[str, ...]) -> str:
    state = request.args.get("state", "")
    if state in states:
        found = found.where(column == state)
    page = db.paginate(found, per_page=PER_PAGE, error_out=False)
    return render_template(template, page=page, states=states, state=state)


def _answer(wish: QuoteRequest, form: QuoteAnswerForm) -> None:
    declined = "decline" in request.form
    wish.state = "declined" if declined else "answered"
    wish.price = None if declined else to_cents(form.price.data)
    wish.valid_until = None if declined else form.valid_until.data
    wish.answer = form.answer.data or ""
    wish.answered_at = now()
    db.session.commit()
