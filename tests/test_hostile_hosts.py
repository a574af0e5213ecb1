"""What an attacker's review found in the events' half, each held by a test."""

import os
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from grc_core import Cart
from grc_core import CartLine
from grc_core import ConversionError
from grc_core import Customer
from grc_core import Money
from grc_core import Offer
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderPlaced
from grc_core import Plugin
from grc_core import Tracking
from grc_core import Visit
from grc_core import WrongDatabase
from grc_core import hookimpl
from grc_core.intake.cursors import position
from grc_core.intake.observe import _without_query
from grc_core.outbox.visits import Seen
from grc_core.purposes import Purpose
from grc_core.storage.engine import Database

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Listener(Plugin):
    """Remember orders and customers."""

    name = "listener"

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.visits = 0

    @hookimpl
    def on_order(self, order: Order) -> None:
        self.seen.append(order.id)

    @hookimpl
    def on_signup(self, customer: Customer) -> None:
        self.seen.append(customer.id)

    @hookimpl
    def on_visit(self, visit: Visit) -> None:
        self.visits += 1


def seen(app: Any) -> list[str]:
    found: list[str] = app.extensions["grc"].tables.find("listener").plugin.seen
    return found


def pull(app: Any) -> None:
    app.extensions["grc"].runner.wake(frozenset({"orders", "customers"}))


def endless() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["self"] = found
    return found


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "a\ud800@example.com"},
        {"email": "a\0@example.com"},
        {"tracking": [Tracking("9\udfff")]},
        {"lines": [OrderLine("1", 1, 10**30)]},  # type: ignore[arg-type]
    ],
)
def test_a_value_that_cannot_be_stored_does_not_block_the_next(
    mini: Any, changes: dict[str, Any]
) -> None:
    app = mini.make_app([Listener])
    mini.place(**changes)
    mini.place()
    mini.sign_up("bad", attributes=endless())
    mini.sign_up("good")
    pull(app)
    assert seen(app) == ["2", "good"]


def test_money_beyond_every_database_is_refused() -> None:
    with pytest.raises(ConversionError, match="more than can be stored"):
        Money(2**63, "CAD")


def test_emit_never_fails_the_shop_s_page(
    mini: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = mini.make_app([Listener], upgrade=False)
    with app.app_context():
        mini.grc.emit(OrderPlaced(mini.place()))
    assert "flask grc db upgrade" in caplog.text
    app = mini.make_app([Listener])

    def locked(self: Database) -> Any:
        raise OperationalError("BEGIN", {}, Exception("database is locked"))

    with app.app_context(), monkeypatch.context() as patch:
        app.extensions["grc"].ready()
        patch.setattr(Database, "write", locked)
        mini.grc.emit(OrderPlaced(mini.place()))
    assert "could not be recorded" in caplog.text
    pull(app)
    assert "2" in seen(app)


def test_an_own_key_does_not_make_a_second_event_of_one_order(mini: Any) -> None:
    app = mini.make_app([Listener])
    order = mini.place()
    with app.app_context():
        mini.grc.emit(OrderPlaced(order), key="mine")
    pull(app)
    assert seen(app) == ["1"]


def test_an_engine_with_one_connection_for_all_is_refused(mini: Any) -> None:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    app = mini.make_app([Listener], engine=lambda: engine, upgrade=False)
    with pytest.raises(WrongDatabase, match="use a file"):
        app.extensions["grc"].database.engine  # noqa: B018
    assert app.test_client().get("/").status_code == 200
    result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
    assert result.exit_code != 0
    assert "use a file" in result.output
    engine.dispose()


@pytest.mark.parametrize("answer", [5, ["text"], [None], "text", [Offer("good", percent=5), 7]])
def test_nonsense_offers_do_not_fail_the_cart(mini: Any, answer: Any) -> None:
    class Odd(Plugin):
        name = "odd"

        @hookimpl
        def offers(self) -> Any:
            return answer

    app = mini.make_app([Odd])
    cart = Cart("1", [CartLine("1", 1, Money(500, "CAD"))])
    with app.app_context():
        assert mini.grc.price(cart).total == Money(500, "CAD")


def test_a_plugin_that_exits_is_a_plugin_that_fails(mini: Any) -> None:
    class Exit(Plugin):
        name = "exit"

        @hookimpl
        def on_order(self, order: Order) -> None:
            raise SystemExit(1)

        @hookimpl
        def offers(self) -> Any:
            raise SystemExit(1)

    app = mini.make_app([Exit, Listener])
    mini.place()
    pull(app)
    assert seen(app) == ["1"]
    with app.app_context():
        mini.grc.price(Cart("1", [CartLine("1", 1, Money(500, "CAD"))]))


@pytest.mark.parametrize(
    ("answer", "roles"),
    [
        (True, {"owner"}),
        (False, set()),
        ("admin", {"admin"}),
        (["a", "b"], {"a", "b"}),
        (1, set()),
        (object(), set()),
        ([1], set()),
        (None, set()),
    ],
)
def test_roles_are_read_strictly(mini: Any, answer: Any, roles: set[str]) -> None:
    app = mini.make_app([])
    mini.shop.staff(lambda: answer)
    with app.test_request_context():
        assert app.extensions["grc"].adapter.staff() == roles


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://user:secret@example.com:8443/a?q=1#x", "https://example.com:8443/a"),
        ("http://[x", None),
        ("javascript:alert(1)", None),
        ("https://example.com:99999/", None),
        ("", None),
    ],
)
def test_a_referrer_keeps_no_secret_and_never_fails(referrer: str, kept: str | None) -> None:
    assert _without_query(referrer) == kept


