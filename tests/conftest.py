"""An in-memory shop, apps made of it, and a mail server."""

import asyncio
import socket
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from email import message_from_bytes
from email import policy
from email.message import Message
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask import abort
from flask import redirect
from flask import request
from flask import session
from flask import url_for
from werkzeug.wrappers import Response

from grc_core import GRC
from grc_core import Cart
from grc_core import CartLine
from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Plugin
from grc_core import Product
from grc_core import Shop


@dataclass
class MiniShop:
    """A small shop in memory; its views behave as real ones do."""

    folder: Path
    products: dict[str, Product] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    carts: dict[str, list[CartLine]] = field(default_factory=dict)
    #: adapter functions called, by name
    calls: list[str] = field(default_factory=list)
    apps: list[Flask] = field(default_factory=list)
    shop: Shop = field(default_factory=lambda: Shop(currency="CAD", locales=("en", "fr")))
    grc: GRC | None = None
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _ticks: Iterator[int] = field(default_factory=lambda: count(1))

    def cursor(self) -> int:
        """Return a value that moves forward."""
        return next(self._ticks)

    def place(self, customer_id: str | None = None, **changes: Any) -> Order:
        """Put an order into the shop, as its own code would."""
        order = Order(
            id=changes.pop("id", None) or str(next(self._ids)),
            lines=changes.pop("lines", (OrderLine("1", 1, Money(1250, "CAD")),)),
            placed_at=changes.pop("placed_at", None) or datetime.now(UTC),
            state=changes.pop("state", "placed"),
            cursor=changes.pop("cursor", None) or self.cursor(),
            customer_id=customer_id,
            **changes,
        )
        self.orders[order.id] = order
        return order

    def change(self, id: str, **changes: Any) -> None:
        """Change an order; its cursor moves forward."""
        self.orders[id] = self.orders[id].replace(cursor=self.cursor(), **changes)

    def sign_up(self, id: str, **changes: Any) -> Customer:
        """Put a customer into the shop."""
        values = {
            "email": f"{id}@example.com",
            "name": id.title(),
            "created_at": datetime.now(UTC),
            "cursor": self.cursor(),
            **changes,
        }
        self.customers[id] = Customer(id, **values)
        return self.customers[id]

    def make_app(
        self,
        plugins: Iterable[type[Plugin] | str] = (),
        *,
        upgrade: bool = True,
        engine: Callable[[], Any] | None = None,
        before: Callable[[Flask], None] | None = None,
        after: Callable[[Flask], None] | None = None,
        **config: Any,
    ) -> Flask:
        """Return the shop as an app with GRC; `before` and `after` may set up more around it."""
        app = Flask(f"mini{len(self.apps)}", instance_path=str(self.folder / "instance"))
        app.config.update(
            TESTING=True,
            SECRET_KEY="a key for tests",
            GRC_RUNNER="inline",
            GRC_DATABASE_URL=f"sqlite:///{self.folder}/grc{len(self.apps)}.sqlite3",
        )
        app.config.update(config)
        if before:
            before(app)
        self.grc = GRC(self.shop, plugins=list(plugins), engine=engine)
        self.grc.init_app(app)
        _views(app, self)
        if after:
            after(app)
        self.apps.append(app)
        if upgrade:
            result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
            assert result.exit_code == 0, result.output
        return app


