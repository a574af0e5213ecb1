"""The ready-made adapter for shops that speak SQL by themselves: one query for each part."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from grc_core import Money
from grc_core.adapter import Adapter
from grc_core.adapter import Unreadable
from grc_core.hosts.sql import SQLShop
from grc_core.intake.queries import listening

_SCHEMA = """
create table person (key text primary key, mail text, born text);
create table thing (n integer primary key, label text, cents integer);
create table bag (who text, thing integer, n integer);
create table sale (n integer primary key, who text, at text, step text);
create table sale_row (sale integer, thing integer, n integer, cents integer);
insert into person values ('r007', 'ann@example.com', '2026-01-01'), ('8', null, '2026-01-02');
insert into thing values (1, 'Ball', 1250), (2, 'Tee', 300), (3, 'Cap', 2000);
insert into bag values ('r007', 1, 2), ('8', 2, 1);
"""
PARTS = {
    "customers": "select key id, mail email, born created_at, born cursor from person",
    "products": "select n id, label name, cents price from thing",
    "orders": "select n id, who customer_id, at placed_at, at cursor, step state from sale",
    "lines": "select sale order_id, thing product_id, n quantity, cents unit_price from sale_row",
    "cart": "select who customer_id, thing product_id, bag.n quantity, cents unit_price from bag"
    " join thing on thing.n = thing",
}


@pytest.fixture
def adapter(tmp_path: Path) -> Adapter:
    path = tmp_path / "shop.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.executescript(_SCHEMA)
        for n in range(1, 13):
            row = [n, "r007" if n % 2 else "8", f"2026-02-{n:02}T10:00:00Z", "neu"]
            connection.execute("insert into sale values (?, ?, ?, ?)", row)
            connection.execute("insert into sale_row values (?, 1, ?, 1250)", [n, n])
    connection.close()
    shop = SQLShop(lambda: sqlite3.connect(path), currency="CAD", cents=True,
                   states={"neu": "placed"}, **PARTS)  # fmt: skip
    me: dict[str, Any] = {}
    shop.signed_in(lambda: me.get("key"))
    found = Adapter(Flask("shop"), shop, None)
    vars(found)["me"] = me
    return found


def test_each_part_is_read_with_one_query_and_the_orders_with_two(adapter: Adapter) -> None:
    with listening() as statements:
        orders = list(adapter.orders())
    assert len(statements.found) == 2
    assert [item.id for item in orders] == [str(n) for n in range(1, 13)]
    assert orders[2].total == Money(3 * 1250, "CAD")
    with listening() as statements:
        products = adapter.products(["1", "3", "nine"])
    assert len(statements.found) == 1
    assert products["3"].price == Money(2000, "CAD")
    assert [item.id for item in adapter.catalogue()] == ["1", "2", "3"]


def test_ids_that_look_like_numbers_and_ids_that_do_not_are_both_found(adapter: Adapter) -> None:
    found = [adapter.customer_by_id(id) for id in ("r007", "8", "7", "008")]
    assert [item and item.id for item in found] == ["r007", "8", None, None]
    order = adapter.order_by_id("7")
    assert order is not None
    assert [line.quantity for line in order.lines] == [7]
    assert {item.customer_id for item in adapter.orders_of("8")} == {"8"}


def test_after_is_inclusive_and_sorted(adapter: Adapter) -> None:
    found = list(adapter.orders(after="2026-02-11T10:00:00Z"))
    assert [item.id for item in found] == ["11", "12"]
    assert [item.id for item in adapter.customers(after="2026-01-02")] == ["8"]


def test_the_customer_and_the_cart_are_those_of_who_is_signed_in(adapter: Adapter) -> None:
    assert (adapter.customer(), adapter.cart()) == (None, None)
    vars(adapter)["me"]["key"] = "r007"
    customer, cart = adapter.customer(), adapter.cart()
    assert customer is not None
    assert (customer.id, customer.verified) == ("r007", True)
    assert cart is not None
    assert [(line.product_id, line.quantity) for line in cart.lines] == [("1", 2)]
    assert cart.customer_id == "r007"
    vars(adapter)["me"]["key"] = "erased"
    assert adapter.customer() is None


def test_a_column_that_is_no_field_is_named(tmp_path: Path) -> None:
    query = "select 1 id, 'x' nam, 5 price"
    path = tmp_path / "x.sqlite3"
    shop = SQLShop(lambda: sqlite3.connect(path), currency="CAD", products=query)
    adapter = Adapter(Flask("shop"), shop, None)
    (found,) = adapter._many("products", adapter.convert.product, ["1"])
    assert isinstance(found, Unreadable)
    assert "Product has no field 'nam' (did you mean 'name'?)" in found.error


def test_a_value_cannot_become_sql(adapter: Adapter) -> None:
    assert adapter.customer_by_id("' or 1=1 --") is None
    assert adapter.products(["1) or (1=1"]) == {}


@pytest.mark.grc_databases("postgres", only=True)
def test_a_server_s_driver_is_spoken_to_in_its_own_marks(grc_databases: Any) -> None:
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    url = grc_databases.url().replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("create table person (key integer, mail text, born timestamptz)")
        connection.execute("insert into person values (7, 'ann@example.com', now())")
        connection.execute("insert into person values (8, null, now())")
    query = "select key id, mail email, born created_at, born as cursor from person"
    shop = SQLShop(lambda: psycopg.connect(url), currency="CAD", customers=query, mark="%s")
    adapter = Adapter(Flask("shop"), shop, None)
    found = list(adapter.customers())
    assert [getattr(item, "id", item) for item in found] == ["7", "8"]
    assert [item.id for item in adapter.customers(after=found[0].cursor)] == ["7", "8"]
    customer = adapter.customer_by_id("7")
    assert customer is not None
    assert customer.email == "ann@example.com"
