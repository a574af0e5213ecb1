"""What GRC would receive, store and show today, plugin by plugin: to read before going live."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from ..decisions import HookCalls
from ..loading import Contribution
from ..loading import Tables
from ..privacy.own import OWN
from ..purposes import Personal
from ..purposes import Purpose
from ..shop import Shop
from ..storage.engine import Database
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from ..storage.models import OrderRow

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Receives:
    """A hook of a plugin: how often it would be called, and what is still to be delivered."""

    plugin: str
    hook: str
    needs: str
    #: how many of these happened in the last 24 hours, as far as GRC knows
    last_day: int
    waiting: int
    past: bool


@dataclass(frozen=True, slots=True)
class Stores:
    """Personal data that a plugin declares."""

    plugin: str
    table: str
    fields: tuple[str, ...]
    purpose: str
    basis: str
    keep_days: int | None
    rows: int


@dataclass(frozen=True, slots=True)
class Shows:
    """A widget in a slot, and what a visitor must have agreed to."""

    plugin: str
    widget: str
    slot: str
    needs: str
    public: bool


@dataclass(frozen=True, slots=True)
class Forecast:
    """What would happen today if the shop went live."""

    receives: tuple[Receives, ...]
    stores: tuple[Stores, ...]
    shows: tuple[Shows, ...]
    #: repeated work: plugin, name, hours between
    repeats: tuple[tuple[str, str, float], ...]


def forecast(
    tables: Tables, database: Database, calls: HookCalls, shop: Shop, now: datetime
) -> Forecast:
    """Say what every plugin that is on would receive, store and show; changes nothing."""
    with database.read() as connection:
        return Forecast(
            tuple(_receives(connection, tables, now)),
            tuple(_stores(connection, calls)),
            tuple(_shows(tables, shop)),
            tuple(
                (item.loaded.name, item.name, item.options.interval.total_seconds() / 3600)
                for item in tables.repeated
                if item.on
            ),
        )


def _receives(connection: Connection, tables: Tables, now: datetime) -> Iterator[Receives]:
    waiting = _waiting(connection)
    for hook in tables.events:
        subscribers = [item for item in tables.subscribers(hook) if item.on]
        happened = _happened(connection, hook, now - _DAY) if subscribers else 0
        for item in subscribers:
            name = item.loaded.name
            yield Receives(
                name, hook, _needs(item), happened, waiting.get((name, hook), 0),
                item.options.history,
            )  # fmt: skip


def _waiting(connection: Connection) -> dict[tuple[str, str], int]:
    query = (
        select(DeliveryRow.subscriber, EventRow.type, func.count())
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .where(DeliveryRow.state.in_(("pending", "claimed")))
        .group_by(DeliveryRow.subscriber, EventRow.type)
    )
    return {(name, hook): count for name, hook, count in connection.execute(query)}


def _happened(connection: Connection, hook: str, since: datetime) -> int:
    """Count what happened, orders from before the installation included."""
    if hook == "on_order":
        query = select(func.count()).select_from(OrderRow).where(OrderRow.placed_at >= since)
    else:
        query = (
            select(func.count())
            .select_from(EventRow)
            .where(EventRow.type == hook, EventRow.occurred_at >= since)
        )
    return connection.scalar(query) or 0


def _stores(connection: Connection, calls: HookCalls) -> Iterator[Stores]:
    yield from (_stored(connection, "core", item) for item in OWN)
    for plugin, declared in calls.collect_named("personal_data"):
        for item in declared or ():
            yield _stored(connection, plugin, item)


def _stored(connection: Connection, plugin: str, item: Personal) -> Stores:
    table = item.model.__table__
    rows = connection.scalar(select(func.count()).select_from(table)) or 0
    keep = item.keep.days if item.keep else None
    fields = tuple(item.fields)
    return Stores(plugin, table.name, fields, item.purpose.label, item.basis, keep, rows)


def _shows(tables: Tables, shop: Shop) -> Iterator[Shows]:
    order = {slot: number for number, slot in enumerate(shop.slots)}
    for slot in sorted(tables.slots, key=lambda name: order.get(name, len(order))):
        for item in tables.slots[slot]:
            if item.on:
                yield Shows(item.loaded.name, item.name, slot, _needs(item), item.options.public)


def _needs(item: Contribution) -> str:
    needs: Purpose = item.options.needs
    return (needs & ~Purpose.NECESSARY).label if needs & ~Purpose.NECESSARY else "-"
