"""What an adapter's function leaves out of its arguments, GRC sees to."""

from typing import Any

import pytest
from flask import Flask

from grc_core import Customer
from grc_core import Order
from grc_core import OrderLine
from grc_core import Shop
from grc_core.adapter import Adapter

LINES = [OrderLine("1", 1, 5)]  # type: ignore[arg-type]
ORDERS = [
    Order(str(id), LINES, "2026-01-01T00:00:00Z", "placed", cursor, owner)  # type: ignore[arg-type]
    for id, cursor, owner in ((3, 30, "ann"), (1, 10, "bob"), (2, 20, "ann"))
]


def _nothing() -> Any:
    return iter(ORDERS)


def _only_after(*, after: Any = None) -> Any:
    return sorted(ORDERS, key=lambda order: order.cursor)[0 if after is None else after // 10 - 1 :]


def _only_ids(id: str | None = None, customer_id: str | None = None) -> Any:
    wanted = {"id": id, "customer_id": customer_id}.items()
    return [item for item in ORDERS if all(v in (None, getattr(item, k)) for k, v in wanted)]


@pytest.mark.parametrize("function", [_nothing, _only_after, _only_ids])
def test_orders_are_sorted_and_narrowed_down_whatever_the_function_takes(function: Any) -> None:
    shop = Shop(currency="CAD")
    shop.orders(function)
    adapter = Adapter(Flask("shop"), shop, None)
    assert [order.id for order in adapter.orders()] == ["1", "2", "3"]
    assert [order.id for order in adapter.orders(after=20)] == ["2", "3"]
    assert [order.id for order in adapter.orders_of("ann")] in (["2", "3"], ["3", "2"])
    found = adapter.order_by_id("2")
    assert found is not None
    assert found.id == "2"
    assert adapter.order_by_id("9") is None


def test_a_function_that_takes_everything_is_left_as_it_is() -> None:
    shop = Shop(currency="CAD")

    def customers(**wanted: Any) -> list[Customer]:
        return [Customer("1", cursor=1)]

    shop.customers(customers)
    assert shop.functions["customers"] is customers


@pytest.mark.parametrize("answer", [None, "text", 7])
def test_nonsense_is_complained_of_as_ever(answer: Any) -> None:
    shop = Shop(currency="CAD")
    shop.orders(lambda: answer)
    adapter = Adapter(Flask("shop"), shop, None)
    assert adapter.order_by_id("1") is None
    assert "@shop.orders returned" in adapter.problems.last[0].message
