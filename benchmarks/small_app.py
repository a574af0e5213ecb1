"""The smallest shop there is, in memory, and apps made of it."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import Engine

from grc_core import GRC
from grc_core import Cart
from grc_core import CartLine
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Plugin
from grc_core import Shop
from grc_core.runtime import Runtime

_LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
_PARAGRAPH = "<p>" + "Plain words of a page that somebody reads. " * 9 + "</p>\n"
Engines = Callable[[], Engine] | None
#: A page of about 20 KB, with and without room for slots.
_HEAD = '<!doctype html><html lang="en"><head><title>Page</title></head><body><main>\n'
_TAIL = "</main></body></html>"


class Orders:
    """Orders 1 … `count`, made when they are asked for; the first `past` are two years old."""

    def __init__(self, past: int = 0) -> None:
        self.past = past
        self.count = past

    def stream(self, after: int | None = None) -> Iterator[Order]:
        """Yield orders from a cursor on."""
        return (self.order(number) for number in range(after or 1, self.count + 1))

    def order(self, number: int) -> Order:
        """Return an order of two lines."""
        old = number <= self.past
        placed = _LONG_AGO + timedelta(seconds=30 * number) if old else datetime.now(UTC)
        return Order(
            str(number),
            (
                OrderLine(str(number % 97), 1, Money(1250, "CAD")),
                OrderLine(str(number % 89), 2, Money(400, "CAD")),
            ),
            placed,
            "placed",
            number,
            customer_id=str(number),
            email=f"{number}@example.com",
            total=Money(2050, "CAD"),
            currency="CAD",
        )


def page_of(middle: str = "") -> str:
    """Return a page of 20 KB around something."""
    return _HEAD + _PARAGRAPH * 25 + middle + _PARAGRAPH * 25 + _TAIL


def small_app(
    folder: Path,
    plugins: Sequence[type[Plugin] | str] | None,
    orders: Orders | None = None,
    *,
    engine: Engines = None,
    url: str | None = None,
    **config: Any,
) -> Flask:
    """Return the shop as an app; `plugins=None` leaves GRC out."""
    orders = orders or Orders()
    app = Flask("small", instance_path=str(folder))
    app.config.update(
        SECRET_KEY="a key for benchmarks",
        GRC_SETTLE=0,
        GRC_DATABASE_URL=url or f"sqlite:///{folder}/grc.sqlite3",
        **config,
    )
    _add_views(app, orders)
    if plugins is not None:
        GRC(_adapter(orders), plugins=plugins, engine=engine).init_app(app)
        result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
        if result.exit_code:
            raise RuntimeError(result.output) from result.exception
    return app


def rooms(app: Flask) -> Runtime:
    """Return GRC's rooms in an app."""
    found: Runtime = app.extensions["grc"]
    return found


def _adapter(orders: Orders) -> Shop:
    shop = Shop(currency="CAD", locales=("en", "fr"))

    @shop.orders
    def found(
        *, after: int | None = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterator[Order]:
        if id is not None:
            return iter([orders.order(int(id))])
        return iter(()) if customer_id is not None else orders.stream(after)

    @shop.cart
    def cart() -> Cart:
        from flask import request

        number = (request.view_args or {}).get("number", 1)
        return Cart("cart", [CartLine("1", number, Money(1250, "CAD"))])

    shop.on("visit", endpoints="product", product="number")
    shop.on("cart", endpoints="add")
    shop.on("order", endpoints="place")
    return shop


def _add_views(app: Flask, orders: Orders) -> None:
    page = page_of()
    app.add_url_rule("/", "home", lambda: page)
    app.add_url_rule("/product/<int:number>", "product", lambda number: page)
    app.add_url_rule("/add/<int:number>", "add", lambda number: page, methods=["POST"])

    def place() -> str:
        orders.count += 1
        return page

    app.add_url_rule("/place", "place", place, methods=["POST"])
