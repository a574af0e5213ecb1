"""Bulk inserts, parents before children."""

from typing import Any

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import text

from ..extensions import db
from ..models import Base

#: Rows by table name.
Rows = dict[str, list[dict[str, Any]]]
CHUNK = 5_000


def write(rows: Rows) -> None:
    """Write every row in one transaction."""
    for table in Base.metadata.sorted_tables:
        batch = rows.get(table.name, [])
        for start in range(0, len(batch), CHUNK):
            db.session.execute(insert(table), batch[start : start + CHUNK])
    _continue_counting()
    db.session.commit()


def empty() -> None:
    """Delete every row of the shop; the tables stay."""
    for table in reversed(Base.metadata.sorted_tables):
        db.session.execute(delete(table))
    db.session.commit()


def _continue_counting() -> None:
    """Tell PostgreSQL which ids are taken; SQLite looks by itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        name = table.name
        highest = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
        sequence = func.pg_get_serial_sequence(text(f"'\"{name}\"'"), "id")
        db.session.execute(select(func.setval(sequence, highest)))
