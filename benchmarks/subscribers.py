"""Plugins that do as little as a plugin can."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup
from sqlalchemy import insert
from sqlalchemy import orm

import grc_core
from grc_core import CartChange
from grc_core import Event
from grc_core import Order
from grc_core import Page
from grc_core import Plugin
from grc_core import Visit
from grc_core import hookimpl
from grc_core import widget

#: As many as the budgets speak of.
NAMES = ("one", "two", "three", "four", "five")
SLOTS = (
    "home.main",
    "search.empty",
    "product.details",
    "product.below",
    "cart.below",
    "checkout.summary",
    "account.main",
    "help.main",
)
_GREETING = Markup("<p>Good day.</p>")


def listeners() -> list[type[Plugin]]:
    """Return five plugins that hear of everything and do nothing."""
    return [_named(_Listener, name) for name in NAMES]


def writers(count: int = 5, core: bool = False) -> list[type[Plugin]]:
    """Return plugins that write one row per order, with the ORM or with SQLAlchemy Core."""
    return [_writer(name, core) for name in NAMES[:count]]


def greeters() -> list[type[Plugin]]:
    """Return five plugins with a widget for each of eight slots."""
    return [_named(_Greeter, name) for name in NAMES]


def public_greeters() -> list[type[Plugin]]:
    """Return the same with widgets that are the same for everybody."""
    return [_named(_PublicGreeter, name) for name in NAMES]


def historian(batched: bool) -> type[Plugin]:
    """Return a plugin that writes a row for each order of the past."""
    models, row = _tables("historian")

    class Historian(Plugin):
        """Write a row for each order of the past."""

        name = "historian"

    def on_order(self: Any, order: Order, event: Event) -> None:
        self.session.add(row(order=order.id))

    def on_orders(self: Any, batch: Iterable[tuple[Order, Event]]) -> None:
        rows = [{"order": order.id} for order, _ in batch]
        self.session.execute(insert(row), rows)

    Historian.models = models
    chosen = on_orders if batched else on_order
    setattr(Historian, chosen.__name__, hookimpl(history=True)(chosen))
    return Historian


class _Listener(Plugin):
    """Hear of orders, carts and visits."""

    @hookimpl
    def on_order(self, order: Order) -> None:
        """Do nothing."""

    @hookimpl
    def on_cart_change(self, change: CartChange) -> None:
        """Do nothing."""

    @hookimpl
    def on_visit(self, visit: Visit) -> None:
        """Do nothing."""


class _Greeter(Plugin):
    """Say good day everywhere."""

    @widget(*SLOTS)
    def greet(self, page: Page) -> Markup:
        """Say good day."""
        return _GREETING


class _PublicGreeter(Plugin):
    """Say good day everywhere, to anybody."""

    @widget(*SLOTS, public=True)
    def greet(self, page: Page) -> Markup:
        """Say good day."""
        return _GREETING


def _named(kind: type[Plugin], name: str) -> type[Plugin]:
    return type(name.title(), (kind,), {"name": name, "__doc__": kind.__doc__})


def _tables(name: str) -> tuple[type[Any], type[Any]]:
    """Return a plugin's base and its one table."""

    class Base(grc_core.Model, plugin=name):
        """Base of this plugin's table."""

    class Row(Base):
        """An order that was seen."""

        id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
        order: orm.Mapped[str]

    return Base, Row


def _writer(name: str, core: bool) -> type[Plugin]:
    models, row = _tables(name)
    statement = insert(row)

    class Writer(Plugin):
        """Write one row per order."""

        @hookimpl
        def on_order(self, order: Order) -> None:
            """Write a row."""
            if core:
                self.session.execute(statement, {"order": order.id})
            else:
                self.session.add(row(order=order.id))

    Writer.name, Writer.models = name, models
    return Writer