def test_a_forked_child_leaves_the_visits_to_its_parent(mini: Any) -> None:
    app = mini.make_app([Listener], GRC_RUNNER="thread")
    runtime = app.extensions["grc"]
    runtime.refresh()
    visit = Seen(Visit("/"), None, Purpose.NECESSARY, datetime.now(UTC))
    runtime.visits.add(visit)
    runtime.visits._pid = os.getpid() - 1  # as a child sees it
    runtime.visits.add(visit)
    assert runtime.visits.flush() == 1


def test_a_young_order_always_in_sight_does_not_hold_the_position(mini: Any) -> None:
    app = mini.make_app([Listener], GRC_SETTLE=5, GRC_OVERLAP=60)
    runtime = app.extensions["grc"]
    now = datetime.now(UTC) + timedelta(seconds=5)
    for _ in range(20):
        now += timedelta(minutes=2)
        runtime.set_clock(lambda now=now: now)
        mini.place(placed_at=now - timedelta(seconds=60), cursor=now.isoformat())
        mini.place(placed_at=now - timedelta(seconds=1), cursor=(now + timedelta(1)).isoformat())
        pull(app)
        mini.orders.popitem()
    with runtime.database.read() as connection:
        known, cursor = position(connection, "orders", now)
    assert known
    assert cursor is not None


def test_an_order_committed_late_during_the_first_reading_is_found(
    mini: Any, long_ago: datetime
) -> None:
    updated = datetime.now(UTC) + timedelta(seconds=2)
    mini.place(placed_at=long_ago, cursor=updated)
    app = mini.make_app([Listener])
    mini.place(cursor=updated - timedelta(seconds=1))
    pull(app)
    assert seen(app) == ["2"]


def test_settings_stay_in_force_while_the_database_cannot_be_read(
    mini: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = mini.make_app([])
    settings = app.extensions["grc"].settings
    settings.store("core", {"widgets": {"a.b": {"x": {"hidden": True}}}})
    assert settings.stored("core")
    monkeypatch.setattr(settings._counters, "value", lambda name: 99)
    monkeypatch.setattr(Database, "read", lambda self: 1 / 0)
    assert settings.stored("core")
