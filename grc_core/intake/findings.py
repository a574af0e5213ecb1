"""What is odd about how GRC stands in an app, apart from the shop's data."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask

from ..config import Config
from ..errors import nearest
from ..hookspecs import PROVIDED
from ..loading import Tables
from ..loading import providers_of
from ..outbox.ledger import totals
from ..shop import KINDS
from ..shop import Shop
from ..storage.engine import Database
from ..storage.readiness import MEND
from ..storage.readiness import apply_states
from ..storage.readiness import waits_for_tables

_SHORTEST_KEY = 16
#: What is lost where no endpoint says that something happened.
_WITHOUT_HINT = {
    "visit": "no plugin hears of visits",
    "cart": "no plugin hears of carts",
    "order": "an order is seen within a minute, not at once",
    "signup": "a sign-up is seen within a minute, not at once",
}
#: What is lost where neither a placement nor the hint says where a placed order's id stands.
_GUESTS = (
    "without order=, and no shop.place(…, order=…) that it could redirect to: guests see no "
    "widgets about their order; say order=… (also where the answer is JSON)"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know: `level` is `error`, `warning`, `note` or `ok`."""

    level: str
    about: str
    message: str


def look(
    app: Flask, shop: Shop, tables: Tables, database: Database, config: Config
) -> list[Finding]:
    """Return what is odd, and what is well and worth knowing."""
    return [
        *_storage(database, tables, app),
        *_plugins(tables),
        *_providers(tables, config),
        *wrong_names(app, shop),
        *_hints(shop),
        *_slots(shop, tables),
        *_security(app, config),
        *_outbox(database),
    ]


def _storage(database: Database, tables: Tables, app: Flask) -> Iterator[Finding]:
    ready = apply_states(database, tables)
    try:
        kind = _kind(database)
    except Exception as error:
        yield Finding("error", "database", f"cannot be opened: {type(error).__name__}: {error}")
        return
    lost = database.url is not None and ":memory:" in database.url
    yield Finding("warning" if lost else "ok", "database", kind)
    if not ready:
        yield Finding("error", "tables", f"they are missing or old; {MEND}")
    elif waiting := [item.name for item in tables.plugins if waits_for_tables(item)]:
        names = ", ".join(waiting)
        yield Finding("error", "tables", f"those of {names} are not current; see below")
    else:
        yield Finding("ok", "tables", "up to date")


def _kind(database: Database) -> str:
    """Return what the database is, without its password."""
    url = database.engine.url.render_as_string(hide_password=True)
    owner = "shared with the shop" if database.is_shared else "GRC's own"
    if ":memory:" in url:
        return f"{owner}, {url}: everything is lost when the process ends"
    return f"{owner}, {url}"


def _plugins(tables: Tables) -> Iterator[Finding]:
    for loaded in tables.plugins:
        about = f"plugin {loaded.name}"
        if loaded.off is None:
            yield Finding("ok", about, f"on, version {loaded.version}")
        else:
            yield Finding("warning", about, f"off: {loaded.off}")
    groups = (*tables.hooks.values(), *tables.slots.values())
    for item in {item.label: item for items in groups for item in items}.values():
        if item.off and item.loaded.on:
            yield Finding("warning", item.label, f"off: {item.off}")


def _providers(tables: Tables, config: Config) -> Iterator[Finding]:
    for hook in PROVIDED:
        chosen, complaint = providers_of(tables, hook, config.providers)
        if complaint:
            yield Finding("error", hook, complaint)
        elif chosen is not None:
            yield Finding("ok", hook, f"decided by {chosen.loaded.name}")


def wrong_names(app: Flask, shop: Shop) -> Iterator[Finding]:
    """Yield the endpoints and slots of `shop.on` and `shop.place` that do not exist."""
    said = [(f"shop.on({hint.kind!r})", hint.endpoints) for hint in shop.hints]
    said += [(f"shop.place({item.slot!r})", item.endpoints) for item in shop.placements]
    for where, endpoints in said:
        for endpoint in endpoints:
            if endpoint not in app.view_functions:
                hint = nearest(endpoint, app.view_functions)
                yield Finding("warning", where, f"there is no endpoint {endpoint!r}{hint}")
    for placement in shop.placements:
        if placement.slot not in shop.slots:
            hint = nearest(placement.slot, shop.slots)
            where = f"shop.place({placement.slot!r})"
            yield Finding("warning", where, f"unknown slot {placement.slot!r}{hint}")


def _hints(shop: Shop) -> Iterator[Finding]:
    hinted = {hint.kind for hint in shop.hints}
    for kind in KINDS:
        if kind not in hinted:
            yield Finding("warning", f"shop.on({kind!r})", f"missing: {_WITHOUT_HINT[kind]}")
    if not any(isinstance(item.order, str) for item in shop.placements):
        for hint in shop.hints:
            if hint.kind == "order" and hint.order is None:
                yield Finding("note", "shop.on('order')", _GUESTS)


def _slots(shop: Shop, tables: Tables) -> Iterator[Finding]:
    for slot, items in tables.slots.items():
        if slot not in shop.slots:
            for item in items:
                hint = nearest(slot, shop.slots)
                yield Finding("warning", item.label, f"unknown slot {slot!r}{hint}")


def _security(app: Flask, config: Config) -> Iterator[Finding]:
    key = app.secret_key
    if not key:
        yield Finding("error", "SECRET_KEY", "missing: GRC signs its cookies and links with it")
    elif len(key) < _SHORTEST_KEY:
        yield Finding("warning", "SECRET_KEY", f"shorter than {_SHORTEST_KEY} characters")
    if not config.base_url:
        yield Finding("warning", "GRC_BASE_URL", "missing: links made without a request are wrong")


def _outbox(database: Database) -> Iterator[Finding]:
    with suppress(Exception):  # without tables, which is said above
        for item in totals(database):
            if item.state == "dead":
                message = f"{item.count} deliveries are dead; see: flask grc events --state dead"
                yield Finding("warning", f"plugin {item.subscriber}", message)
