"""Payment on a page of Stripe: a real SDK, a real socket, and every way that it ends."""

import shutil
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from stripe import HTTPClient

from grc_loyalty.options import Options
from shop import create_app
from shop import fulfilment
from shop import stripe_checkout
from shop import throttle
from shop.cart import Item
from shop.discounts import Reduction
from shop.extensions import db
from shop.models import Attempt
from shop.models import Order
from shop.models import Product
from shop.testing import Browser
from shop.testing import settings
from stripe_server import LocalStripe
from stripe_server.payments import create_refund
from stripe_server.payments import fail_refund

BY_CARD = {"method": "card"}
_COPIED = ("cart_id", "email", "locale", "state", "subtotal", "shipping_price", "tax_total",
           "total", "shipping_method", "payment_method", "ship_name", "ship_line1", "ship_city",
           "ship_postcode", "ship_country")  # fmt: skip


@pytest.fixture(scope="module")
def server() -> Iterator[LocalStripe]:
    with LocalStripe() as found:
        yield found


@pytest.fixture(scope="module")
def shop(
    seeded: Path, tmp_path_factory: pytest.TempPathFactory, server: LocalStripe
) -> Iterator[Flask]:
    """Return a shop with a key, without GRC."""
    folder = tmp_path_factory.mktemp("stripe")
    path = folder / "shop.sqlite"
    shutil.copy(seeded, path)
    keys = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": server.url}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_INSTANCE", str(folder / "instance"))
        app = create_app({**settings(path), **keys})
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def stripe(server: LocalStripe, monkeypatch: pytest.MonkeyPatch) -> LocalStripe:
    """Return a Stripe where nothing has happened, asked again without a pause."""
    server.clear()
    monkeypatch.setattr(HTTPClient, "INITIAL_DELAY", 0)
    monkeypatch.setattr(HTTPClient, "MAX_DELAY", 0)
    return server


@pytest.fixture
def app(shop: Flask, stripe: LocalStripe) -> Flask:
    with shop.app_context():
        db.session.execute(delete(Attempt))
        db.session.commit()
    return shop


def newest(app: Flask) -> tuple[str, str, int, int]:
    """Return id, state and refunds of the last order, and the stock of its product."""
    with app.app_context():
        order = db.session.scalars(select(Order).order_by(Order.id.desc()).limit(1)).one()
        stock = db.session.get_one(Product, 1).stock
        return order.public_id, order.state, order.refunded, stock


def leave_for_stripe(browser: Browser) -> str:
    """Order product 1 by card; return where the browser is sent."""
    browser.post("/cart/add/1")
    browser.to_payment()
    answer = browser.post("/checkout/payment", BY_CARD)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def test_an_order_waits_until_it_is_paid(app: Flask, browser: Browser, stripe: LocalStripe) -> None:
    where = leave_for_stripe(browser)
    order_id, state, _, _ = newest(app)
    assert (where.startswith(stripe.url), state) == (True, "awaiting")
    assert "waiting for your payment" in browser.text(f"/checkout/paid/{order_id}")
    assert browser.get(f"/checkout/done/{order_id}").location.endswith(f"/paid/{order_id}")
    session = stripe.pay(where.rpartition("/")[2])
    with app.app_context():
        order = db.session.scalars(select(Order).where(Order.public_id == order_id)).one()
        assert session["amount_total"] == order.total
    done = browser.get(f"/checkout/paid/{order_id}")
    assert done.location == f"/checkout/done/{order_id}"
    assert newest(app)[1] == "paid"
    assert browser.get("/checkout").location == "/cart"  # since it is empty


