"""What Stripe's events do, whichever way they come: orders, holds, refunds, disputes."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import select

from grc_core import Event
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderRefunded
from grc_core import Plugin
from grc_core import Subject
from grc_core import hookimpl
from grc_core.integrations.stripe import Payment
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe import payment_changed
from grc_core.integrations.stripe.models import EventRow
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_loyalty import Loyalty
from grc_loyalty.models import Account
from grc_loyalty.models import Entry
from stripe_server.checkout import create_session
from stripe_server.checkout import expire
from stripe_server.checkout import pay
from stripe_server.payments import close_dispute
from stripe_server.payments import create_refund
from stripe_server.payments import fail_refund
from stripe_server.payments import open_dispute
from stripe_server.server import SECRET
from stripe_server.store import Thing

from .stripe_events import Events
from .stripe_events import send

pytestmark = pytest.mark.grc_databases("sqlite")
#: Each way has an app of its own.
LONG = (pytest.mark.slow, pytest.mark.timeout(900))


class Watcher(Plugin):
    """Notes what it is told."""

    name = "watcher"

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None:
        del event
        self.told.append(("order", (order.id, order.total)))

    @hookimpl
    def on_refund(self, refund: OrderRefunded) -> None:
        assert refund.order.refunded is not None
        self.told.append(("refund", refund.order.refunded.amount))

    @hookimpl
    def release(self, order_id: str) -> None:
        self.told.append(("release", order_id))


def watched(app: ShopApp) -> list[tuple[str, Any]]:
    """Return what the watcher was told."""
    found = app.extensions["grc"].tables.find("watcher").plugin
    assert isinstance(found, Watcher)
    return found.told


def bought(order_id: str = "A", cents: int = 10_000) -> Events:
    """Return the events of an order of a customer, paid in two attempts."""
    events = Events()
    price = {"currency": "cad", "unit_amount": str(cents), "product_data": {"name": "Tent"}}
    session = create_session(
        events,
        {
            "mode": "payment",
            "line_items": [{"quantity": "1", "price_data": price}],
            "success_url": "http://127.0.0.1/",
            "customer_email": "ana@example.com",
            "metadata": {"order_id": order_id, "customer_id": "ana"},
            "payment_intent_data": {"metadata": {"order_id": order_id, "page": "open"}},
        },
        "http://127.0.0.1",
    )
    with pytest.raises(Exception, match="declined"):
        pay(events, session["id"], "4000000000000002")
    pay(events, session["id"], "4242424242424242")
    return events


def refunded(events: Events, *amounts: int) -> Events:
    """Add refunds to the events."""
    intent = events.all("payment_intent")[0]["id"]
    for amount in amounts:
        create_refund(events, {"payment_intent": intent, "amount": str(amount)})
    return events


def place(mini: MiniShop) -> None:
    """Put the order A of ana, of 100.00, into the shop: after its app, else it is history."""
    mini.sign_up("ana")
    total = Money(10_000, "CAD")
    mini.place("ana", id="A", total=total, state="paid", lines=[OrderLine("2", 1, total)])


def deliver(app: ShopApp, events: Sequence[Thing]) -> None:
    send(app, *events)
    app.drain()
    app.drain()


def test_a_payment_confirms_the_order_and_refunds_add_up(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET)
    told: list[Payment] = []

    def listen(sender: Any, payment: Payment) -> None:
        del sender
        told.append(payment)

    place(mini)
    with payment_changed.connected_to(listen, app):
        deliver(app, refunded(bought(), 2500, 4000).told)
    heard = watched(app)
    assert [item for item in heard if item[0] == "order"] == [
        ("order", ("A", Money(10_000, "CAD")))
    ]
    assert max(item[1] for item in heard if item[0] == "refund") == 6500
    assert {payment.order_id for payment in told} == {"A"}
    assert (told[-1].state, told[-1].paid.amount, told[-1].refunded.amount) == (
        "paid",
        10_000,
        6500,
    )
    assert {row.state for row in app.rows(EventRow)} == {"done", "passed over"}


def test_an_order_that_only_stripe_knows_is_told_of(mini: MiniShop) -> None:
    del mini.shop.functions["orders"]
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET)
    deliver(app, bought().told)
    assert ("order", ("A", Money(10_000, "CAD"))) in watched(app)


def test_what_was_not_paid_lets_go_and_what_was_paid_does_not(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    events = bought()
    failed = events.of("payment_intent.payment_failed")
    deliver(app, [failed])
    assert watched(app) == []  # another card may pay on the same page, with what is held
    pageless = {**failed["data"]["object"], "metadata": {"order_id": "A"}}
    deliver(app, [{**failed, "id": "evt_pageless", "data": {"object": pageless}}])
    assert watched(app) == [("release", "A")]
    watched(app).clear()
    ended = {**failed, "type": "payment_intent.canceled"}
    deliver(app, [{**ended, "id": "evt_end"}])
    assert watched(app) == [("release", "A")]
    watched(app).clear()
    deliver(app, [events.of("payment_intent.succeeded")])
    deliver(app, [{**ended, "id": "evt_late"}])
    assert ("release", "A") not in watched(app)


def test_a_session_that_expired_lets_go(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET)
    events = Events()
    price = {"currency": "cad", "unit_amount": "900", "product_data": {"name": "Ball"}}
    session = create_session(events, {
        "mode": "payment", "line_items": [{"quantity": "1", "price_data": price}],
        "success_url": "http://127.0.0.1/", "metadata": {"order_id": "B"},
    }, "http://127.0.0.1")  # fmt: skip
    expire(events, session["id"])
    deliver(app, events.told)
    assert watched(app) == [("release", "B")]


def test_an_event_before_its_order_waits_for_it(mini: MiniShop) -> None:
    app = mini.make_app([Stripe, Watcher], STRIPE_WEBHOOK_SECRET=SECRET)
    events = refunded(bought(), 2500)
    deliver(app, events.told)
    assert watched(app) == []
    assert "the shop has no order A" in app.flask("grc", "stripe", "status")
    place(mini)
    app.flask("grc", "sync")
    for _ in range(3):
        app.drain()
    assert ("refund", 2500) in watched(app)
    assert {row.state for row in app.rows(EventRow)} == {"done", "passed over"}


def test_a_payment_of_another_sum_and_a_second_one_are_for_review(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    deliver(app, bought(cents=9000).told)
    assert "90.00 CAD was paid of 100.00 CAD" in app.flask("grc", "stripe", "status")
    deliver(app, bought(cents=1000).told)
    assert "was paid 2 times" in app.flask("grc", "stripe", "status")


def test_a_dispute_stops_promotions_until_it_is_won(mini: MiniShop) -> None:
    app = mini.make_app([Stripe], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    events = bought()
    dispute = open_dispute(events, events.all("charge", status="succeeded")[0]["id"])
    app.flask("grc", "settings", "stripe", "alert_to=boss@example.com")
    deliver(app, events.told)
    contacts = app.extensions["grc"].contacts
    ana = contacts.of(Subject("customer", "ana"))
    assert contacts.is_suppressed(ana)
    assert [letter.to for letter in app.outbox] == ["boss@example.com"]
    assert "is disputed" in app.outbox[0].subject or "contesté" in app.outbox[0].subject
    close_dispute(events, dispute["id"], "won")
    deliver(app, [events.of("charge.dispute.closed")])
    assert not contacts.is_suppressed(ana)


def balances(mini: MiniShop, events: Sequence[Thing]) -> tuple[object, ...]:
    """Return what a customer has after some events in a new app."""
    mini.orders.clear()  # what is there before an app is history for it
    app = mini.make_app([Stripe, Loyalty], STRIPE_WEBHOOK_SECRET=SECRET)
    place(mini)
    deliver(app, events)
    accounts = sorted((row.balance, row.pending, row.debt) for row in app.rows(Account))
    points = sum(app.rows(select(Entry.points)))
    ends = {row.state for row in app.rows(EventRow)}
    app.extensions["grc"].close()
    return accounts, points, ends


def _any_way(events: Sequence[Thing], seed: int) -> list[Thing]:
    """Return the events in some order, some of them several times."""
    chance = random.Random(seed)
    found = [event for event in events for _ in range(chance.randint(1, 3))]
    chance.shuffle(found)
    return found


@pytest.mark.parametrize("ways", [2, pytest.param(200, marks=LONG)])
def test_doubled_and_reordered_webhooks_end_in_the_same_balances(mini: MiniShop, ways: int) -> None:
    half = refunded(bought(), 2500, 2500)
    whole = refunded(bought(), 2500, 2500, 5000)
    failed = refunded(bought(), 2500, 5000)
    fail_refund(failed, failed.all("refund", amount=5000)[0]["id"])
    for events, points in ((half, 50), (whole, 0), (failed, 75)):
        straight = balances(mini, events.told)
        assert straight[1] == points
        for seed in range(-(-ways // 3)):
            assert balances(mini, _any_way(events.told, seed)) == straight, seed
