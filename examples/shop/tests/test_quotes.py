"""Quote requests for made-to-measure goods."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from shop.clock import now
from shop.extensions import db
from shop.models import Product
from shop.models import QuoteRequest
from shop.testing import Browser

WISH = {
    "width": "120",
    "height": "80.5",
    "depth": "",
    "quantity": "2",
    "message": "In <oak>, please.",
    "email": "Ana.Gil@example.org",
}


@pytest.fixture
def rug(app: Flask) -> int:
    with app.app_context():
        found = select(Product.id).where(Product.slug == "flatweave-rug")
        return db.session.scalars(found).one()


def newest(app: Flask) -> QuoteRequest:
    with app.app_context():
        found = select(QuoteRequest).order_by(QuoteRequest.id.desc()).limit(1)
        return db.session.scalars(found).one()


def test_a_request_is_acknowledged_and_answered(
    app: Flask, browser: Browser, staff: Browser, rug: int
) -> None:
    assert f"/p/{rug}/quote" in browser.text(f"/p/{rug}")
    answer = browser.post(f"/p/{rug}/quote", WISH)
    page = browser.text(answer.location)
    assert "your request is with our workshop" in page
    assert "120 × 80.5\N{NO-BREAK SPACE}cm" in page
    assert "In &lt;oak&gt;" in page
    wish = newest(app)
    assert (wish.width, wish.height, wish.depth, wish.quantity) == (1200, 805, None, 2)
    assert (wish.email, wish.user_id, wish.state) == ("ana.gil@example.org", None, "open")
    assert wish.number in staff.text("/staff/quotes?state=open")
    until = (now() + timedelta(days=20)).date()
    offer = {"price": "640.50", "valid_until": until.isoformat(), "answer": "Ready in March."}
    staff.post(f"/staff/quotes/{wish.id}", offer)
    page = browser.text(answer.location)
    assert "$640.50" in page
    assert "Ready in March." in page
    assert "Valid until" in page
    assert "Thank you" not in page


def test_an_expired_price_is_said(
    app: Flask, browser: Browser, staff: Browser, rug: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = browser.post(f"/p/{rug}/quote", WISH).location
    until = now().date()
    offer = {"price": "10", "valid_until": until.isoformat()}
    staff.post(f"/staff/quotes/{newest(app).id}", offer)
    later = now() + timedelta(days=2)
    monkeypatch.setattr("shop.models.requests.now", lambda: later)
    assert "Please ask again" in browser.text(location)


def test_a_request_can_be_declined(app: Flask, browser: Browser, staff: Browser, rug: int) -> None:
    location = browser.post(f"/p/{rug}/quote", WISH).location
    staff.post(f"/staff/quotes/{newest(app).id}", {"decline": "1", "answer": "Too wide."})
    page = browser.text(location)
    assert "cannot make this" in page
    assert "Too wide." in page


@pytest.mark.parametrize(
    "offer",
    [
        {"price": "10"},
        {"valid_until": "2999-01-01"},
        {"price": "0", "valid_until": "2999-01-01"},
        {"price": "10", "valid_until": "2020-01-01"},
        {"price": "much", "valid_until": "2999-01-01"},
        {"price": "NaN", "valid_until": "2999-01-01"},
    ],
)
def test_half_an_offer_is_refused(
    app: Flask, browser: Browser, staff: Browser, rug: int, offer: dict[str, str]
) -> None:
    browser.post(f"/p/{rug}/quote", WISH)
    wish = newest(app)
    assert staff.post(f"/staff/quotes/{wish.id}", offer).status_code == 422
    assert newest(app).state == "open"


@pytest.mark.parametrize(
    "changes",
    [
        {"width": "0"},
        {"width": "-3"},
        {"width": "100000"},
        {"width": "wide"},
        {"width": "NaN"},
        {"height": "Infinity"},
        {"quantity": "0"},
        {"quantity": "1.5"},
        {"email": "nobody"},
        {"message": "x" * 2_001},
    ],
)
def test_wrong_measures_are_refused(
    app: Flask, browser: Browser, rug: int, changes: dict[str, str]
) -> None:
    before = newest(app).id
    answer = browser.post(f"/p/{rug}/quote", {**WISH, **changes})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)
    assert newest(app).id == before


def test_ordinary_products_are_not_tailored(browser: Browser) -> None:
    assert browser.get("/p/1/quote").status_code == 404
    assert "/p/1/quote" not in browser.text("/p/1")


def test_programs_and_floods_leave_nothing(app: Flask, browser: Browser, rug: int) -> None:
    before = newest(app).id
    browser.post(f"/p/{rug}/quote", {**WISH, "website": "http://spam.example"})
    assert newest(app).id == before
    answers = [browser.post(f"/p/{rug}/quote", WISH).status_code for _ in range(11)]
    assert answers == [302] * 10 + [429]


def test_requests_of_accounts_open_to_their_owner(
    app: Flask, open_browser: Callable[[], Browser], staff: Browser, rug: int
) -> None:
    claire, simon, nobody = open_browser(), open_browser(), open_browser()
    claire.login("claire@example.com")
    claire.get("/?lang=en")
    simon.login("simon@example.com")
    assert 'value="claire@example.com"' in claire.text(f"/p/{rug}/quote")
    location = claire.post(f"/p/{rug}/quote", WISH).location
    assert newest(app).number in claire.text("/account/requests")
    assert staff.get(location).status_code == 200
    assert simon.get(location).status_code == 404
    assert "/login?next=" in nobody.get(location).location
    assert simon.get("/staff/quotes").status_code == 403