def _adapter(mini: MiniShop) -> None:
    shop = mini.shop

    @shop.customer
    def customer() -> Customer | None:
        mini.calls.append("customer")
        known = mini.customers.get(session.get("user", ""))
        return known.replace(verified=True) if known else None

    @shop.customers
    def customers(*, after: Any = None, id: str | None = None) -> Iterable[Customer]:
        mini.calls.append("customers")
        if id is not None:
            return [mini.customers[id]] if id in mini.customers else []
        found = sorted(mini.customers.values(), key=lambda item: item.cursor)
        return [item for item in found if after is None or item.cursor >= after]

    @shop.products
    def products(ids: Iterable[str]) -> Iterable[Product]:
        mini.calls.append("products")
        return [mini.products[id] for id in ids if id in mini.products]

    @shop.catalogue
    def catalogue() -> Iterable[Product]:
        return iter(mini.products.values())

    @shop.cart
    def cart() -> Cart | None:
        mini.calls.append("cart")
        if "cart" not in session:
            return None
        return Cart(session["cart"], mini.carts.get(session["cart"], []), session.get("user"))

    @shop.orders
    def orders(
        *, after: Any = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterable[Order]:
        mini.calls.append("orders")
        if id is not None:
            return [mini.orders[id]] if id in mini.orders else []
        found = sorted(mini.orders.values(), key=lambda item: item.cursor)
        if customer_id is not None:
            return [item for item in found if item.customer_id == customer_id]
        return [item for item in found if after is None or item.cursor >= after]

    @shop.staff
    def staff() -> bool:
        return session.get("user") == "boss"

    shop.on("visit", endpoints="product", product="id")
    shop.on("cart", endpoints=["add", "empty"])
    shop.on("order", endpoints="checkout")
    shop.on("signup", endpoints="sign_up")
    shop.place("order.thanks", endpoints="done", order="order_id", selector="main", where="start")


def _page(body: str, lang: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head><title>Mini</title></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _views(app: Flask, mini: MiniShop) -> None:
    @app.get("/")
    def home() -> str:
        return _page("Welcome")

    @app.get("/product/<id>")
    def product(id: str) -> str:
        item = mini.products.get(id) or abort(404)
        return _page(f'{item.name}<grc-slot name="product.below" data-product="{id}"></grc-slot>')

    @app.get("/cart")
    def cart() -> str:
        return _page('Cart<grc-slot name="cart.below"></grc-slot>')

    @app.route("/add/<id>", methods=["GET", "POST"])
    def add(id: str) -> Response | str:
        if id not in mini.products:
            return abort(400)
        session.setdefault("cart", f"cart{next(mini._ids)}")
        price = mini.products[id].price
        mini.carts.setdefault(session["cart"], []).append(CartLine(id, 1, price))
        return redirect(url_for("cart"))

    @app.post("/empty")
    def empty() -> Response:
        mini.carts[session["cart"]] = []
        return redirect(url_for("cart"))

    @app.post("/checkout")
    def checkout() -> Response:
        lines = [
            OrderLine(line.product_id, line.quantity, line.unit_price)
            for line in mini.carts.pop(session.pop("cart", ""), [])
        ] or [OrderLine("1", 1, Money(1250, "CAD"))]
        order = mini.place(session.get("user"), lines=lines, email=request.form.get("email"))
        session["ordered"] = True
        if request.form.get("crash"):
            raise RuntimeError("after the commit")
        return redirect(url_for("done", order_id=order.id))

    @app.get("/done/<order_id>")
    def done(order_id: str) -> str:
        return _page(f"<h1>Order {order_id}</h1>")

    @app.post("/sign-up")
    def sign_up() -> str:
        id = request.form["id"]
        if id not in mini.customers:
            mini.sign_up(id)
        session["user"] = id
        return _page("Welcome")

    @app.post("/sign-in/<id>")
    def sign_in(id: str) -> str:
        session["user"] = id
        return _page("Welcome back")


@pytest.fixture
def mini(tmp_path: Path) -> Iterator[MiniShop]:
    """Return an in-memory shop with two products, and close its apps at the end."""
    shop = MiniShop(tmp_path)
    for id, name, cents in (("1", "Golf ball", 1250), ("2", "Tent", 19900)):
        price = Money(cents, "CAD")
        shop.products[id] = Product(id, name, price, url=f"/product/{id}", stock=5)
    _adapter(shop)
    yield shop
    for app in shop.apps:
        app.extensions["grc"].close()


@pytest.fixture
def long_ago() -> datetime:
    """Return a time before any baseline."""
    return datetime.now(UTC) - timedelta(days=100)


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        """Move on."""
        self.now += timedelta(**by)


class MailServer:
    """A real SMTP server on this machine; `answers` holds its next answers to an address."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.received: list[Message] = []
        self.answers: dict[str, list[str]] = {}
        self.connections = 0
        self.seconds = 0.0
        self._controller: Any = None

    def start(self) -> None:
        """Take mail."""
        from aiosmtpd.controller import Controller

        self._controller = Controller(
            self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True
        )
        self._controller.start()

    def stop(self) -> None:
        """Be down."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def settings(self) -> dict[str, Any]:
        """Return the app's settings for this server."""
        return {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": self.port,
            "MAIL_DEFAULT_SENDER": ("Le magasin", "shop@example.com"),
            "MAIL_SUPPRESS_SEND": False,
            "GRC_BASE_URL": "https://shop.example",
        }

    @property
    def to(self) -> list[str]:
        """Return the envelope addresses of what was received."""
        return [str(message["X-RcptTo"]) for message in self.received]

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answers = self.answers.get(address)
        if answers:
            return answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.seconds)
        message = message_from_bytes(envelope.content, policy=policy.default)
        message["X-RcptTo"] = ", ".join(envelope.rcpt_tos)
        self.received.append(message)
        return "250 taken"


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """Return a mail server that takes everything."""
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    """Return a clock for `set_clock`."""
    return Clock()
