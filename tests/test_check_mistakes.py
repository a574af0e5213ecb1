"""`flask grc check` on an adapter in which fifteen mistakes were planted names each of them."""

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint
from flask import Flask
from flask import Response
from flask import request

from grc_core import GRC
from grc_core import Customer
from grc_core import Order
from grc_core import OrderLine
from grc_core import Page
from grc_core import Plugin
from grc_core import Product
from grc_core import Shop
from grc_core import hookimpl
from grc_core import widget

_SCHEMA = """
create table customers (id integer primary key, name text, joined text);
create table products (id integer primary key, name text, price real);
create table orders (id integer primary key, status text, at text, customer integer);
insert into customers values (1, 'Ann', '2026-01-01'), (2, 'Bob', '2026-01-02'),
  (3, 'Cid', '2026-01-03');
insert into products values (1, 'Ball', 12.5), (2, 'Tee', 3), (3, 'Cap', 20), (4, 'Bag', 99),
  (5, 'Net', 45);
insert into orders values (1, 'placed', '2026-02-01T10:00', 1);
insert into orders values (2, 'placed', '2026-02-01T10:00', 1);
insert into orders values (3, 'packed', '2026-02-01T10:00', 2);
insert into orders values (4, 'refunded', '2026-02-02T10:00', 2);
"""


class Wants(Plugin):
    """Want what this shop does not have, and a slot that it placed nowhere."""

    name = "wants"
    requires = ("cart",)

    @hookimpl
    def on_order(self, order: Order) -> None:
        raise AssertionError("never called by a check")


class Shows(Plugin):
    """Fill a slot that no page has."""

    name = "shows"

    @widget("cart.below")
    def show(self, page: Page) -> str:
        return "here"


def _broken_shop(database: str) -> Shop:
    shop = Shop(currency="CAD")

    def rows(query: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(database)) as connection:
            return connection.execute(query, values).fetchall()

    @shop.customer
    def customer() -> Customer:
        return Customer(1)  # type: ignore[arg-type]

    @shop.customers
    def customers(*, after: Any = None, id: str | None = None) -> Any:
        found = rows("select * from customers where joined > ? order by joined", after or "")
        return [Customer(key, name=name, cursor=joined) for key, name, joined in found]

    @shop.products
    def products(ids: Any) -> Any:
        for id in ids:
            for row in rows("select id, name, price from products where id = ?", int(id)):
                yield Product(*row)

    @shop.catalogue
    def catalogue() -> Any:
        return [Product(*row) for row in rows("select id, name, price from products")]

    @shop.orders
    def orders(*, after: Any = None, id: Any = None, customer_id: Any = None) -> Any:
        query = "select * from orders where status <> 'refunded'"
        query = query if id is None else "select * from orders"
        for key, status, at, owner in rows(query):
            if id in (None, str(key)) and customer_id in (None, str(owner)):
                lines = [OrderLine(1, 1, 12.5)]  # type: ignore[arg-type]
                yield Order(key, lines, at, status, "2026-02-01", owner)

    shop.on("visit", endpoints="product", product="product_id")
    shop.on("cart", endpoints="shop.add", product="product_id")
    shop.place("order.thank", endpoints="shop.product")
    shop.place("account.main", endpoints="shop.product")
    return shop


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("mistakes")
    database = str(folder / "shop.sqlite3")
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(_SCHEMA)
    app = Flask("mistaken", instance_path=str(folder))
    app.config.update(
        SECRET_KEY="dev",
        SESSION_COOKIE_PATH="/shop",
        GRC_BASE_URL="https://store.example",
        GRC_DATABASE_URL=f"sqlite:///{database}",
    )
    pages = Blueprint("shop", __name__, url_prefix="/shop")
    pages.add_url_rule("/", "home", lambda: "home")
    pages.add_url_rule("/product/<int:id>", "product", lambda id: str(id))
    pages.add_url_rule("/add/<int:id>", "add", lambda id: str(id), methods=["POST"])
    pages.add_url_rule("/api/list", "list", lambda: {})
    app.register_blueprint(pages)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = "default-src 'none'; img-src 'self'"
        if request.path.startswith("/shop/api/"):
            response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    GRC(_broken_shop(database), plugins=[Wants, Shows]).init_app(app)
    app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
    result = app.test_cli_runner().invoke(args=["grc", "check", "--json"])
    text = app.test_cli_runner().invoke(args=["grc", "check"])
    threads = {thread.name for thread in threading.enumerate()}
    assert not {"grc-runner", "grc-watchdog"} & threads, "a check delivers nothing"
    app.extensions["grc"].close()
    return result.exit_code, json.loads(result.stdout), text.output, Path(database)


MISTAKES = {
    "an endpoint without its blueprint": (
        "there is no endpoint 'product' (did you mean 'shop.product', of the blueprint 'shop'?)"
    ),
    "an argument that no address has": (
        "product='product_id' stands in no address of 'shop.add'; its address has id"
    ),
    "a slot that nobody knows": "unknown slot 'order.thank' (did you mean 'order.thanks'?)",
    "a slot that nobody fills": "filled by no plugin that is on",
    "a widget that nobody placed": "filled by shows.show, and placed nowhere",
    "a plugin that the shop cannot serve": "off: the shop has no cart",
    "everybody is one customer": "every visitor would be greeted so",
    "an exclusive after": "leaves out the one at the cursor; it is inclusive",
    "an id that is passed over": "customers(id='1'): gave ['1', '2', '3'] instead of that one",
    "one query for each product": "N+1: 5 times the same query for 5 values: select id",
    "a state of the shop's own": "unknown order state 'packed'",
    "an order that the pull leaves out": "1 reachable by id= but missing from the pull, such as 4",
    "a cursor that does not move": "all 2 cursors are the same, 2026-02-01",
    "a price that is a float": "Product.price: float -> minor units of CAD",
    "an id that is a number": "Product.id: int -> text",
    "naive times": "Order.placed_at: naive datetime taken as UTC",
    "a policy that blocks GRC": (
        "send instead: Content-Security-Policy: default-src 'none'; img-src 'self'; "
        "script-src 'self'; style-src 'self'; connect-src 'self'"
    ),
    "an API that only the shop opens": "/shop/api/list is open to other origins and /grc/slots is",
    "a cookie that is not sent to GRC": "SESSION_COOKIE_PATH='/shop': below /grc nobody is signed",
    "a cookie that is sent in the clear": "SESSION_COOKIE_SECURE is off, though the shop is https",
    "a key that anybody guesses": "shorter than 16 characters",
    "a proxy that is not heeded": "X-Forwarded-Proto is passed over",
    "the shop's own SQLite file": "this SQLite file is the shop's own (it holds customers, orders",
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_named(report: Any, mistake: str) -> None:
    found = report[1]
    said = [item["message"] for item in found["findings"]]
    for part in found["parts"]:
        said += [*part["warnings"], *part["failures"], *part["converted"]]
    assert [text for text in said if MISTAKES[mistake] in text], said


def test_the_check_fails_says_so_and_changes_nothing(report: Any) -> None:
    code, found, text, database = report
    assert code == 1
    assert found["failed"] is True
    assert "Something failed; see above." in text
    assert "N+1" in text
    assert {part["name"]: part["queries"] for part in found["parts"]}["products"] == 5
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (4,)
