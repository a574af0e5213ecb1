"""A small shop in memory, filled in one line, and the apps made of it."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from typing import Self

from flask import Flask

from ..extension import GRC
from ..plugin import Plugin
from ..shop import Shop
from ..values import CartLine
from ..values import Customer
from ..values import Money
from ..values import Order
from ..values import OrderLine
from ..values import Product
from .adapter import connect
from .app import ShopApp
from .databases import Databases
from .tables import make_tables
from .views import add_views

_KEY = "a key for tests"


@dataclass
class MiniShop:
    """A small shop in memory, with two products; its views behave as real ones do.

    `products`, `customers`, `orders` and `carts` are what its own database would hold.
    """

    folder: Path
    databases: Databases
    products: dict[str, Product] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    carts: dict[str, list[CartLine]] = field(default_factory=dict)
    #: adapter functions called, by name
    calls: list[str] = field(default_factory=list)
    apps: list[ShopApp] = field(default_factory=list)
    shop: Shop = field(default_factory=lambda: Shop(currency="CAD", locales=("en", "fr")))
    grc: GRC | None = None
    _ids: Iterator[int] = field(default_factory=lambda: count(1))
    _ticks: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.stock("1", "Golf ball", 1250)
        self.stock("2", "Tent", 19900)
        connect(self)

    def new_id(self) -> str:
        """Return an id that nothing else has."""
        return str(next(self._ids))

    def stock(self, id: str, name: str, cents: int, **more: Any) -> Product:
        """Put a product into the shop."""
        values = {"url": f"/product/{id}", "stock": 5, **more}
        self.products[id] = Product(id, name, Money(cents, "CAD"), **values)
        return self.products[id]

    def fill(self, products: int = 20, customers: int = 5, orders: int = 40) -> Self:
        """Fill the shop: `orders` of the last hundred days, by customers and by guests.

        The same numbers make the same shop. What is there when an app is made is its past.
        """
        ids = [self.stock(f"p{n}", f"Product {n}", 500 + 250 * n).id for n in range(products)]
        people = [self.sign_up(f"customer{n}").id for n in range(customers)]
        now = datetime.now(UTC)
        for n in range(orders):
            chosen = dict.fromkeys((ids or ["1"])[(n * step) % len(ids or "1")] for step in (1, 3))
            lines = [OrderLine(id, 1 + n % 3, self.products[id].price) for id in chosen]
            who = people[n % len(people)] if people and n % 4 else None
            at = now - timedelta(days=100 * (orders - n) / orders)
            email = None if who else f"guest{n}@example.com"
            self.place(who, lines=lines, placed_at=at, state="delivered", email=email)
        return self

    def cursor(self) -> int:
        """Return a value that moves forward."""
        return next(self._ticks)

    def place(self, customer_id: str | None = None, **changes: Any) -> Order:
        """Put an order into the shop, as its own code would."""
        order = Order(
            id=changes.pop("id", None) or self.new_id(),
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
    ) -> ShopApp:
        """Return the shop as an app with GRC; `before` and `after` may set up more around it.

        Without `upgrade` its database is empty, as before the first `flask grc db upgrade`.
        """
        app = ShopApp(f"mini{len(self.apps)}", instance_path=str(self.folder / "instance"))
        app.mini = self
        own = engine is None and "GRC_DATABASE_URL" not in config
        url = self.databases.address(f"grc{len(self.apps)}") if own else ""
        app.config.update(TESTING=True, SECRET_KEY=_KEY, GRC_RUNNER="inline")
        app.config.update({"GRC_DATABASE_URL": url} if own else {}, **config)
        if own and not upgrade:
            self.databases.create(url)
        if before:
            before(app)
        self.grc = GRC(self.shop, plugins=list(plugins), engine=engine)
        self.grc.init_app(app)
        add_views(app, self)
        if after:
            after(app)
        self.apps.append(app)
        app.begin()
        if upgrade and own:
            make_tables(app, url, self.databases)
        elif upgrade:
            app.flask("grc", "db", "upgrade")
        return app

    def close(self) -> None:
        """Stop the apps and close their databases."""
        for app in self.apps:
            app.extensions["grc"].close()