def test_who_turns_back_is_charged_nothing(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    before = newest(app)[3]
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    assert newest(app)[3] == before - 1
    assert browser.get(f"/checkout/unpaid/{order_id}").location == "/checkout/payment"
    assert newest(app)[1:] == ("abandoned", 0, before)
    with pytest.raises(Exception, match="expired"):
        stripe.pay(where.rpartition("/")[2])
    assert browser.get(f"/checkout/paid/{order_id}").location == "/cart"


def test_stripe_down_during_checkout_charges_nothing_twice(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    stripe.mishaps.plan("500", "POST /v1/checkout/sessions", times=2)
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    assert where.endswith(f"/checkout/pay/{order_id}")
    assert browser.get(where).status_code == 503
    again = browser.post(f"/checkout/pay/{order_id}")
    once_more = browser.post(f"/checkout/pay/{order_id}")
    assert again.location == once_more.location
    assert len(stripe.store.all("checkout.session")) == 1
    stripe.pay(again.location.rpartition("/")[2])
    assert browser.get(f"/checkout/paid/{order_id}").location.endswith(f"/done/{order_id}")
    assert len(stripe.store.all("charge", status="succeeded")) == 1


def test_an_earlier_page_cannot_be_paid_once_there_is_another(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    leave_for_stripe(browser)
    first = newest(app)[0]
    answer = browser.post("/checkout/payment", BY_CARD)
    assert answer.location.startswith(stripe.url)
    states = [session["status"] for session in stripe.store.all("checkout.session")]
    assert states == ["open", "expired"]
    assert newest(app)[0] != first


def test_refunds_of_both_sides_add_up(app: Flask, browser: Browser, stripe: LocalStripe) -> None:
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    stripe.pay(where.rpartition("/")[2])
    with app.test_request_context():
        order = stripe_checkout.settle(order_id)
        assert order is not None
        fulfilment.refund(order, 500, "a scratch")
        db.session.commit()
        charge = stripe.store.all("charge")[0]
        assert charge["amount_refunded"] == 500
        create_refund(stripe.store, {"charge": charge["id"], "amount": "300"})
        for _ in range(2):
            stripe_checkout.refunded_elsewhere(order_id, charge["amount_refunded"])
    assert newest(app)[1:3] == ("paid", 800)


def test_orders_that_nobody_paid_are_swept_up(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    before = newest(app)[3]
    leave_for_stripe(browser)
    with app.app_context():
        newest_first = select(Order).order_by(Order.id.desc())
        order = db.session.scalars(newest_first.limit(1)).one()
        order.updated_at -= 2 * stripe_checkout.OPEN_FOR
        db.session.commit()
    said = app.test_cli_runner().invoke(args=["shop", "payments"]).output
    assert "1 orders were looked after" in said
    assert newest(app)[1:] == ("abandoned", 0, before)


@pytest.mark.parametrize("mishap", ["hang", "late", "reset"])
def test_a_stripe_that_does_not_answer_keeps_the_order_and_charges_once(
    app: Flask,
    browser: Browser,
    stripe: LocalStripe,
    monkeypatch: pytest.MonkeyPatch,
    mishap: str,
) -> None:
    monkeypatch.setattr(stripe.mishaps, "late", 0.2)
    monkeypatch.setitem(app.config, "STRIPE_TIMEOUT", "0.05")
    stripe.mishaps.plan(mishap, "POST /v1/checkout/sessions", times=2)
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    assert where.endswith(f"/checkout/pay/{order_id}")
    assert "nothing was charged" in browser.get(where).get_data(as_text=True)
    monkeypatch.setitem(app.config, "STRIPE_TIMEOUT", "10")
    page = browser.post(f"/checkout/pay/{order_id}").location
    assert page.startswith(stripe.url)
    stripe.pay(page.rpartition("/")[2])
    stripe.mishaps.plan("500", "GET /v1/checkout/sessions", times=2)
    silent = browser.get(f"/checkout/paid/{order_id}")
    assert (silent.status_code, "does not answer" in silent.text) == (503, True)
    assert browser.get(f"/checkout/paid/{order_id}").location == f"/checkout/done/{order_id}"
    sessions, charges = (stripe.store.all(kind) for kind in ("checkout.session", "charge"))
    assert (len(sessions), len(charges)) == (1, 1)


def test_a_page_ends_before_what_is_held_and_after_that_there_is_none(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    held = timedelta(minutes=Options().load({})["hold_minutes"])
    assert timedelta(minutes=30) + stripe_checkout.TRY_FOR <= stripe_checkout.OPEN_FOR < held
    stripe.mishaps.plan("500", "POST /v1/checkout/sessions", times=2)
    leave_for_stripe(browser)
    order_id = newest(app)[0]
    with app.app_context():
        order = db.session.scalars(select(Order).where(Order.public_id == order_id)).one()
        order.placed_at -= stripe_checkout.TRY_FOR
        db.session.commit()
    assert browser.post(f"/checkout/pay/{order_id}").location == f"/checkout/paid/{order_id}"
    assert browser.get(f"/checkout/paid/{order_id}").location == "/cart"
    assert (newest(app)[1], stripe.store.all("checkout.session")) == ("abandoned", [])


def test_without_any_stripe_at_all_the_order_waits(
    app: Flask, browser: Browser, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "STRIPE_API_BASE", "http://127.0.0.1:9")
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    assert browser.get(where).status_code == 503
    assert browser.get(f"/checkout/paid/{order_id}").location == f"/checkout/pay/{order_id}"
    monkeypatch.setitem(app.config, "STRIPE_API_BASE", stripe.url)
    assert browser.post(f"/checkout/pay/{order_id}").location.startswith(stripe.url)


def test_the_button_pressed_twice_places_one_order(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    browser.post("/cart/add/1")
    browser.to_payment()
    before = newest(app)[3]
    browser.text("/checkout/payment")
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    first = browser.post("/checkout/payment", BY_CARD)
    browser.client.set_cookie("session", cookie.value)  # as if the answer never came
    second = browser.post("/checkout/payment", BY_CARD)
    assert (second.status_code, second.location) == (303, first.location)
    assert newest(app)[3] == before - 1
    assert len(stripe.store.all("checkout.session")) == 1


def test_a_cart_has_one_order_that_can_be_paid_whatever_the_cookie_says(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    browser.post("/cart/add/1")
    browser.to_payment()
    cookie = browser.client.get_cookie("session")  # from before the page of payment was seen
    assert cookie is not None
    for _ in range(3):
        browser.client.set_cookie("session", cookie.value)
        assert browser.post("/checkout/payment", BY_CARD).location.startswith(stripe.url)
    states = [session["status"] for session in stripe.store.all("checkout.session")]
    assert states == ["open", "expired", "expired"]
    with app.app_context():
        order = db.session.scalars(select(Order).where(Order.state == "awaiting").limit(1)).one()
        twin = Order(**{name: getattr(order, name) for name in _COPIED}, public_id="twin")
        db.session.add(twin)
        with pytest.raises(IntegrityError):
            db.session.commit()  # two presses in the very same moment
        db.session.rollback()


def test_a_page_of_an_order_that_was_given_up_meanwhile_is_closed(
    app: Flask, browser: Browser, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = stripe_checkout._session

    def slow(order: Order, coupon: str | None) -> object:
        fields = real(order, coupon)
        stripe_checkout.give_up(order)  # in another tab, while Stripe makes the page
        return fields

    monkeypatch.setattr(stripe_checkout, "_session", slow)
    where = leave_for_stripe(browser)
    assert "/checkout/paid/" in where
    assert browser.get(where).location == "/cart"
    assert [item["status"] for item in stripe.store.all("checkout.session")] == ["expired"]


def test_nobody_keeps_the_stock_with_payments_begun_by_a_script(
    app: Flask, browser: Browser, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.LIMITS, "awaiting", throttle.Limit(1, timedelta(hours=1)))
    leave_for_stripe(browser)
    other = Browser(app.test_client())
    other.post("/cart/add/1")
    other.to_payment()
    answer = other.post("/checkout/payment", BY_CARD)
    assert (answer.status_code, "Please try later" in answer.text) == (429, True)
    assert "/checkout/done/" in other.post("/checkout/payment", {"method": "cheque"}).location


def test_too_little_for_a_card_is_said_and_nothing_is_placed_without_payment(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_checkout, "LEAST", 10**9)
    browser.post("/cart/add/1")
    browser.to_payment()
    answer = browser.post("/checkout/payment", BY_CARD)
    assert (answer.status_code, "please choose another way" in answer.text) == (422, True)
    paid_otherwise = browser.post("/checkout/payment", {"method": "cheque"})
    assert "/checkout/done/" in paid_otherwise.location


def test_an_order_that_costs_nothing_needs_no_page_of_stripe(
    app: Flask, browser: Browser, stripe: LocalStripe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def all_of_it(items: Sequence[Item], shipping: int, country: str) -> Reduction:
        del shipping, country
        return Reduction({item.product.id: item.total for item in items}, 0)

    monkeypatch.setitem(app.extensions, "discounts", all_of_it)
    browser.post("/cart/add/1")
    browser.to_payment()
    assert "nobody asks for your card" in browser.text("/checkout/payment")
    answer = browser.post("/checkout/payment", BY_CARD)
    assert "/checkout/done/" in answer.location
    assert newest(app)[1] == "paid"
    assert stripe.requests == []


def test_another_sum_than_the_orders_is_looked_at_by_somebody(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    session = stripe.pay(where.rpartition("/")[2])
    right = session["currency"], session["amount_total"]
    session["currency"] = "usd"
    assert "We are checking your payment" in browser.text(f"/checkout/paid/{order_id}")
    assert browser.get(f"/checkout/unpaid/{order_id}").location.endswith(f"/paid/{order_id}")
    assert newest(app)[1] == "awaiting"
    session.update(currency=right[0], amount_total=50)
    with app.app_context(), pytest.raises(stripe_checkout.Doubtful, match="50 cad was paid of"):
        stripe_checkout.settle(order_id)
    session.update(amount_total=right[1])  # as if somebody had put it right
    assert browser.get(f"/checkout/paid/{order_id}").location == f"/checkout/done/{order_id}"


def test_pages_of_a_payment_show_nothing_to_others_and_nothing_unpaid(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    browser.login("claire@example.com")
    browser.get("/?lang=en")
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    stranger = Browser(app.test_client())
    for page in ("paid", "pay", "done"):
        assert stranger.get(f"/checkout/{page}/{order_id}").status_code in (302, 404)
    assert stranger.get(f"/checkout/unpaid/{order_id}").location == "/cart"
    assert newest(app)[1] == "awaiting"  # and is not cancelled by a stranger
    assert browser.get(f"/checkout/paid/{'a' * 24}").status_code == 404
    assert "waiting for your payment" in browser.text(f"/checkout/paid/{order_id}")
    stripe.pay(where.rpartition("/")[2])
    turned_back = browser.get(f"/checkout/unpaid/{order_id}")  # by the browser's own button
    assert turned_back.location == f"/checkout/paid/{order_id}"
    assert newest(app)[1] == "paid"


def test_a_refund_that_failed_is_owed_again_and_can_be_sent_again(
    app: Flask, browser: Browser, stripe: LocalStripe
) -> None:
    where = leave_for_stripe(browser)
    order_id = newest(app)[0]
    stripe.pay(where.rpartition("/")[2])
    with app.test_request_context():
        order = stripe_checkout.settle(order_id)
        assert order is not None
        whole = order.total
        fulfilment.refund(order, whole, "never sent")
        db.session.commit()
        assert order.state == "refunded"
        fail_refund(stripe.store, stripe.store.all("refund")[0]["id"])
        for _ in range(2):
            stripe_checkout.refunded_elsewhere(order_id, 0, undone=1)
        assert (order.state, order.refunded) == ("paid", 0)
        assert [item.amount for item in order.refunds] == [whole, -whole]
        fulfilment.refund(order, whole, "once more")
        db.session.commit()
    assert newest(app)[1:3] == ("refunded", whole)
    assert [item["status"] for item in stripe.store.all("refund")] == ["succeeded", "failed"]
    assert "did not arrive" in browser.text(f"/orders/{order_id}")
