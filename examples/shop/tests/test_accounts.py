"""Sign-up, login, profile, consents, and who may see what."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from sqlalchemy import select

from shop import throttle
from shop.extensions import db
from shop.models import Order
from shop.models import User
from shop.safety import local_path
from shop.testing import Browser

NEW = {
    "first_name": "Zoé",
    "last_name": "Roy",
    "email": "Zoe@example.org",
    "password": "une phrase facile",
}


def order_of(app: Flask, user_id: int | None) -> str:
    with app.app_context():
        mine = select(Order.public_id).where(Order.user_id == user_id)
        return db.session.scalars(mine.limit(1)).one()


def test_sign_up_signs_in(app: Flask, browser: Browser) -> None:
    assert browser.post("/sign-up", NEW).location == "/account"
    assert "Hello, Zoé" in browser.text("/account")
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "zoe@example.org")).one()
        assert user.check_password(NEW["password"])
        assert user.consents is None
        assert not user.is_staff


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"email": "claire@example.com"}, "already an account"),
        ({"email": "CLAIRE@example.com"}, "already an account"),
        ({"email": "zoe@"}, "does not look like an e-mail"),
        ({"password": "short"}, "10 characters"),
        ({"first_name": ""}, "Please fill in"),
    ],
)
def test_sign_up_errors_are_explained(
    browser: Browser, changes: dict[str, str], message: str
) -> None:
    answer = browser.post("/sign-up", {**NEW, **changes})
    assert answer.status_code == 200
    assert message in answer.get_data(as_text=True)
    assert browser.get("/account").status_code == 302


def test_login_and_logout(browser: Browser) -> None:
    browser.post("/cart/add/8")
    wrong = browser.login("claire@example.com", "not the password")
    assert "Address or password is wrong" in wrong.get_data(as_text=True)
    assert browser.login("claire@example.com").location == "/account"
    browser.post("/logout")
    assert unquote(browser.get("/account").location) == "/login?next=/account"
    assert "est vide" in browser.text("/cart")


def test_guessing_passwords_is_slowed_down(
    app: Flask, open_browser: Callable[[], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    thief = open_browser()
    answers = [thief.login("claire@example.com", f"guess {n}") for n in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429]
    assert answers[-1].headers["Retry-After"] == "900"
    assert "Too many attempts" in answers[-1].get_data(as_text=True)
    assert thief.login("claire@example.com").status_code == 429
    assert thief.login("CLAIRE@example.com").status_code == 429
    # Another account, from the same place, and a while later the first one again.
    assert open_browser().login("simon@example.com").status_code == 302
    later = throttle.now() + timedelta(minutes=16)
    monkeypatch.setattr(throttle, "now", lambda: later)
    assert open_browser().login("claire@example.com").status_code == 302


def test_one_place_cannot_try_every_account(browser: Browser) -> None:
    answers = [browser.login(f"user{n}@example.com", "guess") for n in range(41)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]


def test_seeded_customers_have_no_password(browser: Browser, app: Flask) -> None:
    with app.app_context():
        user = db.session.get(User, 7)
        assert user is not None
        email = user.email
    assert "is wrong" in browser.login(email, "!").get_data(as_text=True)


@pytest.mark.parametrize(
    ("target", "goes_to"),
    [
        ("/cart?x=1", "/cart?x=1"),
        ("https://evil.example", "/account"),
        ("//evil.example", "/account"),
        ("/\\evil.example", "/account"),
        ("/\t/evil.example", "/account"),
        ("javascript:alert(1)", "/account"),
        ("", "/account"),
        (None, "/account"),
    ],
)
def test_next_stays_on_this_site(target: str | None, goes_to: str) -> None:
    assert local_path(target, "/account") == goes_to


def test_login_goes_on_to_the_wanted_page(browser: Browser) -> None:
    data = {"email": "simon@example.com", "password": "nordet-demo-2026"}
    assert browser.post("/login?next=/account/orders", data).location == "/account/orders"


def test_consents_are_recorded_with_their_time(app: Flask, browser: Browser) -> None:
    browser.post("/sign-up", NEW)
    browser.post("/account/privacy", {"purposes": ["analytics", "marketing"]})
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "zoe@example.org")).one()
        assert user.consents == {"analytics", "marketing"}
        assert user.consents_at is not None
        before = user.consents_at
    browser.post("/account/privacy", {})
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == "zoe@example.org")).one()
        assert user.consents == frozenset()
        assert user.consents_at is not None
        assert user.consents_at > before
    assert "Your last choice" in browser.text("/account/privacy")


def test_unknown_purposes_are_refused(app: Flask) -> None:
    with pytest.raises(ValueError, match="unknown purposes"):
        User().choose(frozenset({"telepathy"}))


def test_profile_changes(app: Flask, browser: Browser) -> None:
    browser.post("/sign-up", NEW)
    data = {"first_name": "Zo", "last_name": "Roy", "locale": "fr", "birthday": "1990-02-28"}
    browser.post("/account/profile", data)
    assert "Bonjour, Zo" in browser.text("/account")


def test_orders_of_accounts_open_to_their_owner_only(
    app: Flask, open_browser: Callable[[], Browser]
) -> None:
    claire, simon, nobody = open_browser(), open_browser(), open_browser()
    claire.login("claire@example.com")
    simon.login("simon@example.com")
    public_id = order_of(app, 1)
    for path in (f"/orders/{public_id}", f"/checkout/done/{public_id}"):
        assert claire.get(path).status_code == 200
        assert simon.get(path).status_code == 404
        assert unquote(nobody.get(path).location) == f"/login?next={path}"
    assert simon.post(f"/cart/reorder/{public_id}").status_code == 404


def test_guest_orders_open_by_their_unguessable_id(app: Flask, browser: Browser) -> None:
    public_id = order_of(app, None)
    assert len(public_id) == 24
    assert browser.get(f"/orders/{public_id}").status_code == 200
    assert browser.get(f"/orders/{public_id[:-1]}").status_code == 404
    assert browser.get("/orders/1").status_code == 404


@pytest.mark.parametrize("path", ["/account", "/account/orders", "/account/privacy"])
def test_account_pages_ask_for_a_session(browser: Browser, path: str) -> None:
    assert unquote(browser.get(path).location) == f"/login?next={path}"
