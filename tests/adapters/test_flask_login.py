"""The ready-made adapter for Flask-Login knows who is signed in, whatever a stranger is."""

from typing import Any

import pytest
from flask import Flask
from flask_login import AnonymousUserMixin
from flask_login import LoginManager
from flask_login import UserMixin
from flask_login import login_user

from grc_core import Customer
from grc_core import Shop
from grc_core.hosts.flask_login import login


class Member(UserMixin):
    def __init__(self, **fields: Any) -> None:
        self.id = 7
        vars(self).update(fields)


class Bare:
    """Nothing of what Flask-Login expects, but an id."""

    def get_id(self) -> str:
        return "10000000001"


class LikeAMember(UserMixin):
    """A stranger who says to be active, and so authenticated."""

    id = "stranger"
    name = "Guest"


class Old:
    """Methods where Flask-Login has attributes since 0.3."""

    def is_authenticated(self) -> bool:
        return False

    def is_anonymous(self) -> bool:
        return True


def app_with(anonymous: Any) -> Flask:
    app = Flask("shop")
    app.secret_key = "k"
    manager = LoginManager(app)
    manager.anonymous_user = anonymous
    manager.user_loader(lambda id: None)
    return app


@pytest.mark.parametrize("anonymous", [AnonymousUserMixin, Bare, LikeAMember, Old, lambda: None])
def test_a_stranger_is_nobody_whatever_the_shop_makes_of_one(anonymous: Any) -> None:
    shop = login(Shop(currency="CAD"), staff="is_staff")
    with app_with(anonymous).test_request_context():
        assert shop.functions["customer"]() is None
        assert shop.functions["staff"]() is False


def test_outside_of_a_request_nobody_is_signed_in() -> None:
    shop = login(Shop(currency="CAD"))
    with app_with(AnonymousUserMixin).app_context():
        assert shop.functions["customer"]() is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email": "a@b.ca", "name": "Ann"}, ("a@b.ca", "Ann")),
        ({"email_address": "a@b.ca", "username": "ann"}, ("a@b.ca", "ann")),
        ({}, (None, None)),
    ],
)
def test_who_is_signed_in_is_verified_and_found_under_the_usual_names(
    fields: dict[str, str], expected: tuple[str | None, str | None]
) -> None:
    shop = login(Shop(currency="CAD"))
    with app_with(AnonymousUserMixin).test_request_context():
        login_user(Member(**fields))
        customer = shop.functions["customer"]()
    assert (customer.id, customer.verified) == ("7", True)
    assert (customer.email, customer.name) == expected


def test_the_shop_may_say_how_a_user_is_read_and_who_is_staff() -> None:
    shop = login(
        Shop(currency="CAD"),
        lambda user: Customer(f"c{user.id}", verified=False),
        staff=lambda user: {"support"} if user.helps else False,
    )
    with app_with(AnonymousUserMixin).test_request_context():
        login_user(Member(helps=True))
        assert shop.functions["customer"]() == Customer("c7", verified=True)
        assert shop.functions["staff"]() == {"support"}


@pytest.mark.parametrize(("staff", "is_staff"), [("boss", False), (("boss", "clerk"), True)])
def test_staff_are_known_by_one_attribute_or_by_any_of_several(staff: Any, is_staff: bool) -> None:
    shop = login(Shop(currency="CAD"), staff=staff)
    with app_with(AnonymousUserMixin).test_request_context():
        login_user(Member(clerk=True))
        assert shop.functions["staff"]() is is_staff
