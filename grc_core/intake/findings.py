"""What is odd about how GRC stands in an app, apart from the shop's data."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress

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
from .answers import look_at_answers
from .endpoints import Finding
from .endpoints import wrong_names
from .keeping import look_at_files
from .keeping import look_at_keys

#: Where each slot stands.
Places = Mapping[str, Sequence[str]] | None
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


def look(
    app: Flask,
    shop: Shop,
    tables: Tables,
    database: Database,
    config: Config,
    placed: Places = None,
) -> list[Finding]:
    """Return what is odd, and what is well and worth knowing."""
    return [
        *_storage(database, tables),
        *look_at_files(app, database),
        *_plugins(tables),
        *_providers(tables, config),
        *wrong_names(app, shop),
        *_hints(shop),
        *_slots(shop, tables, placed),
        *look_at_keys(app, config),
        *look_at_answers(app, config),
        *_outbox(database),
    ]


def _storage(database: Database, tables: Tables) -> Iterator[Finding]:
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


def _hints(shop: Shop) -> Iterator[Finding]:
    hinted = {hint.kind for hint in shop.hints}
    for kind in KINDS:
        if kind not in hinted:
            yield Finding("warning", f"shop.on({kind!r})", f"missing: {_WITHOUT_HINT[kind]}")
    if not any(isinstance(item.order, str) for item in shop.placements):
        for hint in shop.hints:
            if hint.kind == "order" and hint.order is None:
                yield Finding("note", "shop.on('order')", _GUESTS)


def _slots(shop: Shop, tables: Tables, placed: Places) -> Iterator[Finding]:
    """Yield slots that nobody knows, nobody fills, or nobody placed."""
    for slot, items in tables.slots.items():
        if slot not in shop.slots:
            for item in items:
                hint = nearest(slot, shop.slots)
                yield Finding("warning", item.label, f"unknown slot {slot!r}{hint}")
    if placed is None:
        return
    filled = {
        slot: [item.label for item in items if item.on] for slot, items in tables.slots.items()
    }
    for slot, where in placed.items():
        if slot in shop.slots and not filled.get(slot) and not slot.startswith("site."):
            message = f"placed at {', '.join(where)}, and filled by no plugin that is on"
            yield Finding("note", f"slot {slot}", message)
    for slot, labels in filled.items():
        if labels and slot in shop.slots and slot not in placed:
            message = (
                f"filled by {', '.join(labels)}, and placed nowhere: "
                f"shop.place({slot!r}, endpoints=…)"
            )
            yield Finding("note", f"slot {slot}", message)


def _outbox(database: Database) -> Iterator[Finding]:
    with suppress(Exception):  # without tables, which is said above
        for item in totals(database):
            if item.state == "dead":
                message = f"{item.count} deliveries are dead; see: flask grc events --state dead"
                yield Finding("warning", f"plugin {item.subscriber}", message)
