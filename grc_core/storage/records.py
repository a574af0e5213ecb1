"""The row that says since when a plugin is there, and which revisions its tables have."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import RowMapping
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from .history import History
from .models import PluginRow


def row_of(connection: Connection, name: str) -> RowMapping | None:
    """Return the plugin's row in `grc_core__plugin`."""
    table = PluginRow.__table__
    return connection.execute(select(table).where(table.c.name == name)).mappings().first()


def record(
    connection: Connection,
    history: History,
    now: datetime,
    revisions: str,
    error: str | None = None,
) -> bool:
    """Write the plugin's row; tell whether it changed.

    `now`, without its fraction of a second, becomes the baseline of a plugin whose tables were
    never there before: whatever happened earlier is history for it.
    """
    row = row_of(connection, history.name)
    since = now.replace(microsecond=0)
    values: dict[str, Any] = {
        "version": history.version,
        "revisions": revisions,
        "error": error,
    }
    if row is None:
        connection.execute(insert(PluginRow).values(name=history.name, since=since, **values))
        return True
    if row["error"] and not row["revisions"]:
        values["since"] = since  # it never worked before, so it has seen nothing yet
    if all(row[name] == value for name, value in values.items()):
        return False
    connection.execute(update(PluginRow).where(PluginRow.name == history.name).values(values))
    return True
