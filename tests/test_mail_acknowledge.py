"""Orders are acknowledged where the shop asks for it: live ones, once, never the past."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from flask import Flask

from grc_core.mail.ledger import messages


def sent(app: Flask) -> list[Any]:
    return [item for item in messages(app.extensions["grc"].database) if "order" in item.template]


def test_it_is_off_by_default(mini: Any) -> None:
    app = mini.make_app()
    app.test_client().post("/checkout", data={"email": "ann@example.com"})
    assert sent(app) == []


def test_a_live_order_is_acknowledged_once(mini: Any) -> None:
    mini.shop.acknowledge = True
    app = mini.make_app()
    app.test_client().post("/checkout", data={"email": "ann@example.com"})
    app.extensions["grc"].runner.wake(frozenset({"orders"}))
    (message,) = sent(app)
    assert (message.state, message.address) == ("kept", "ann@example.com")
    assert message.subject == "We have received your order 1"


def test_a_customer_is_written_to_in_their_language(mini: Any) -> None:
    mini.shop.acknowledge = True
    app = mini.make_app()
    mini.sign_up("zoe", locale="fr-CA", name="Zoé")
    client = app.test_client()
    client.post("/sign-in/zoe")
    client.post("/checkout")
    (message,) = sent(app)
    assert (message.locale, message.address) == ("fr", "zoe@example.com")


def test_the_past_is_never_acknowledged(mini: Any, long_ago: datetime) -> None:
    mini.shop.acknowledge = True
    mini.place(email="ann@example.com", placed_at=long_ago)
    app = mini.make_app()
    mini.place(email="ann@example.com", placed_at=long_ago)
    app.extensions["grc"].runner.wake(frozenset({"orders"}))
    app.test_cli_runner().invoke(args=["grc", "backfill"])
    assert sent(app) == []


def test_an_order_found_days_later_is_not(mini: Any, clock: Any) -> None:
    mini.shop.acknowledge = True
    app = mini.make_app()
    app.extensions["grc"].set_clock(clock)
    mini.place(email="ann@example.com", placed_at=datetime.now(UTC) + timedelta(minutes=1))
    clock.forward(days=2)
    app.extensions["grc"].runner.wake(frozenset({"orders"}))
    assert sent(app) == []


def test_switched_on_later_it_begins_with_the_next_order(mini: Any) -> None:
    app = mini.make_app()
    client = app.test_client()
    client.post("/checkout", data={"email": "ann@example.com"})
    mini.shop.acknowledge = True
    app.extensions["grc"].runner.wake(frozenset({"orders"}))
    client.post("/checkout", data={"email": "ann@example.com"})
    assert [item.key for item in sent(app)] == ["core:order_received 2"]


def test_an_order_cancelled_at_once_or_gone_is_not(mini: Any) -> None:
    mini.shop.acknowledge = True
    app = mini.make_app()
    mini.place(email="ann@example.com", state="cancelled")
    order = mini.place(email="ann@example.com")
    grc = app.extensions["grc"]
    grc.intake.pull(frozenset({"orders"}))
    del mini.orders[order.id]
    grc.drain()
    assert sent(app) == []


def test_an_order_without_an_address_is_refused_and_shown(mini: Any) -> None:
    mini.shop.acknowledge = True
    app = mini.make_app()
    app.test_client().post("/checkout")
    (message,) = sent(app)
    assert (message.state, message.reason) == ("refused", "no address is known")
