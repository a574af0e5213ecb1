"""A small shop with orders, accounts and one page per slot, and a mail server."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask import request
from flask import session

from grc_core import GRC
from grc_core import Address
from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Plugin
from grc_core import Product
from grc_core import Shop
from grc_core import Tracking
from grc_shipment_tracking import ShipmentTracking
from grc_shipment_tracking.checks import luhn


def purolator(serial: str) -> str:
    """Return a Purolator number for eleven digits."""
    return serial + luhn(serial)


NUMBER = purolator("33012345678")
OTHER = purolator("33087654321")


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Small:
    """A shop in memory, with the plugin."""

    app: Flask
    clock: Clock
    orders: dict[str, Order] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    catalogue: dict[str, Product] = field(default_factory=dict)
    _ticks: Iterator[int] = field(default_factory=lambda: count(1))

    def place(self, id: str = "7", **changes: Any) -> Order:
        """Place an order of Ann's, and let GRC hear of it."""
        values: dict[str, Any] = {
            "lines": [OrderLine("tent", 2, Money(19900, "CAD"))],
            "placed_at": self.clock.now,
            "state": "placed",
            "cursor": next(self._ticks),
            "email": "ann@example.com",
            "currency": "CAD",
            "address": Address("CA", "QC", "G5L 1A1", "Rimouski"),
        }
        self.orders[id] = Order(id, **{**values, **changes})
        self.sync()
        return self.orders[id]

    def change(self, id: str = "7", **changes: Any) -> None:
        """Change an order, and let GRC hear of it."""
        self.orders[id] = self.orders[id].replace(cursor=next(self._ticks), **changes)
        self.sync()

    def ship(
        self, *numbers: str, id: str = "7", carrier: str | None = None, **changes: Any
    ) -> None:
        """Give an order its tracking numbers."""
        tracking = [Tracking(number, carrier) for number in numbers]
        self.change(id, tracking=tracking, state=changes.pop("state", "shipped"), **changes)

    def sync(self) -> None:
        """Pull and deliver everything."""
        self.run("grc", "sync")

    def run(self, *args: str, fails: bool = False, **options: Any) -> str:
        """Run a command and return what it says."""
        result = self.app.test_cli_runner().invoke(args=args, **options)
        assert (result.exit_code != 0) == fails, result.output + repr(result.exception)
        return result.output

    def queued(self) -> list[tuple[str, str, str]]:
        """Return to whom, in which language and with which subject mail was queued."""
        from sqlalchemy import text

        query = text("SELECT address, locale, subject FROM grc_core__message ORDER BY id")
        with self.app.extensions["grc"].database.read() as connection:
            return [tuple(row) for row in connection.execute(query)]

    def texts(self) -> list[str]:
        """Return the texts of the mail that was queued."""
        from sqlalchemy import text

        with self.app.extensions["grc"].database.read() as connection:
            rows = connection.execute(text("SELECT text FROM grc_core__message ORDER BY id"))
            return [row[0] for row in rows]

    @property
    def plugin(self) -> ShipmentTracking:
        """Return the plugin as it is loaded."""
        found = self.app.extensions["grc"].tables.find("shipment_tracking")
        assert isinstance(found.plugin, ShipmentTracking)
        return found.plugin

    def work(self, function: Callable[[], Any]) -> Any:
        """Call something of the plugin in a transaction, as repeated work does."""
        from grc_core.storage.sessions import writing

        with self.app.app_context(), writing(self.app.extensions["grc"].database):
            return function()


def _page(body: str) -> str:
    lang = request.args.get("lang", "en")
    return (
        f'<!doctype html><html lang="{lang}"><head></head><body><main>{body}</main></body></html>'
    )


def _views(app: Flask) -> None:
    @app.get("/order/<id>")
    def order(id: str) -> str:
        return _page(f'<grc-slot name="order.details" data-order="{id}"></grc-slot>')

    @app.get("/thanks/<id>")
    def thanks(id: str) -> str:
        return _page(f'<grc-slot name="order.thanks" data-order="{id}"></grc-slot>')

    @app.get("/account")
    def account() -> str:
        return _page('<grc-slot name="account.main"></grc-slot>')

    @app.get("/product")
    def product() -> str:
        return _page('<grc-slot name="product.details"></grc-slot>')

    @app.get("/help")
    def help_page() -> str:
        return _page('<grc-slot name="help.main"></grc-slot>')

    @app.post("/sign-in/<id>")
    def sign_in(id: str) -> str:
        session["user"] = id
        return _page("Welcome")


def _adapter(
    orders: dict[str, Order], customers: dict[str, Customer], catalogue: dict[str, Product]
) -> Shop:
    shop = Shop(currency="CAD", locales=("en", "fr"))

    @shop.customer
    def customer() -> Customer | None:
        found = customers.get(session.get("user", ""))
        return found.replace(verified=True) if found else None

    @shop.customers
    def all_customers(*, after: Any = None, id: str | None = None) -> Iterable[Customer]:
        return [item for item in customers.values() if id in (None, item.id)]

    @shop.orders
    def all_orders(
        *, after: Any = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterable[Order]:
        found = [item for item in orders.values() if customer_id in (None, item.customer_id)]
        found = [item for item in found if id in (None, item.id)]
        return [item for item in found if after is None or item.cursor >= after]

    @shop.products
    def products(ids: Sequence[str]) -> Iterable[Product]:
        return [catalogue[id] for id in ids if id in catalogue]

    @shop.staff
    def staff() -> bool:
        return session.get("user") == "boss"

    return shop


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[Callable[..., Small]]:
    """Return what makes a shop with the plugin, and perhaps others."""
    apps: list[Flask] = []

    def make(
        *plugins: type[Plugin],
        before: Callable[[dict[str, Order]], None] | None = None,
        **config: Any,
    ) -> Small:
        app = Flask(f"small{len(apps)}", instance_path=str(tmp_path / str(len(apps))))
        app.config.update(
            TESTING=True,
            SECRET_KEY="a key for tests",
            GRC_RUNNER="inline",
            GRC_SETTLE=0,
            GRC_BASE_URL="https://shop.example",
            **config,
        )
        orders: dict[str, Order] = {}
        customers: dict[str, Customer] = {"ann": Customer("ann", email="ann@example.com")}
        if before:
            before(orders)
        _views(app)
        catalogue: dict[str, Product] = {}
        GRC(_adapter(orders, customers, catalogue), plugins=[ShipmentTracking, *plugins]).init_app(
            app
        )
        apps.append(app)
        small = Small(app, Clock(), orders, customers, catalogue)
        app.extensions["grc"].set_clock(small.clock)
        small.run("grc", "db", "upgrade")
        return small

    yield make
    for app in apps:
        app.extensions["grc"].close()


@pytest.fixture
def small(make_shop: Callable[..., Small]) -> Small:
    """Return a shop with the plugin alone."""
    return make_shop()
