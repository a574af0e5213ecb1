"""What happens in shops that were not made for GRC becomes one event each, and no more."""

import importlib
import threading
import uuid
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Shop
from grc_core.adapter import Adapter

from .embedding import APPS
from .embedding import Browser
from .embedding import Host
from .journeys import JOURNEYS

every_host = pytest.mark.parametrize("name", APPS)
ANN = {"email": "ann@example.com", "first_name": "Ann"}


def with_cart(host: Host) -> Browser:
    """Return a customer of the factory's with something in the cart."""
    visitor = host.browser()
    visitor.get("/sign-up")
    visitor.post("/sign-up", ANN)
    visitor.get("/product/1")
    visitor.post("/order/cart/1")
    visitor.get("/order/cart")
    return visitor


@every_host
def test_each_order_sign_up_and_cart_change_is_exactly_one_event(walked: Any, name: str) -> None:
    journey, seen = JOURNEYS[name], walked(name).seen
    assert {kind: len(items) for kind, items in seen.items()} == {
        "order": journey.orders,
        "signup": journey.signups,
        "cart": journey.carts,
        "visit": journey.visits,
        "refund": 0,
    }


def test_an_order_that_was_rolled_back_is_none_and_one_before_an_error_is_one(hosts: Any) -> None:
    host = hosts("factory")
    visitor = with_cart(host)
    assert visitor.post("/order/place", {"card": "refused"}).status == 402
    assert host.seen["order"] == []
    assert visitor.post("/order/place", {"card": "mail server down"}).status == 500
    assert [order.id for order in host.seen["order"]] == ["1"]


def test_the_same_order_told_twice_is_one_event(walked: Any) -> None:
    steps = [item.step for item in walked("static_files").answers if item.status == 200]
    assert steps.count("POST /hooks/payment") == 2
    assert len(walked("static_files").seen["order"]) == 1


def test_an_order_in_the_shop_s_own_transaction_is_there_only_if_it_commits(hosts: Any) -> None:
    host = hosts("factory", shared="shop.engine")
    with_cart(host)
    models, adapter = host.import_("models"), host.import_("grc_adapter")
    with host.app.app_context():
        session = adapter.db.session
        for finish in (session.rollback, session.commit):
            row = models.Order(user_id=1, total=Decimal("12.50"))
            row.items = [models.OrderItem(product_id=1, quantity=1, price=Decimal("12.50"))]
            session.add(row)
            adapter.shop.emit(adapter.grc, row)
            finish()
    assert [order.id for order in host.seen["order"]] == ["1"]


@pytest.mark.parametrize("name", ["factory", "onefile", "documents", "cookie_cart", "rewriting"])
def test_a_sign_up_that_failed_or_came_twice_is_not_told(walked: Any, name: str) -> None:
    sign_ups = {"factory": "/sign-up", "onefile": "/register", "cookie_cart": "/signup"}
    path = sign_ups.get(name, "/join")
    tried = [item for item in walked(name).answers if item.step == f"POST {path}"]
    assert len(tried) >= 2
    assert len(walked(name).seen["signup"]) == 1


@every_host
def test_ids_are_text_and_money_is_exact_whatever_the_shop_has(walked: Any, name: str) -> None:
    seen = walked(name).seen
    currency = walked(name).host.runtime.shop.currency
    for order in seen["order"]:
        assert type(order.id) is str
        assert type(order.total) is Money
        assert order.total.currency == currency
        assert order.total.amount == sum(
            line.unit_price.amount * line.quantity for line in order.lines
        )
        assert all(type(line.product_id) is str for line in order.lines)
    for customer in seen["signup"]:
        assert type(customer.id) is str


@pytest.mark.parametrize("id", [7, uuid.UUID(int=7), "roses/red", "é ?#"])
@pytest.mark.parametrize("price", [12.5, Decimal("12.50"), 12.5 + 1e-12, "12.5"])
def test_any_type_of_id_and_of_money_is_made_exact(id: Any, price: Any) -> None:
    shop = Shop(currency="CAD")
    line = OrderLine(id, 1, price)
    shop.orders(lambda **wanted: [Order(id, [line], "2026-01-01T00:00:00Z", "placed", 1)])
    (order,) = Adapter(Flask("any"), shop, None).orders()
    assert isinstance(order, Order)
    assert order.id == str(id)
    assert order.lines[0].unit_price == Money(1250, "CAD")


def test_what_was_in_the_cart_before_signing_in_is_in_it_after(walked: Any) -> None:
    first, *_ = walked("cookie_cart").seen["cart"]
    assert [(line.product_id, line.quantity) for line in first.cart.lines] == [("kenya", 3)]
    assert first.cart.id == "1"


def test_four_workers_on_one_sqlite_file_lose_and_double_nothing(hosts: Any) -> None:
    host = hosts("cookie_cart")
    visitors = []
    for number in range(4):
        visitor = host.browser()
        visitor.post("/signup", {"username": f"u{number}", "email": f"u{number}@example.com"})
        visitor.post("/login", {"username": f"u{number}"})
        visitors.append(visitor)
    statuses: list[int] = []

    def shop(visitor: Browser) -> None:
        for _ in range(3):
            visitor.post("/carts/add/kenya")
            statuses.append(visitor.post("/order").status)

    workers = [threading.Thread(target=shop, args=(visitor,)) for visitor in visitors]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert statuses == [302] * 12
    assert sorted(int(order.id) for order in host.seen["order"]) == list(range(1, 13))


def test_a_half_done_change_of_the_shop_is_not_committed_by_grc(hosts: Any) -> None:
    host = hosts("factory", shared="shop.engine")
    with_cart(host)
    models, db = host.import_("models"), host.import_("extensions").db
    with host.app.app_context():
        db.session.get(models.User, 1).first_name = "HALF DONE"
        host.runtime.settings.store("core", {"widgets": {}})
        db.session.rollback()
        names = db.session.scalars(text('select first_name from "user"')).all()
    assert names == ["Ann"]
    assert host.runtime.settings.stored("core") == {"widgets": {}}


def test_an_order_s_state_that_changes_is_told_though_its_times_never_do(hosts: Any) -> None:
    host = hosts("rewriting")
    visitor = host.browser()
    visitor.post("/join", {"mail": "ann@example.com"})
    visitor.post("/tea/1", {"grams": "50"})
    visitor.post("/sale")
    assert len(host.seen["order"]) == 1
    with host.app.app_context(), importlib.import_module(host.module).database() as db, db:
        db.execute("update sale set status = 'cancelled'")
    later = datetime.now(UTC) + timedelta(hours=2)
    host.runtime.set_clock(lambda: later)
    host.runtime.intake.reread()
    assert [(item.order.id, item.reason) for item in host.seen["refund"]] == [("1", "cancelled")]
