"""Remove everything that a plugin stored, also when it is no longer installed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import inspect
from sqlalchemy import select
from sqlalchemy.sql.selectable import ScalarSelect

from ..errors import GRCError
from ..errors import nearest
from ..settings import Counters
from .base import table_prefix
from .engine import Database
from .exclusive import exclusively
from .models import BackfilledRow
from .models import BackfillRow
from .models import DeliveryRow
from .models import EventRow
from .models import PluginRow
from .models import ScheduleRow
from .models import SettingRow
from .readiness import CORE


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removes: tables, and rows of the core's tables by table."""

    plugin: str
    tables: tuple[str, ...]
    rows: dict[str, int]

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing of the plugin."""
        return not self.tables and not any(self.rows.values())


def purgeable(database: Database, name: str) -> Purged:
    """Return what `purge` would remove; raise GRCError where there is nothing."""
    with database.read() as connection:
        found = Purged(name, _tables(connection, name), _count(connection, name))
        known = connection.scalars(select(PluginRow.name)).all()
    _refuse_core(name)
    if found.empty:
        raise GRCError(f"nothing is stored of a plugin {name!r}{nearest(name, known)}")
    return found


def purge(database: Database, name: str) -> Purged:
    """Drop a plugin's tables, found by their prefix, and its rows in the core's tables."""
    _refuse_core(name)
    with exclusively(database) as connection:
        tables = _tables(connection, name)
        _drop(connection, tables)
        rows = {
            model.__tablename__: connection.execute(delete(model).where(condition)).rowcount
            for model, condition in _owned(name)
        }
        Counters(database).bump(connection, "plugins")
        Counters(database).bump(connection, "settings")
    return Purged(name, tables, rows)


def _refuse_core(name: str) -> None:
    if name == CORE:
        raise GRCError("the core's tables hold the shop's keys and settings; purge a plugin")


def _tables(connection: Connection, name: str) -> tuple[str, ...]:
    names = inspect(connection).get_table_names()
    return tuple(sorted(table for table in names if table.startswith(table_prefix(name))))


def _drop(connection: Connection, tables: tuple[str, ...]) -> None:
    """Drop tables that may point to each other: at once, or with foreign keys off on SQLite."""
    quote = connection.dialect.identifier_preparer.quote
    names = [quote(table) for table in tables]
    for group in names if connection.dialect.name == "sqlite" else filter(None, [", ".join(names)]):
        connection.exec_driver_sql(f"DROP TABLE {group}")


def _owned(name: str) -> list[tuple[Any, Any]]:
    """Return the core's tables with what matches the plugin's rows, children first."""
    own_task = EventRow.type.startswith(f"task:{name}.", autoescape=True)
    tasks = select(EventRow.id).where(own_task)
    deliveries = (DeliveryRow.subscriber == name) | DeliveryRow.event_id.in_(tasks)
    return [
        (DeliveryRow, deliveries),
        (EventRow, own_task),
        (ScheduleRow, ScheduleRow.plugin == name),
        (BackfilledRow, BackfilledRow.plugin == name),
        (BackfillRow, BackfillRow.plugin == name),
        (SettingRow, SettingRow.plugin == name),
        (PluginRow, PluginRow.name == name),
    ]


def _count(connection: Connection, name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for model, condition in _owned(name):
        query: ScalarSelect[int] = select(func.count()).where(condition).scalar_subquery()
        counts[model.__tablename__] = connection.scalar(select(query)) or 0
    return counts
