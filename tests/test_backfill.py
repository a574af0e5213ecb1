"""The past of a shop, for plugins that ask for it."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import Customer
from grc_core import Event
from grc_core import Order
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core.errors import GRCError
from grc_core.intake.backfill import Backfilled
from grc_core.storage.models import DeliveryRow

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


class Model(grc_core.Model, plugin="historian"): ...


class Page(Model):
    order_id: Mapped[str] = mapped_column(primary_key=True)
    historical: Mapped[bool]


class Historian(Plugin):
    """Keep the past and the present apart."""

    name, models = "historian", Model

    @hookimpl(history=True)
    def on_order(self, order: Order, event: Event) -> None:
        self.session.add(Page(order_id=order.id, historical=event.historical))


class Sender(Plugin):
    """Send something for each order, and never for the past."""

    name = "sender"
    sent: list[str]

    def __init__(self) -> None:
        self.sent = []

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.sent.append(order.id)


def past(mini: Any, number: int, at: datetime) -> None:
    for _ in range(number):
        mini.place(placed_at=at)


def run(app: Any, plugin: str | None = None) -> list[Backfilled]:
    with app.app_context():
        found = app.extensions["grc"].backfill.run(plugin, lambda label, count: None)
    return [item for item in found if item.plugin != "core"]


def pages(app: Any) -> dict[str, bool]:
    with app.extensions["grc"].database.read() as connection:
        rows = connection.execute(select(Page.order_id, Page.historical))
        return dict(tuple(row) for row in rows)


def test_the_past_comes_once_and_only_to_who_asks(mini: Any, long_ago: datetime) -> None:
    past(mini, 5, long_ago)
    app = mini.make_app([Historian, Sender])
    assert run(app) == [Backfilled("historian", "on_order", 5)]
    assert run(app) == [Backfilled("historian", "on_order", 0)]
    assert pages(app) == dict.fromkeys(["1", "2", "3", "4", "5"], True)
    mini.place()
    app.extensions["grc"].runner.wake(frozenset({"orders"}))
    assert pages(app)["6"] is False
    assert app.extensions["grc"].tables.find("sender").plugin.sent == ["6"]


def test_a_plugin_installed_later_gets_what_lies_before_it(mini: Any) -> None:
    mini.make_app([Sender], GRC_DATABASE_URL=mini.databases.url("one"))
    before = datetime.now(UTC) - timedelta(seconds=5)
    mini.place(placed_at=before)
    app = mini.make_app([Sender, Historian], GRC_DATABASE_URL=mini.databases.url("one"))
    assert run(app, "historian") == [Backfilled("historian", "on_order", 1)]


def test_an_interrupted_backfill_goes_on_where_it_was(
    mini: Any, long_ago: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grc_core.intake.pages.PAGE", 2)
    past(mini, 7, long_ago)
    app = mini.make_app([Historian])
    chunks: list[int] = []

    def interrupt(label: str, count: int) -> None:
        chunks.append(count)
        if len(chunks) == 2:
            raise KeyboardInterrupt

    with app.app_context(), pytest.raises(KeyboardInterrupt):
        app.extensions["grc"].backfill.run("historian", interrupt)
    assert 0 < len(pages(app)) < 7
    run(app)
    assert len(pages(app)) == 7


def test_what_a_plugin_fails_on_is_retried_like_a_live_event(mini: Any, long_ago: datetime) -> None:
    broken = [True]

    class Moody(Historian):
        name = "moody"
        models = None

        @hookimpl(history=True)
        def on_order(self, order: Order, event: Event) -> None:
            if broken[0] and order.id == "2":
                raise RuntimeError("not that one")
            seen.append((order.id, event.historical))

    seen: list[tuple[str, bool]] = []
    past(mini, 3, long_ago)
    app = mini.make_app([Moody])
    assert run(app) == [Backfilled("moody", "on_order", 2, failed=1)]
    broken[0] = False
    app.extensions["grc"].drain()
    assert sorted(seen) == [("1", True), ("2", True), ("3", True)]


def test_consent_holds_for_the_past_too(mini: Any, long_ago: datetime) -> None:
    class Marketer(Sender):
        name = "marketer"

        @hookimpl(history=True, needs=Purpose.MARKETING)
        def on_order(self, order: Order) -> None:
            self.sent.append(order.id)

    mini.sign_up("yes", consents=Purpose.MARKETING, created_at=long_ago)
    mini.sign_up("no", created_at=long_ago)
    mini.place("yes", placed_at=long_ago)
    mini.place("no", placed_at=long_ago)
    mini.place(placed_at=long_ago)
    app = mini.make_app([Marketer])
    run(app)
    assert app.extensions["grc"].tables.find("marketer").plugin.sent == ["1"]


def test_sign_ups_have_a_past_too(mini: Any, long_ago: datetime) -> None:
    class Greeter(Sender):
        name = "greeter"

        @hookimpl(history=True)
        def on_signup(self, customer: Customer) -> None:
            self.sent.append(customer.id)

    mini.sign_up("ann", created_at=long_ago)
    app = mini.make_app([Greeter])
    run(app)
    assert app.extensions["grc"].tables.find("greeter").plugin.sent == ["ann"]


def test_the_past_makes_no_deliveries(mini: Any, long_ago: datetime) -> None:
    past(mini, 4, long_ago)
    app = mini.make_app([Historian])
    run(app)
    with app.extensions["grc"].database.read() as connection:
        assert connection.scalar(select(func.count()).select_from(DeliveryRow)) == 0


def test_an_unknown_plugin_names_the_nearest(mini: Any) -> None:
    app = mini.make_app([Historian])
    with pytest.raises(GRCError, match="did you mean 'historian'"):
        run(app, "historiann")
