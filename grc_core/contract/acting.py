"""Let things happen in a shop on the stage, and see what the plugin made of them."""

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import MISSING
from dataclasses import fields
from datetime import UTC
from datetime import datetime
from typing import Any
from typing import get_type_hints

from sqlalchemy import inspect
from sqlalchemy import text

from ..events import CORE_EVENTS
from ..events import ConsentChanged
from ..events import Event
from ..events import Occurrence
from ..events import OrderPlaced
from ..events import OrderRefunded
from ..events import ShipmentChanged
from ..events import SignUp
from ..events import Unsubscribed
from ..loading import Contribution
from ..outbox.calls import bind
from ..purposes import Purpose
from ..storage.base import table_prefix
from ..storage.sessions import Scope
from ..storage.sessions import working
from ..testing.app import ShopApp
from ..values import Money
from ..values import Order
from ..values import Subject

#: A person like nobody else: whatever holds this word is about them.
WHO = "grcwitness"
EMAIL = f"{WHO}@example.com"
#: How the numbers of their orders begin, which say nothing of who it is.
ORDER = "grcorder"
SUBJECT = Subject("customer", WHO)
EVERYTHING = ~Purpose(0)
#: What comes first in the life of a customer.
_ORDER = ("on_signup", "on_consent", "on_visit", "on_cart_change", "on_order", "on_shipment",
          "on_refund")  # fmt: skip
_PLAIN = {int: 1, float: 1.0, bool: True, str: WHO, Subject: SUBJECT}


def settle_in(app: ShopApp, consents: Purpose = EVERYTHING) -> Order:
    """Let the witness be a customer of the shop with an order; return the order."""
    app.mini.sign_up(WHO, email=EMAIL, name=WHO.title(), consents=consents)
    return app.mini.place(WHO, id=f"{ORDER}-1", email=EMAIL, total=Money(1250, "CAD"))


def occurrences(app: ShopApp, order: Order) -> list[Occurrence]:
    """Return an example of each event that there is, in the order of a life, about the witness."""
    customer = app.mini.customers[WHO]
    refunded = order.replace(state="refunded", refunded=order.total)
    made: dict[str, Occurrence] = {
        "on_order": OrderPlaced(order),
        "on_refund": OrderRefunded(refunded, Money(1250, "CAD"), "returned"),
        "on_signup": SignUp(customer),
        "on_shipment": ShipmentChanged.example(order_id=order.id, subject=SUBJECT),
        "on_consent": ConsentChanged(SUBJECT, None, EVERYTHING),
        "on_unsubscribe": Unsubscribed.example(subject=SUBJECT),
    }
    kinds = app.extensions["grc"].tables.events
    for hook, kind in kinds.items():
        if hook not in made:
            made[hook] = kind.example() if hook in CORE_EVENTS else _fabricate(kind)
    return [made[hook] for hook in (*_ORDER, *(hook for hook in kinds if hook not in _ORDER))]


def handlers(app: ShopApp, plugin: str) -> dict[str, Contribution]:
    """Return the plugin's handlers by event."""
    tables = app.extensions["grc"].tables
    return {
        hook: item
        for hook in tables.events
        for item in tables.subscribers(hook)
        if item.loaded.name == plugin and item.off is None
    }


def live(app: ShopApp, plugin: str, orders: Iterable[int] = (1,)) -> None:
    """Let the witness live a customer's life, in which every handler of the plugin is called.

    `orders` are numbers; each is an order, with everything that goes with it.
    """
    settle_in(app)
    for number in orders:
        order = app.mini.place(WHO, id=f"{ORDER}-{number}", email=EMAIL, total=Money(1250, "CAD"))
        for occurrence in occurrences(app, order):
            hand_over(app, plugin, occurrence)


def hand_over(app: ShopApp, plugin: str, occurrence: Occurrence, *, undo: bool = False) -> None:
    """Call the plugin's handler of an event as a delivery does; `undo` what it wrote."""
    item = handlers(app, plugin).get(occurrence.hook)
    if item is None:
        return
    runtime = app.extensions["grc"]
    event = Event("1", occurrence.hook, occurrence.version, datetime.now(UTC), _about(occurrence))
    value = occurrence.argument()
    with runtime.adapter.outside(), _transaction(runtime.database, undo) as connection:
        scope = Scope(connection)
        with working(scope):
            bind(item, [(value, event)])()
            if scope.touched:
                scope.session.commit()


def _about(occurrence: Occurrence) -> Subject:
    return occurrence.about() or SUBJECT


@contextmanager
def _transaction(database: Any, undo: bool) -> Iterator[Any]:
    with database.engine.connect() as connection:
        database.begin(connection)
        try:
            yield connection
            if not undo:
                connection.commit()
        finally:
            connection.rollback()


def contents(app: ShopApp, plugin: str) -> dict[str, list[str]]:
    """Return the rows of the plugin's tables as text, sorted."""
    with app.extensions["grc"].database.read() as connection:
        names = inspect(connection).get_table_names()
        mine = [name for name in names if name.startswith(table_prefix(plugin))]
        mine = [name for name in mine if not name.endswith("__version")]
        return {
            name: sorted(str(tuple(row)) for row in connection.execute(_everything(name)))
            for name in mine
        }


def counts(app: ShopApp, plugin: str) -> dict[str, int]:
    """Return how many rows each of the plugin's tables has."""
    return {name: len(rows) for name, rows in contents(app, plugin).items()}


def _everything(table: str) -> Any:
    return text(f'SELECT * FROM "{table}"')  # noqa: S608


def _fabricate(kind: type[Occurrence]) -> Occurrence:
    """Return an event of a plugin's own, its fields filled by their types."""
    hints = get_type_hints(kind)
    made: Any = kind
    needed = [
        item for item in fields(made)
        if item.default is MISSING and item.default_factory is MISSING
    ]  # fmt: skip
    return kind.example(**{item.name: _value(hints[item.name]) for item in needed})


def _value(hint: Any) -> Any:
    if hint is datetime:
        return datetime.now(UTC)
    if hint in _PLAIN:
        return _PLAIN[hint]
    return hint.example() if hasattr(hint, "example") else None
