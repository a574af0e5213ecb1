"""The contact page: messages are kept for the staff, and no mail leaves."""

from flask import Blueprint
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from .. import throttle
from ..extensions import db
from ..forms.requests import ContactForm
from ..locale import current
from ..models import ContactMessage
from ..texts import SUBJECTS

bp = Blueprint("contact", __name__, url_prefix="/contact")


@bp.route("", methods=["GET", "POST"])
def write() -> ResponseReturnValue:
    """Show the form and keep what is sent."""
    form = ContactForm(data=_known())
    if form.validate_on_submit():
        tries = throttle.from_here("contact")
        if form.from_a_program:
            return redirect(url_for("contact.sent"))
        if not throttle.exceeded(tries):
            throttle.record(tries)
            _record(form)
            return redirect(url_for("contact.sent"))
        form.form_errors.append(
            _("Too many messages from here. Please try again in an hour, or call us.")
        )
        return render_template("contact.html", form=form), 429
    return render_template("contact.html", form=form), 422 if form.errors else 200


@bp.get("/sent")
def sent() -> str:
    """Say that the message is there."""
    return render_template("contact_sent.html")


def _known() -> dict[str, str]:
    """Return what need not be typed: who is signed in, and what the link was about."""
    subject = request.args.get("subject", "")
    known = {
        "subject": subject if subject in SUBJECTS else "order",
        "order_number": request.args.get("order", "")[:20],
    }
    if current_user.is_authenticated:
        known |= {"name": current_user.name, "email": current_user.email}
    return known


def _record(form: ContactForm) -> None:
    db.session.add(
        ContactMessage(
            user_id=current_user.id if current_user.is_authenticated else None,
            subject=form.subject.data,
            name=form.name.data,
            email=form.email.data.lower(),
            order_number=form.order_number.data or "",
            message=form.message.data,
            locale=current(),
        )
    )
    db.session.commit()
