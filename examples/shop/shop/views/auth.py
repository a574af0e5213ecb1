"""Signing up, in and out."""

from flask import Blueprint
from flask import flash
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_login import login_user
from flask_login import logout_user
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from .. import cart
from .. import throttle
from ..extensions import db
from ..forms.auth import LoginForm
from ..forms.auth import SignUpForm
from ..locale import current
from ..models import User
from ..safety import local_path

bp = Blueprint("auth", __name__)


@bp.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> ResponseReturnValue:
    """Open an account and sign in."""
    if current_user.is_authenticated:
        return redirect(url_for("account.index"))
    form = SignUpForm(data={"email": request.args.get("email", "")})
    if form.validate_on_submit() and (user := _create(form)):
        login_user(user)
        flash(_("Welcome, %(name)s! Your account is open.", name=user.first_name), "success")
        return redirect(_next())
    return render_template("auth/sign_up.html", form=form)


@bp.route("/login", methods=["GET", "POST"])
def login() -> ResponseReturnValue:
    """Sign in."""
    if current_user.is_authenticated:
        return redirect(_next())
    form = LoginForm()
    if form.validate_on_submit():
        tries = throttle.sign_in(form.email.data.lower())
        if throttle.exceeded(tries):
            return _too_many(form)
        user = db.session.scalar(select(User).where(User.email == form.email.data.lower()))
        if user and user.check_password(form.password.data):
            session.setdefault("lang", user.locale)
            login_user(user, remember=form.remember.data)
            return redirect(_next())
        throttle.record(tries)
        db.session.commit()
        form.password.errors = [_("Address or password is wrong.")]
    return render_template("auth/login.html", form=form)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    """Sign out and leave nothing personal in the browser."""
    logout_user()
    cart.clear()
    session.pop("checkout", None)
    flash(_("You are signed out."), "success")
    return redirect(url_for("home.index"))


def _too_many(form: LoginForm) -> ResponseReturnValue:
    form.password.errors = [_("Too many attempts. Please wait a quarter of an hour.")]
    page = render_template("auth/login.html", form=form)
    return page, 429, {"Retry-After": "900"}


def _create(form: SignUpForm) -> User | None:
    user = User(
        email=form.email.data.lower(),
        first_name=form.first_name.data,
        last_name=form.last_name.data,
        locale=current(),
    )
    user.set_password(form.password.data)
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:  # The same address signed up in another window just now.
        db.session.rollback()
        form.email.errors = [_("There is already an account with this address. Sign in?")]
        return None
    return user


def _next() -> str:
    return local_path(request.args.get("next"), url_for("account.index"))
