"""What the adapter gets wrong, and what the database refuses: nothing is lost, no page breaks."""

import logging
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from grc_core import Customer
from grc_core import Order
from grc_core import OrderLine
from grc_core import Plugin
from grc_core import hookimpl
from grc_core.storage.engine import Database


class Listener(Plugin):
    """Remember orders."""

    name = "listener"

    def __init__(self) -> None:
        self.seen: list[str] = []

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.seen.append(order.id)


def seen(app: Any) -> list[str]:
    found: list[str] = app.extensions["grc"].tables.find("listener").plugin.seen
    return found


def pull(app: Any) -> None:
    app.extensions["grc"].runner.wake(frozenset({"orders", "customers"}))


@pytest.mark.parametrize("answer", [None, 7, "orders", {"id": 1}, [None], [{"id": 1}]])
def test_nonsense_from_the_adapter_is_logged_and_the_page_is_served(
    mini: Any, answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = mini.make_app([Listener])
    mini.shop.orders(lambda *, after=None, id=None, customer_id=None: answer)
    assert app.test_client().post("/checkout").status_code == 302
    assert "@shop.orders" in caplog.text
    assert seen(app) == []


def test_an_adapter_that_raises_is_logged_once_a_minute(
    mini: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = mini.make_app([Listener])

    @mini.shop.orders  # type: ignore[untyped-decorator]
    def orders(*, after: Any = None, id: Any = None, customer_id: Any = None) -> Any:
        raise RuntimeError("the database is away")

    client = app.test_client()
    with caplog.at_level(logging.ERROR, "grc"):
        for _ in range(3):
            assert client.post("/checkout").status_code == 302
    assert caplog.text.count("shop adapter: @shop.orders") == 1
    problems = app.extensions["grc"].adapter.problems.last
    assert problems[-1].message == "RuntimeError: the database is away"


def test_what_came_before_the_break_is_kept_and_the_rest_comes_later(mini: Any) -> None:
    app = mini.make_app([Listener])
    whole = mini.shop.functions["orders"]
    for _ in range(4):
        mini.place()

    @mini.shop.orders  # type: ignore[untyped-decorator]
    def orders(*, after: Any = None, id: Any = None, customer_id: Any = None) -> Iterator[Order]:
        found = whole(after=after, id=id, customer_id=customer_id)
        for number, order in enumerate(found):
            if id is None and number == 2:
                raise RuntimeError("connection lost")
            yield order

    pull(app)
    assert seen(app) == ["1", "2"]
    mini.shop.orders(whole)
    pull(app)
    assert seen(app) == ["1", "2", "3", "4"]


def test_an_unreadable_order_does_not_hold_the_others_and_is_read_when_mended(mini: Any) -> None:
    app = mini.make_app([Listener])
    runtime = app.extensions["grc"]
    mini.place()
    mini.place(state="lost in space")
    mini.place()
    pull(app)
    assert seen(app) == ["1", "3"]
    mini.orders["2"] = mini.orders["2"].replace(state="placed")
    now = runtime.clock()
    runtime.set_clock(lambda: now + timedelta(hours=2))
    runtime.intake.reread()
    runtime.drain()
    assert seen(app) == ["1", "3", "2"]


@pytest.mark.parametrize(
    "changes",
    [{"currency": "XXY"}, {"lines": [OrderLine("1", 1, float("nan"))]}],  # type: ignore[arg-type]
)
def test_unreadable_money_is_named(
    mini: Any, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    app = mini.make_app([Listener])
    mini.place(**changes)
    pull(app)
    assert seen(app) == []
    assert "ConversionError" in caplog.text


def test_floats_and_naive_times_are_converted(mini: Any) -> None:
    app = mini.make_app([Listener])
    naive = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=2)
    mini.place(lines=[OrderLine(5, 2, 9.99)], placed_at=naive)  # type: ignore[arg-type]
    pull(app)
    assert seen(app) == ["1"]


def test_an_order_without_lines_or_too_young_waits(mini: Any) -> None:
    app = mini.make_app([Listener], GRC_SETTLE=5)
    runtime = app.extensions["grc"]
    start = datetime.now(UTC) + timedelta(seconds=1)
    runtime.set_clock(lambda: start)
    mini.place(placed_at=start)
    mini.place(placed_at=start, lines=())
    pull(app)
    assert seen(app) == []
    runtime.set_clock(lambda: start + timedelta(seconds=6))
    pull(app)
    assert seen(app) == ["1"]
    mini.orders["2"] = mini.orders["2"].replace(lines=mini.orders["1"].lines)
    pull(app)
    assert seen(app) == ["1", "2"]


def test_an_order_from_a_clock_ahead_does_not_wait_for_hours(mini: Any) -> None:
    app = mini.make_app([Listener], GRC_SETTLE=5)
    mini.place(placed_at=datetime.now(UTC) + timedelta(hours=4))
    pull(app)
    assert seen(app) == ["1"]


def test_a_locked_or_full_database_costs_nothing_but_time(
    mini: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = mini.make_app([Listener])
    client = app.test_client()
    client.get("/")

    def full(self: Database) -> Any:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", full)
        assert client.post("/checkout").status_code == 302
    assert "could not be recorded" in caplog.text
    assert seen(app) == []
    pull(app)
    assert seen(app) == ["1"]


def test_before_the_upgrade_pages_are_served_and_orders_kept_for_later(mini: Any) -> None:
    app = mini.make_app([Listener], upgrade=False)
    assert app.test_client().get("/").status_code == 200
    assert app.test_client().post("/checkout").status_code == 302
    assert seen(app) == []


def test_unsorted_cursors_lose_nothing(mini: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grc_core.intake.pages.PAGE", 3)
    app = mini.make_app([Listener])
    for cursor in (5, 3, 9, 1, 7, 2, 8):
        mini.place(cursor=cursor)
    sorted_orders = mini.shop.functions["orders"]

    @mini.shop.orders  # type: ignore[untyped-decorator]
    def orders(*, after: Any = None, id: Any = None, customer_id: Any = None) -> Any:
        found = sorted_orders(after=after, id=id, customer_id=customer_id)
        return sorted(found, key=lambda order: order.id)

    pull(app)
    assert sorted(seen(app)) == [str(number) for number in range(1, 8)]


def test_many_orders_with_one_cursor_end(mini: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grc_core.intake.pages.PAGE", 3)
    app = mini.make_app([Listener])
    for _ in range(10):
        mini.place(cursor=5)
    pull(app)
    assert len(seen(app)) == 10


def test_orders_without_cursors_are_followed(mini: Any) -> None:
    app = mini.make_app([Listener])

    @mini.shop.orders  # type: ignore[untyped-decorator]
    def orders(*, after: Any = None, id: Any = None, customer_id: Any = None) -> Any:
        assert after is None
        found = [order.replace(cursor=None) for order in mini.orders.values()]
        return [order for order in found if id in (None, order.id)]

    for _ in range(3):
        mini.place()
        pull(app)
    assert seen(app) == ["1", "2", "3"]


def test_a_customer_that_cannot_be_read_is_nobody(mini: Any) -> None:
    app = mini.make_app([Listener])
    mini.shop.customer(lambda: Customer(None))  # type: ignore[arg-type]
    client = app.test_client()
    client.post("/add/1")
    assert client.get("/cart").status_code == 200


def test_an_order_from_a_wrong_clock_is_still_the_past_at_the_first_start(mini: Any) -> None:
    mini.place(placed_at=datetime.now(UTC) + timedelta(hours=4))
    app = mini.make_app([Listener])
    pull(app)
    assert seen(app) == []
