"""What is asked of Stripe: thin events, orders that only it knows, missed events, coupons."""

from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from grc_core import Cart
from grc_core import Customer
from grc_core import Offer
from grc_core import Order
from grc_core import Plugin
from grc_core import hookimpl
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe.models import EventRow
from grc_core.integrations.stripe.remarks import worded
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from stripe_server import LocalStripe
from stripe_server.checkout import create_session
from stripe_server.payments import create_refund
from stripe_server.server import SECRET
from stripe_server.webhooks import thin

from .stripe_events import send

pytestmark = pytest.mark.grc_databases("sqlite")


class Seller(Plugin):
    """Offers ten percent for a code, and keeps the orders that it hears of."""

    name = "seller"
    percent = 10

    def __init__(self) -> None:
        self.orders: list[Order] = []

    @hookimpl
    def offers(self, cart: Cart, customer: Customer | None, codes: Any) -> Iterable[Offer]:
        del cart, customer
        return [Offer(code, percent=self.percent, code=code) for code in codes if code == "TEN"]

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.orders.append(order)


@pytest.fixture
def stripe() -> Iterator[LocalStripe]:
    with LocalStripe() as found:
        yield found


@pytest.fixture
def app(mini: MiniShop, stripe: LocalStripe) -> ShopApp:
    """Return an app of a shop that keeps no orders: Stripe is their only trace."""
    del mini.shop.functions["orders"]
    keys = {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": stripe.url}
    return mini.make_app([Stripe, Seller], STRIPE_WEBHOOK_SECRET=SECRET, **keys)


def seller(app: Flask) -> Seller:
    found = app.extensions["grc"].tables.find("seller").plugin
    assert isinstance(found, Seller)
    return found


def pay(stripe: LocalStripe) -> None:
    """Buy two balls of 12.50."""
    product = {"name": "Ball", "metadata": {"product_id": "1"}}
    price = {"currency": "cad", "unit_amount": "1250", "product_data": product}
    metadata = {"order_id": "A", "customer_id": "ana"}
    session = create_session(stripe.store, {
        "mode": "payment", "line_items": [{"quantity": "2", "price_data": price}],
        "success_url": "http://127.0.0.1/", "customer_email": "ana@example.com",
        "metadata": metadata, "payment_intent_data": {"metadata": metadata},
    }, stripe.url)  # fmt: skip
    stripe.pay(session["id"])


def test_a_thin_event_is_completed_and_the_order_read_from_stripe(
    app: ShopApp, stripe: LocalStripe
) -> None:
    pay(stripe)
    event = stripe.store.all("event", type="payment_intent.succeeded")[0]
    send(app, thin(event))
    app.drain()
    [order] = seller(app).orders
    assert (order.id, order.customer_id, order.email) == ("A", "ana", "ana@example.com")
    assert [(line.product_id, line.quantity) for line in order.lines] == [("1", 2)]
    assert order.total is not None
    assert order.total.amount == 2500


def test_a_refund_is_traced_to_its_order_unless_that_is_another_shops(
    app: ShopApp, stripe: LocalStripe
) -> None:
    pay(stripe)
    charge = stripe.store.all("charge")[0]
    charge["metadata"] = {}
    create_refund(stripe.store, {"charge": charge["id"]})
    event = stripe.store.all("event", type="refund.created")[0]
    app.config["STRIPE_SHOP"] = "north"
    intent = stripe.store.get("payment_intent", charge["payment_intent"])
    for shop, said in (("south", "it is of the shop south"), ("north", "")):
        intent["metadata"]["shop"] = shop
        send(app, {**event, "id": f"evt_{shop}"})
        app.drain()
        [row] = app.rows(select(EventRow).where(EventRow.id == f"evt_{shop}"))
        assert said in worded(row.note)
        assert row.order_id == ("A" if shop == "north" else None)


def test_events_that_never_came_are_fetched(app: ShopApp, stripe: LocalStripe) -> None:
    pay(stripe)
    assert "4 events had not come" in app.flask("grc", "stripe", "replay", "--missed", "2")
    assert "0 events had not come" in app.flask("grc", "stripe", "replay", "--missed", "2")
    app.drain()
    assert [order.id for order in seller(app).orders] == ["A"]
    assert {row.state for row in app.rows(EventRow)} == {"done", "passed over"}


def test_a_code_is_mirrored_once_and_anew_when_its_terms_change(
    app: ShopApp, stripe: LocalStripe
) -> None:
    for said in ("TEN: mirrored", "TEN: unchanged"):
        assert said in app.flask("grc", "stripe", "mirror", "TEN")
    seller(app).percent = 15
    assert "TEN: changed" in app.flask("grc", "stripe", "mirror", "TEN")
    codes = stripe.store.all("promotion_code", code="TEN")
    assert [code["active"] for code in codes] == [True, False]
    newest = stripe.store.get("coupon", codes[0]["promotion"]["coupon"])
    assert newest["percent_off"] == 15
    with pytest.raises(AssertionError, match="no plugin knows the code 'NONE'"):
        app.flask("grc", "stripe", "mirror", "NONE")
