"""Counts follow the shop's orders: each once, and what is given back is subtracted."""

from typing import Any

import pytest

from grc_core import Money
from grc_core import OrderLine
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


def test_a_partial_refund_leaves_the_counts(app: ShopApp) -> None:
    kept = order(app, "1", "2")
    app.mini.change(kept, refunded=Money(100, "CAD"))
    app.flask("grc", "sync")
    app.drain()
    assert pairs(app) == {("1", "2"): 1}


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
