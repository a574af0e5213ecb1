"""A shop in memory with the plugin and a spy, browsers that choose, and a clock that moves."""

import json
import re
import shutil
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask import request
from flask import session
from flask.testing import FlaskClient
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core
from grc_core import GRC
from grc_core import Customer
from grc_core import Event
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import Page
from grc_core import Personal
from grc_core import Plugin
from grc_core import Product
from grc_core import Purpose
from grc_core import Shop
from grc_core import Visit
from grc_core import hookimpl
from grc_core import widget
from grc_privacy_consent import PrivacyConsent

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
OWN = {"Sec-Fetch-Site": "same-origin"}


class SpyModel(grc_core.Model, plugin="spy"):
    """Base of the spy's tables."""


class Seen(SpyModel):
    """What the spy keeps of somebody who agreed."""

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str]
    note: Mapped[str]


class Spy(Plugin):
    """Note each call of a hook or widget that needs a purpose, and for whom it was."""

    name, models = "spy", SpyModel
    heard: list[tuple[str, str]]

    def __init__(self) -> None:
        self.heard = []

    @hookimpl(needs=Purpose.ANALYTICS)
    def on_visit(self, visit: Visit, event: Event) -> None:
        self.heard.append(("analytics", str(event.subject)))

    @hookimpl(needs=Purpose.MARKETING)
    def on_order(self, order: Order, event: Event) -> None:
        self.heard.append(("marketing", str(event.subject)))

    @widget("home.main", needs=Purpose.PERSONALISATION)
    def greeting(self, page: Page) -> str:
        self.heard.append(("personalisation", str(page.subject)))
        return "Good to see you again"

    @widget("home.main", needs=Purpose.PREFERENCES)
    def liked(self, page: Page) -> str:
        self.heard.append(("preferences", str(page.subject)))
        return "As you like it"

    @hookimpl
    def personal_data(self) -> list[Personal]:
        return [
            Personal(Seen, ["note"], "customer_id", Purpose.ANALYTICS, "consent",
                     keep=timedelta(days=90), recipients=["Count & Co"], country="Canada",
                     why="Counts your visits.")
        ]  # fmt: skip

    @hookimpl
    def cookies(self) -> list[grc_core.Cookie]:
        return [grc_core.Cookie("_spy*", Purpose.ANALYTICS, timedelta(days=30), "Counts.")]


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Little:
    """A shop of two pages and an order form."""

    folder: Path
    #: a database with every table and no row
    empty: Path
    customers: dict[str, Customer] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    apps: list[Flask] = field(default_factory=list)
    clock: Clock = field(default_factory=Clock)
    grc: GRC | None = None

    def app(self, *plugins: type[Plugin], **config: Any) -> Flask:
        app = Flask(f"little{len(self.apps)}", instance_path=str(self.folder))
        app.config.update(
            TESTING=True,
            SECRET_KEY="a key for tests",
            GRC_RUNNER="inline",
            GRC_BASE_URL="https://shop.example",
            GRC_DATABASE_URL=f"sqlite:///{self.folder}/grc.sqlite3",
        )
        app.config.update(config)
        self.grc = GRC(self._shop(), plugins=[PrivacyConsent, *(plugins or (Spy,))])
        self.grc.init_app(app)
        _views(app, self)
        self.apps.append(app)
        app.extensions["grc"].set_clock(self.clock)
        if not (self.folder / "grc.sqlite3").exists():
            shutil.copy(self.empty, self.folder / "grc.sqlite3")
        if {plugin.name for plugin in plugins} - {"spy"}:
            result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
            assert result.exit_code == 0, result.output
        return app

    def _shop(self) -> Shop:
        shop = Shop(currency="CAD", locales=("en", "fr"))

        @shop.customer
        def customer() -> Customer | None:
            found = self.customers.get(session.get("user", ""))
            return found.replace(verified=True) if found else None

        @shop.customers
        def customers(*, after: Any = None, id: str | None = None) -> Iterable[Customer]:
            return [item for item in self.customers.values() if id in (None, item.id)]

        @shop.products
        def products(ids: Iterable[str]) -> Iterable[Product]:
            return [Product(id, "Tent", Money(19900, "CAD")) for id in ids]

        @shop.orders
        def orders(
            *, after: Any = None, id: str | None = None, customer_id: str | None = None
        ) -> Iterable[Order]:
            return [
                item
                for item in self.orders.values()
                if id in (None, item.id)
                and customer_id in (None, item.customer_id)
                and (after is None or item.cursor >= after)
            ]

        @shop.staff
        def staff() -> bool:
            return session.get("user") == "boss"

        shop.on("visit", endpoints="product")
        shop.on("order", endpoints="place")
        return shop


