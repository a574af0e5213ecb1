"""Counts follow the shop's orders: each once, and what is given back is subtracted."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest

from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderRefunded
from grc_core import Purpose
from grc_core import Subject
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_recommendations import Recommendations
from grc_recommendations import counting
from grc_recommendations.tables import Basket
from grc_recommendations.tables import Pair
from grc_recommendations.tables import Sold


@pytest.fixture
def app(grc_shop: MiniShop) -> ShopApp:
    for n in range(3, 60):
        grc_shop.stock(str(n), f"Product {n}", 1000)
    return grc_shop.make_app([Recommendations], GRC_DEBUG=True)


def sold(app: ShopApp) -> dict[str, int]:
    return {row.product_id: row.orders for row in app.rows(Sold) if row.orders}


def pairs(app: ShopApp) -> dict[tuple[str, str], int]:
    return {(row.one, row.other): row.orders for row in app.rows(Pair) if row.orders}


def order(app: ShopApp, *products: str, who: str | None = None, **more: Any) -> str:
    lines = [OrderLine(id, more.pop("quantity", 1), Money(1000, "CAD")) for id in products]
    placed = app.mini.place(who, lines=lines, email=None if who else "g@example.com", **more)
    app.flask("grc", "sync")
    app.drain()
    return placed.id


def test_an_order_counts_its_products_and_their_pairs(app: ShopApp) -> None:
    order(app, "3", "1", "2")
    order(app, "2", "1")
    assert sold(app) == {"1": 2, "2": 2, "3": 1}
    assert pairs(app) == {("1", "2"): 2, ("1", "3"): 1, ("2", "3"): 1}


def test_the_same_order_delivered_twice_counts_once(app: ShopApp) -> None:
    id = order(app, "1", "2")
    app.flask("grc", "backfill", "recommendations")
    app.flask("grc", "backfill", "recommendations")
    assert [row.order_id for row in app.rows(Basket)] == [id]
    assert pairs(app) == {("1", "2"): 1}


def test_lines_of_the_same_product_count_once_and_negative_quantities_not_at_all(
    app: ShopApp,
) -> None:
    order(app, "1", "1", "2")
    order(app, "4", "5", quantity=-2)
    assert sold(app)["1"] == 1
    assert "4" not in sold(app)
    assert pairs(app)["1", "2"] == 1


@pytest.mark.parametrize("state", ["cancelled", "refunded"])
def test_an_order_given_back_is_subtracted(app: ShopApp, state: str) -> None:
    order(app, "1", "2")
    gone = order(app, "1", "2", "3")
    app.mini.change(gone, state=state, refunded=Money(3000, "CAD"))
    app.flask("grc", "sync")
    app.drain()
    assert pairs(app) == {("1", "2"): 1}
    assert sold(app) == {"1": 1, "2": 1}


def refund(app: ShopApp, id: str, cents: int) -> None:
    app.mini.change(id, refunded=Money(cents, "CAD"))
    app.flask("grc", "sync")
    app.drain()


def test_a_partial_refund_subtracts_the_products_that_its_sum_names(app: ShopApp) -> None:
    app.mini.stock("dear", "Dear", 7700)
    at = [OrderLine("1", 1, Money(1000, "CAD")), OrderLine("2", 2, Money(1000, "CAD"))]
    lines = [*at, OrderLine("dear", 1, Money(7700, "CAD"))]
    id = app.mini.place(None, lines=lines, email="g@example.com").id
    app.flask("grc", "sync")
    app.drain()
    refund(app, id, 100)  # a gesture
    assert sold(app) == {"1": 1, "2": 1, "dear": 1}
    refund(app, id, 7700)
    assert pairs(app) == {("1", "2"): 1}
    refund(app, id, 8700)
    assert sold(app) == {"2": 1}
    refund(app, id, 10_700)  # all of it, in a third part
    assert (sold(app), app.rows(Basket)) == ({}, [])


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, ["a", "b", "c"]), (500, ["a", "b"]), (700, None), (1100, ["c"]), (1600, []), (900, [])],
)
def test_what_was_kept_is_told_by_the_sum_where_one_choice_is_worth_it(
    given: int | None, kept: list[str] | None
) -> None:
    worth = {"a": 400, "b": 700, "c": 500} if given != 700 else {"a": 200, "b": 700, "c": 500}
    lines = [OrderLine(id, 1, Money(cents, "CAD")) for id, cents in worth.items()]
    total = Money(900 if given == 900 else sum(worth.values()), "CAD")
    order = Order("1", lines, datetime.now(UTC), "paid", 1, total=total,
                  refunded=Money(given, "CAD") if given else None)  # fmt: skip
    assert counting.kept_of(order) == kept


def test_a_refund_that_failed_is_counted_again(app: ShopApp) -> None:
    id = order(app, "1", "2")
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    back = replace(app.mini.orders[id], state="refunded", refunded=Money(2000, "CAD"))
    kept = replace(back, state="paid", refunded=None)
    for now, left in ((back, {}), (kept, {"1": 1, "2": 1})):
        with app.app_context(), plugin.grc.writing():
            plugin.on_refund(OrderRefunded(now, Money(2000, "CAD"), "x"))
        assert sold(app) == left


def test_an_order_of_500_lines_is_counted_with_a_bounded_number_of_pairs(app: ShopApp) -> None:
    order(app, *[str(n) for n in range(1, 60)] * 9)
    assert len(sold(app)) == 59
    assert len(pairs(app)) == counting.PAIRED * (counting.PAIRED - 1) // 2


def test_a_person_stands_beside_an_order_only_with_consent(app: ShopApp) -> None:
    app.mini.sign_up("ann", consents=Purpose.PERSONALISATION)
    app.mini.sign_up("bob", consents=Purpose.NECESSARY)
    ids = {who: order(app, "1", "2", who=who) for who in ("ann", "bob", None)}
    people = {row.order_id: row.person for row in app.rows(Basket)}
    assert people == {ids["ann"]: "customer:ann", ids["bob"]: None, ids[None]: None}


def test_who_is_erased_leaves_the_counts_by_subtraction(app: ShopApp) -> None:
    app.mini.sign_up("ann", consents=Purpose.PERSONALISATION)
    order(app, "1", "2", who="ann")
    order(app, "1", "2")
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    with app.app_context(), plugin.grc.writing():
        assert plugin.erase_personal_data(Subject("customer", "ann")) == 1
    assert pairs(app) == {("1", "2"): 1}
    assert [row.person for row in app.rows(Basket)] == [None]


def test_live_counts_name_companions_before_any_training(app: ShopApp) -> None:
    for _ in range(3):
        order(app, "1", "2")
    order(app, "1", "9")
    plugin = app.extensions["grc"].tables.find("recommendations").plugin
    with plugin.grc.reading():
        found = counting.companions(plugin.session, ["1", "9", "unknown"])
        assert found["1"] == [("2", 3), ("9", 1)]
        assert found["9"][0] == ("1", 1)
        assert found["unknown"] == []
