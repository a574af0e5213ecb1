"""Payment on a page of Stripe: a real SDK, a real socket, and every way that it ends."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from shop import create_app
from shop import fulfilment
from shop import stripe_checkout
from shop.extensions import db
from shop.models import Order
from shop.models import Product
from shop.testing import Browser
from shop.testing import settings
from stripe_server import LocalStripe
from stripe_server.payments import create_refund

BY_CARD = {"method": "card"}


@pytest.fixture
def stripe() -> Iterator[LocalStripe]:
    with LocalStripe() as found:
        yield found


@pytest.fixture
def app(seeded: Path, tmp_path: Path, stripe: LocalStripe) -> Iterator[Flask]:
    """Return a shop with a key, without GRC."""
    shutil.copy(seeded, tmp_path / "shop.sqlite")
    keys = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": stripe.url}
    app = create_app({**settings(tmp_path / "shop.sqlite"), **keys})
    yield app
    with app.app_context():
        db.engine.dispose()


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
    stripe.mishaps.plan("500", "POST /v1/checkout/sessions", times=3)
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
        order = db.session.scalars(select(Order).where(Order.state == "awaiting")).one()
        order.updated_at -= 2 * stripe_checkout.OPEN_FOR
        db.session.commit()
    said = app.test_cli_runner().invoke(args=["shop", "payments"]).output
    assert "1 orders were looked after" in said
    assert newest(app)[1:] == ("abandoned", 0, before)
