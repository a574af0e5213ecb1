"""The database's own rate: one row per transaction, by SQLAlchemy Core, with nothing around it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Column
from sqlalchemy import Engine
from sqlalchemy import Integer
from sqlalchemy import MetaData
from sqlalchemy import String
from sqlalchemy import Table
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import insert

_PAYLOAD = "x" * 400
_METADATA = MetaData()
#: A host's table: an id, a name and about as much text as an order.
ROWS = Table(
    "host_row",
    _METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(40)),
    Column("payload", String),
)


def open_database(folder: Path, url: str | None = None) -> Engine:
    """Return an engine with the host's table: an own file set up as shops do it, or a server."""
    engine = create_engine(url or f"sqlite:///{folder}/host.sqlite3")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
    _METADATA.create_all(engine)
    return engine


def one_row(engine: Engine) -> Callable[[], None]:
    """Return what writes one row in a transaction of its own."""
    row = {"name": "somebody", "payload": _PAYLOAD}

    def write() -> None:
        with engine.begin() as connection:
            connection.execute(insert(ROWS), row)

    return write


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
