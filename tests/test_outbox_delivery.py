"""What is promised of events: after commit, once, per subscriber, retried, in order."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Customer
from grc_core import Event
from grc_core import Order
from grc_core import OrderPlaced
from grc_core import OrderRefunded
from grc_core import Plugin
from grc_core import Purpose
from grc_core import ShipmentChanged
from grc_core import hookimpl
from grc_core.outbox.claim import LEASE
from grc_core.outbox.claim import MAX_ATTEMPTS
from grc_core.outbox.claim import claim
from grc_core.outbox.claim import pause_after
from grc_core.storage.models import DeliveryRow
from grc_core.storage.models import EventRow


class Model(grc_core.Model, plugin="notes"): ...


class Note(Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Notes(Plugin):
    """Note every event."""

    name, models = "notes", Model

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None:
        self.session.add(Note(text=f"order {order.id} {order.state}"))

    @hookimpl
    def on_signup(self, customer: Customer) -> None:
        self.session.add(Note(text=f"signup {customer.id}"))

    @hookimpl
    def on_refund(self, refund: OrderRefunded) -> None:
        amount = refund.amount.amount
        self.session.add(Note(text=f"refund {refund.order.id} {amount} {refund.reason}"))

    @hookimpl
    def on_shipment(self, shipment: ShipmentChanged) -> None:
        text = f"shipment {shipment.order_id} {shipment.number} {shipment.state}"
        self.session.add(Note(text=text))


def notes(app: Flask) -> list[str]:
    with app.extensions["grc"].database.read() as connection:
        return list(connection.scalars(select(Note.text).order_by(Note.id)))


def deliveries(app: Flask, subscriber: str | None = None) -> list[Any]:
    query = select(DeliveryRow.__table__).where(DeliveryRow.subscriber != "core")
    query = query.order_by(DeliveryRow.id)
    if subscriber:
        query = query.where(DeliveryRow.subscriber == subscriber)
    with app.extensions["grc"].database.read() as connection:
        return list(connection.execute(query))


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def plugin(handler: Callable[..., None], name: str = "other", **options: Any) -> type[Plugin]:
    """Return a plugin with one handler of orders."""

    def on_order(self: Plugin, order: Order, event: Event) -> None:
        handler(self, order)

    return type(name, (Plugin,), {"name": name, "on_order": hookimpl(**options)(on_order)})


def ring(app: Flask) -> None:
    app.extensions["grc"].runner.wake(frozenset({"orders", "customers"}))


def test_an_order_at_its_endpoint_is_delivered_once(mini: Any) -> None:
    app = mini.make_app([Notes])
    client = app.test_client()
    client.post("/checkout")
    client.post("/checkout")
    assert notes(app) == ["order 1 placed", "order 2 placed"]
    ring(app)
    assert len(notes(app)) == 2


def test_two_quick_orders_in_one_second_are_two(mini: Any) -> None:
    app = mini.make_app([Notes])
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)
    same = mini.cursor()
    mini.place(placed_at=at, cursor=same)
    mini.place(placed_at=at, cursor=same)
    ring(app)
    assert notes(app) == ["order 1 placed", "order 2 placed"]


def test_a_view_that_fails_after_its_commit_still_counts(mini: Any) -> None:
    app = mini.make_app([Notes], PROPAGATE_EXCEPTIONS=False)
    app.testing = False
    assert app.test_client().post("/checkout", data={"crash": "1"}).status_code == 500
    assert notes(app) == ["order 1 placed"]


def test_a_view_that_raises_through_the_server_still_counts(mini: Any) -> None:
    app = mini.make_app([Notes])
    with pytest.raises(RuntimeError, match="after the commit"):
        app.test_client().post("/checkout", data={"crash": "1"})
    assert notes(app) == ["order 1 placed"]


def test_handlers_get_the_order_as_it_is_at_delivery(mini: Any) -> None:
    app = mini.make_app([Notes])
    order = mini.place()
    app.extensions["grc"].intake.sync()
    mini.orders[order.id] = order.replace(state="paid")
    app.extensions["grc"].drain()
    assert notes(app) == ["order 1 paid"]


def test_later_changes_of_an_order_are_seen_once_each(mini: Any) -> None:
    app = mini.make_app([Notes])
    mini.place(total=grc_core.Money(5000, "CAD"))
    ring(app)
    for change in (
        {"state": "shipped", "tracking": [grc_core.Tracking("77", "Purolator")]},
        {"refunded": grc_core.Money(1000, "CAD")},
        {"state": "delivered"},
        {"refunded": grc_core.Money(2500, "CAD")},
        {"state": "refunded"},
    ):
        mini.change("1", **change)
        ring(app)
        ring(app)
    assert notes(app) == [
        "order 1 placed",
        "shipment 1 77 shipped",
        "refund 1 1000 refunded",
        "shipment 1 77 delivered",
        "refund 1 1500 refunded",
    ]


def test_a_cancellation_is_a_full_refund(mini: Any) -> None:
    app = mini.make_app([Notes])
    mini.place(total=grc_core.Money(5000, "CAD"))
    ring(app)
    mini.change("1", state="cancelled")
    ring(app)
    assert notes(app)[1:] == ["refund 1 5000 cancelled"]


def test_an_order_that_cost_nothing_is_cancelled_for_nothing_once(mini: Any) -> None:
    app = mini.make_app([Notes])
    mini.place(total=grc_core.Money(0, "CAD"))
    ring(app)
    for _ in range(2):
        mini.change("1", state="cancelled")
        ring(app)
    assert notes(app)[1:] == ["refund 1 0 cancelled"]


def test_a_change_of_an_order_from_before_is_seen(mini: Any, long_ago: datetime) -> None:
    mini.place(placed_at=long_ago, total=grc_core.Money(5000, "CAD"))
    mini.place(placed_at=long_ago, refunded=grc_core.Money(100, "CAD"))
    app = mini.make_app([Notes])
    ring(app)
    assert notes(app) == []
    mini.change("1", refunded=grc_core.Money(300, "CAD"))
    mini.change("2", state="shipped", tracking=[grc_core.Tracking("8")])
    ring(app)
    assert notes(app) == ["refund 1 300 refunded", "shipment 2 8 shipped"]


def test_the_first_start_tells_nothing_of_the_past(mini: Any, long_ago: datetime) -> None:
    for _ in range(20):
        mini.place(placed_at=long_ago)
    mini.sign_up("ann", created_at=long_ago)
    mini.sign_up("bob", created_at=None)
    app = mini.make_app([Notes])
    ring(app)
    assert notes(app) == []
    mini.sign_up("cyd", created_at=None)
    ring(app)
    assert notes(app) == ["signup cyd"]


def test_a_new_customer_is_one_sign_up_however_often_the_form_is_sent(mini: Any) -> None:
    app = mini.make_app([Notes])
    client = app.test_client()
    client.post("/sign-up", data={"id": "ann"})
    client.post("/sign-up", data={"id": "ann"})
    assert notes(app) == ["signup ann"]


def test_a_shop_whose_cart_row_becomes_the_order_loses_none(mini: Any) -> None:
    """The ids are those of carts, older and newer than what was read last."""
    app = mini.make_app([Notes])
    carts = [f"{number:03}" for number in range(20)]
    for id in [*carts[1::2], *carts[::2]]:
        mini.place(id=id)
        ring(app)
    assert sorted(notes(app)) == sorted(f"order {id} placed" for id in carts)


def test_hint_pull_and_emit_of_one_order_are_one_event(mini: Any) -> None:
    app = mini.make_app([Notes])
    order = mini.place()
    with app.app_context():
        mini.grc.emit(OrderPlaced(order))
        mini.grc.emit(OrderPlaced(order))
    ring(app)
    ring(app)
    assert notes(app) == ["order 1 placed"]


def test_a_failing_plugin_delays_nobody_and_is_retried_alone(
    mini: Any, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[str] = []

    def fail(self: Plugin, order: Order) -> None:
        attempts.append(order.id)
        raise RuntimeError("down")

    app = mini.make_app([Notes, plugin(fail, "faulty")])
    runtime = app.extensions["grc"]
    runtime.set_clock(clock)
    mini.place()
    mini.place()
    ring(app)
    assert notes(app) == ["order 1 placed", "order 2 placed"]
    assert set(attempts) == {"1", "2"}
    assert "plugin faulty failed on on_order" in caplog.text
    assert [row.attempts for row in deliveries(app, "faulty")] == [1, 1]
    attempts.clear()
    runtime.drain()
    assert attempts == []
    clock.forward(minutes=1)
    runtime.drain()
    assert attempts == ["1", "2"]
    assert len(notes(app)) == 2


def test_a_delivery_that_never_works_ends_among_the_dead(mini: Any, clock: Clock) -> None:
    def fail(self: Plugin, order: Order) -> None:
        raise RuntimeError("down for good")

    app = mini.make_app([plugin(fail)])
    runtime = app.extensions["grc"]
    runtime.set_clock(clock)
    mini.place()
    ring(app)
    for _ in range(MAX_ATTEMPTS):
        clock.forward(days=1)
        runtime.drain()
    row = deliveries(app)[0]
    assert (row.state, row.attempts) == ("dead", MAX_ATTEMPTS)
    assert row.error == "RuntimeError: down for good"


def test_pauses_grow_and_are_bounded() -> None:
    assert 7 < pause_after(1) < 13
    assert 60 < pause_after(3) < 120
    assert pause_after(50) <= 6 * 3600 * 1.25


def test_what_a_failed_handler_wrote_is_undone(mini: Any) -> None:
    def write_and_fail(self: Plugin, order: Order) -> None:
        self.session.add(Note(text="half"))
        self.session.flush()
        raise RuntimeError("then")

    app = mini.make_app([Notes, plugin(write_and_fail)])
    mini.place()
    ring(app)
    assert notes(app) == ["order 1 placed"]


@pytest.mark.parametrize("way", ["commit", "rollback"])
def test_an_author_s_own_commit_or_rollback_stays_inside(mini: Any, way: str) -> None:
    def meddle(self: Plugin, order: Order) -> None:
        self.session.add(Note(text="mine"))
        getattr(self.session, way)()
        if order.id == "1":
            raise RuntimeError("after it")

    app = mini.make_app([Notes, plugin(meddle, "meddler")])
    mini.place()
    mini.place()
    ring(app)
    kept = [text for text in notes(app) if text == "mine"]
    assert len(kept) == (1 if way == "commit" else 0)
    states = [row.state for row in deliveries(app, "meddler")]
    assert states == ["pending", "done"]


def test_later_events_of_a_subject_wait_for_the_failed_one(mini: Any, clock: Clock) -> None:
    seen: list[str] = []
    broken = [True]

    def sometimes(self: Plugin, order: Order) -> None:
        if order.id == "1" and broken[0]:
            raise RuntimeError("not yet")
        seen.append(order.id)

    app = mini.make_app([plugin(sometimes)])
    runtime = app.extensions["grc"]
    runtime.set_clock(clock)
    mini.sign_up("ann")
    mini.place("ann")
    mini.place("ann")
    mini.place()
    ring(app)
    assert seen == ["3"]
    broken[0] = False
    clock.forward(minutes=1)
    runtime.drain()
    assert seen == ["3", "1", "2"]


def test_the_consent_of_then_and_of_now_are_both_needed(mini: Any) -> None:
    seen: list[str] = []
    agreed = Purpose.NECESSARY | Purpose.MARKETING

    app = mini.make_app(
        [plugin(lambda self, order: seen.append(order.id), needs=Purpose.MARKETING)]
    )
    mini.sign_up("yes", consents=agreed)
    mini.sign_up("no", consents=Purpose.NECESSARY)
    mini.sign_up("withdrew", consents=agreed)
    mini.sign_up("later", consents=Purpose.NECESSARY)
    for id in ("yes", "no", "withdrew", "later"):
        mini.place(id, id=id)
    app.extensions["grc"].intake.sync()
    mini.customers["withdrew"] = mini.customers["withdrew"].replace(consents=Purpose.NECESSARY)
    mini.customers["later"] = mini.customers["later"].replace(consents=agreed)
    app.extensions["grc"].drain()
    assert seen == ["yes"]


def test_a_lost_lease_undoes_the_effect(mini: Any) -> None:
    """A worker that was away too long finds its delivery taken; nothing of its work stays."""

    def taken_over(self: Plugin, order: Order) -> None:
        self.session.add(Note(text="late"))
        self.session.flush()
        change = DeliveryRow.__table__.update().values(owner="another")
        self.session.connection().execute(change)

    app = mini.make_app([Notes, plugin(taken_over)])
    mini.place()
    ring(app)
    assert "late" not in notes(app)
    assert [row.state for row in deliveries(app, "other")] == ["claimed"] or [
        row.state for row in deliveries(app, "other")
    ] == ["pending"]


def claimed(app: Flask, clock: Clock, owner: str) -> list[int]:
    database = app.extensions["grc"].database
    return [row.id for row in claim(database, "other", owner, clock())]


def test_an_expired_lease_is_taken_one_at_a_time(mini: Any, clock: Clock) -> None:
    app = mini.make_app([plugin(lambda self, order: None)])
    app.extensions["grc"].set_clock(clock)
    for _ in range(3):
        mini.place()
    app.extensions["grc"].intake.sync()
    assert len(claimed(app, clock, "gone")) == 3
    assert claimed(app, clock, "next") == []
    clock.now += LEASE + timedelta(seconds=1)
    assert len(claimed(app, clock, "next")) == 1


def test_a_lease_far_in_the_future_counts_as_expired(mini: Any, clock: Clock) -> None:
    app = mini.make_app([plugin(lambda self, order: None)])
    app.extensions["grc"].set_clock(clock)
    mini.place()
    app.extensions["grc"].intake.sync()
    assert len(claimed(app, clock, "gone")) == 1
    clock.forward(hours=-5)
    assert len(claimed(app, clock, "next")) == 1


def test_a_row_that_kills_its_worker_goes_dead(mini: Any, clock: Clock) -> None:
    app = mini.make_app([plugin(lambda self, order: None)])
    app.extensions["grc"].set_clock(clock)
    mini.place()
    app.extensions["grc"].intake.sync()
    for _ in range(MAX_ATTEMPTS):
        assert claimed(app, clock, "crashing")
        clock.now += LEASE + timedelta(seconds=1)
    assert claimed(app, clock, "crashing") == []
    assert deliveries(app)[0].state == "dead"


def test_an_event_is_stored_once_with_a_row_per_subscriber(mini: Any) -> None:
    app = mini.make_app([Notes, plugin(lambda self, order: None)])
    mini.place()
    ring(app)
    with app.extensions["grc"].database.read() as connection:
        events = connection.execute(select(EventRow.type, EventRow.key)).all()
    assert [tuple(row) for row in events] == [("on_order", "1")]
    assert [row.subscriber for row in deliveries(app)] == ["notes", "other"]


def test_a_batch_form_gets_orders_with_their_events(mini: Any) -> None:
    seen: list[tuple[str, str]] = []

    class Batch(Plugin):
        name = "batch"

        @hookimpl
        def on_orders(self, batch: Any) -> None:
            seen.extend((order.id, event.name) for order, event in batch)

    app = mini.make_app([Batch])
    mini.place()
    mini.place()
    ring(app)
    assert seen == [("1", "on_order"), ("2", "on_order")]


def test_deferred_work_runs_once_after_the_commit(mini: Any) -> None:
    sent: list[str] = []

    class Sender(Plugin):
        name = "sender"

        @hookimpl
        def on_order(self, order: Order) -> None:
            for _ in range(2):
                self.defer(self.send, key=order.id, to="ann")
            if order.id == "2":
                raise RuntimeError("undone with the rest")

        def send(self, to: str) -> None:
            sent.append(to)

    app = mini.make_app([Sender])
    mini.place()
    mini.place()
    ring(app)
    assert sent == ["ann"]


def test_deferred_work_waits_for_its_time(mini: Any, clock: Clock) -> None:
    sent: list[str] = []

    class Sender(Plugin):
        name = "sender"

        @hookimpl
        def on_order(self, order: Order) -> None:
            self.defer(self.send, order.id, clock.now + timedelta(hours=3), id=order.id)

        def send(self, id: str) -> None:
            sent.append(id)

    app = mini.make_app([Sender])
    runtime = app.extensions["grc"]
    runtime.set_clock(clock)
    mini.place()
    ring(app)
    assert sent == []
    clock.forward(hours=3, seconds=1)
    runtime.drain()
    assert sent == ["1"]


def test_deferred_work_that_fails_is_tried_again(mini: Any, clock: Clock) -> None:
    tries: list[int] = []

    class Sender(Plugin):
        name = "sender"

        @hookimpl
        def on_order(self, order: Order) -> None:
            self.defer(self.send, order.id)

        def send(self) -> None:
            tries.append(1)
            if len(tries) == 1:
                raise ConnectionError("no mail server")

    app = mini.make_app([Sender])
    runtime = app.extensions["grc"]
    runtime.set_clock(clock)
    mini.place()
    ring(app)
    clock.forward(minutes=1)
    runtime.drain()
    clock.forward(minutes=10)
    runtime.drain()
    assert len(tries) == 2


def test_a_plugin_s_event_reaches_another_plugin(mini: Any) -> None:
    seen: list[str] = []

    class Tracker(Plugin):
        name = "tracker"

        @hookimpl
        def on_order(self, order: Order) -> None:
            self.emit(ShipmentChanged(order.id, "9", "UPS", "shipped", late=True))

    class Sorry(Plugin):
        name = "sorry"

        @hookimpl
        def on_shipment(self, shipment: ShipmentChanged) -> None:
            seen.append(f"{shipment.number} late={shipment.late}")

    app = mini.make_app([Tracker, Sorry])
    mini.place()
    ring(app)
    assert seen == ["9 late=True"]


def test_a_batch_form_gets_what_is_due_in_one_call_and_fails_alone(mini: Any, clock: Clock) -> None:
    calls: list[list[str]] = []

    class Batch(Plugin):
        name = "batch"

        @hookimpl
        def on_orders(self, batch: Any) -> None:
            ids = [order.id for order, _ in batch]
            calls.append(ids)
            if "2" in ids:
                raise RuntimeError("poison")

    app = mini.make_app([Batch])
    runtime = app.extensions["grc"]
    runtime.set_clock(clock)
    for _ in range(3):
        mini.place()
    ring(app)
    assert calls == [["1", "2", "3"]]
    clock.forward(minutes=1)
    runtime.drain()
    assert calls[1:] == [["1"], ["2"], ["3"]]
    states = [row.state for row in deliveries(app, "batch")]
    assert states == ["done", "pending", "done"]


def test_deliveries_of_a_plugin_that_is_gone_wait_for_it(mini: Any) -> None:
    url = mini.databases.url("one")
    app = mini.make_app([Notes], GRC_DATABASE_URL=url)
    mini.place()
    app.extensions["grc"].intake.sync()
    without = mini.make_app([], GRC_DATABASE_URL=url)
    without.extensions["grc"].drain()
    assert [row.state for row in deliveries(without, "notes")] == ["pending"]
    again = mini.make_app([Notes], GRC_DATABASE_URL=url)
    again.extensions["grc"].drain()
    assert notes(again) == ["order 1 placed"]


def test_decisions_that_need_consent_are_not_asked_without(mini: Any) -> None:
    asked: list[str] = []

    class Choosy(Plugin):
        name = "choosy"

        @hookimpl(needs=Purpose.MARKETING)
        def offers(self, customer: Customer | None) -> list[grc_core.Offer]:
            asked.append(customer.id if customer else "nobody")
            return [grc_core.Offer("o", percent=10)]

    app = mini.make_app([Choosy])
    mini.sign_up("yes", consents=Purpose.MARKETING)
    mini.sign_up("no")
    cart = grc_core.Cart("1", [grc_core.CartLine("1", 2, grc_core.Money(500, "CAD"))])
    for who in ("yes", "no"):
        with app.test_request_context():
            from flask import session

            session["user"] = who
            pricing = mini.grc.price(cart)
            assert pricing.total == grc_core.Money(1000, "CAD")
            assert len(pricing.rejected) == (1 if who == "yes" else 0)
    assert asked == ["yes"]
