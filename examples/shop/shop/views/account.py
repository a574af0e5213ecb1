"""The customer's own pages."""

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import session
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_login import login_required
from sqlalchemy import Select
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ..extensions import db
from ..forms.account import ConsentForm
from ..forms.account import ProfileForm
from ..fulfilment import NOT_PLACED
from ..models import Order
from ..models import QuoteRequest
from ..models import ReturnRequest

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
@login_required
def index() -> str:
    """Show the latest orders and the way to everything else."""
    latest = db.session.scalars(_mine().limit(3)).all()
    return render_template("account/index.html", orders=latest)


@bp.get("/orders")
@login_required
def orders() -> str:
    """List every order, newest first."""
    return render_template("account/orders.html", page=db.paginate(_mine(), per_page=20))


@bp.get("/requests")
@login_required
def requests() -> str:
    """List the returns and the quotes that this customer asked for."""
    back = select(ReturnRequest).join(Order).where(Order.user_id == current_user.id)
    quotes = select(QuoteRequest).where(QuoteRequest.user_id == current_user.id)
    newest_back = back.options(joinedload(ReturnRequest.order)).order_by(ReturnRequest.id.desc())
    return render_template(
        "account/requests.html",
        returns=db.session.scalars(newest_back.limit(50)).all(),
        quotes=db.session.scalars(quotes.order_by(QuoteRequest.id.desc()).limit(50)).all(),
    )


@bp.route("/profile", methods=["GET", "POST"])
@login_required
def profile() -> ResponseReturnValue:
    """Change name, language and birthday."""
    form = ProfileForm(obj=current_user)
    if form.validate_on_submit():
        form.populate_obj(current_user)
        db.session.commit()
        session["lang"] = current_user.locale
        flash(_("Your profile is saved."), "success")
        return redirect(url_for("account.profile"))
    return render_template("account/profile.html", form=form)


@bp.route("/privacy", methods=["GET", "POST"])
@login_required
def privacy() -> ResponseReturnValue:
    """Choose what personal data may be used for; nothing ticked is a refusal."""
    form = ConsentForm(data={"purposes": sorted(current_user.consents or ())})
    if form.validate_on_submit():
        current_user.choose(frozenset(form.purposes.data))
        db.session.commit()
        flash(_("Your choice is recorded."), "success")
        return redirect(url_for("account.privacy"))
    return render_template("account/privacy.html", form=form)


def _mine() -> Select[Order]:
    mine = (Order.user_id == current_user.id, Order.state.not_in(NOT_PLACED))
    return select(Order).where(*mine).order_by(Order.placed_at.desc())
