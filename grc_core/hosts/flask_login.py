"""Who is signed in, of a shop that uses Flask-Login: `login(shop)`.

Whatever the shop puts in the place of a stranger (a class of its own, with an id and without
half of the attributes) is a stranger here too.
"""

from collections.abc import Callable
from collections.abc import Collection
from typing import Any
from typing import TypeVar

from flask import current_app
from flask import has_request_context

from ..shop import Shop
from ..values import Customer
from .reading import Field
from .reading import read

S = TypeVar("S", bound=Shop)
#: How staff are known: the name of an attribute that is true of them, several such names, or a
#: function of the user that returns roles.
Staff = str | Collection[str] | Callable[[Any], Any]
#: Where shops keep a person's address and name, the likeliest first.
EMAILS: Field = ("email", "email_address", "mail")
NAMES: Field = ("first_name", "firstname", "name", "full_name", "username")


def login(
    shop: S, customer: Callable[[Any], Customer] | None = None, *, staff: Staff | None = None
) -> S:
    """Register `@shop.customer`, and `@shop.staff` where `staff` says how they are known.

    `customer` makes a Customer of the shop's user. Without it the id is `get_id()`, and address
    and name are looked for under the usual attributes.
    """
    make = customer or as_customer

    @shop.customer
    def signed_in() -> Customer | None:
        user = current()
        return None if user is None else make(user).replace(verified=True)

    if staff is not None:

        @shop.staff
        def roles() -> Any:
            user = current()
            return False if user is None else _roles(user, staff)

    return shop


def current() -> Any:
    """Return the user whom Flask-Login has authenticated in this request, or None."""
    from flask_login import current_user

    user = current_user._get_current_object() if has_request_context() else None
    stranger = getattr(getattr(current_app, "login_manager", None), "anonymous_user", None)
    # a stranger made from UserMixin says that it is authenticated
    if user is None or type(user) is stranger or _says(user, "is_anonymous"):
        return None
    return user if _says(user, "is_authenticated") else None


def as_customer(user: Any) -> Customer:
    """Return a user as a Customer, from the attributes that most shops have."""
    return Customer(user.get_id(), email=read(user, EMAILS), name=read(user, NAMES))


def _says(user: Any, name: str) -> bool:
    """Tell whether something is true of a user; in old code these are methods."""
    value = getattr(user, name, False)
    return bool(value() if callable(value) else value)


def _roles(user: Any, staff: Staff) -> Any:
    if callable(staff):
        return staff(user)
    names = (staff,) if isinstance(staff, str) else staff
    return any(_says(user, name) for name in names)
