"""Who is signed in, and who may enter where."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Flask
from flask import abort
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from .extensions import db
from .extensions import login_manager
from .models import Order
from .models import User

P = ParamSpec("P")


def init_app(app: Flask) -> None:
    """Tie the login manager to the app."""
    login_manager.init_app(app)
    login_manager.login_view = "auth.login"
    login_manager.login_message = _l("Please sign in to see this page.")
    login_manager.login_message_category = "info"


@login_manager.user_loader
def _load(user_id: str) -> User | None:
    return db.session.get(User, int(user_id)) if user_id.isdecimal() else None


def staff_required(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Let only the staff into a view."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return login_manager.unauthorized()
        if not current_user.is_staff:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def may_see(order: Order) -> bool:
    """Tell whether this visitor may see an order; a guest's order opens to who knows its id."""
    if order.user_id is None:
        return True
    return current_user.is_authenticated and (
        current_user.id == order.user_id or current_user.is_staff
    )