def _views(app: Flask, little: Little) -> None:
    def page(body: str) -> str:
        lang = request.args.get("lang", "en")
        return f'<!doctype html><html lang="{lang}"><body><main>{body}</main></body></html>'

    @app.get("/")
    def home() -> str:
        return page('Welcome<grc-slot name="home.main"></grc-slot>')

    @app.get("/product")
    def product() -> str:
        return page("A tent")

    @app.post("/sign-in/<id>")
    def sign_in(id: str) -> str:
        session["user"] = id
        return page("Welcome back")

    @app.post("/order")
    def place() -> str:
        number = str(len(little.orders) + 1)
        email = request.form.get("email")
        line = OrderLine("tent", 1, Money(19900, "CAD"))
        little.orders[number] = Order(number, [line], little.clock.now, "placed", int(number),
                                      session.get("user"), email=email)  # fmt: skip
        return page(f"Order {number}")


class Visitor(FlaskClient):
    """A browser: its pages, and what it chooses."""

    gpc = False

    def open(self, *args: Any, **options: Any) -> Any:
        headers = {"User-Agent": AGENT, **OWN, **(options.pop("headers", None) or {})}
        if self.gpc:
            headers["Sec-GPC"] = "1"
        return super().open(*args, headers=headers, **options)

    def choose(self, choice: str, *purposes: str, interface: str = "banner", **options: Any) -> Any:
        data = {"choice": choice, "purpose": list(purposes), "interface": interface, "back": "/"}
        return self.post("/grc/privacy/choose", data=data, **options)

    @property
    def banner(self) -> str:
        """Return the banner of the first page, empty where there is none."""
        found = re.search(r'<section class="grc-consent".*?</section>', self.get("/").text, re.S)
        return found[0] if found else ""

    def cookies(self) -> dict[str, str]:
        return {item.key: item.value for item in self._cookies.values()}


def morsels(response: Any) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in response.headers.getlist("Set-Cookie"):
        found.load(line)
    return found


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["grc", *arguments])
    return result.exit_code, result.output


def head(app: Flask) -> dict[str, Any]:
    code, output = run(app, "consent", "head")
    assert code == 0, output
    found: dict[str, Any] = json.loads(output)
    return found


def rows(app: Flask, model: Any) -> list[Any]:
    """Return the rows of a table as tuples by name."""
    table = model.__table__
    with app.extensions["grc"].database.read() as connection:
        return list(connection.execute(table.select().order_by(*table.primary_key)))


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an upgraded database, to be copied: an upgrade takes a second."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "grc.sqlite3").touch()
    app = Little(folder, folder).app()
    result = app.test_cli_runner().invoke(args=["grc", "db", "upgrade"])
    assert result.exit_code == 0, result.output
    app.extensions["grc"].close()
    return folder / "grc.sqlite3"


@pytest.fixture
def little(tmp_path: Path, empty: Path) -> Iterator[Little]:
    shop = Little(tmp_path, empty)
    shop.customers["ann"] = Customer("ann", email="ann@example.com", name="Ann")
    yield shop
    for app in shop.apps:
        app.extensions["grc"].close()


@pytest.fixture
def app(little: Little) -> Flask:
    return little.app()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    app.test_client_class = Visitor
    return app.test_client()  # type: ignore[return-value]


@pytest.fixture
def spy(app: Flask) -> list[tuple[str, str]]:
    heard: list[tuple[str, str]] = app.extensions["grc"].tables.find("spy").plugin.heard
    return heard
