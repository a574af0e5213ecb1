"""One transaction for changes of the schema, alone on the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import inspect
from sqlalchemy import text

from ..errors import GRCError
from .engine import Database

#: A second upgrade waits this long for the first, in seconds.
WAIT_SECONDS = 120
#: The key of the advisory lock on PostgreSQL: "grc_core" in ASCII.
_LOCK = 0x6772635F636F7265


@contextmanager
def exclusively(database: Database) -> Iterator[Connection]:
    """Yield a connection whose transaction is committed at the end, or undone by an error.

    On SQLite foreign keys are off meanwhile, because a batch alteration drops and remakes its
    table and would empty the tables that point to it; call `check_foreign_keys` at the end.
    """
    with database.engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            with _committed(connection):
                yield connection
            return
        with (
            _pragma(connection, "busy_timeout", WAIT_SECONDS * 1000),
            _pragma(connection, "foreign_keys", 0),
            _committed(connection),
        ):
            database.begin(connection)
            yield connection


@contextmanager
def tentatively(database: Database) -> Iterator[Connection]:
    """Yield a connection in a transaction that is undone, also where it changed the schema."""
    with database.engine.connect() as connection:
        try:
            database.begin(connection, "DEFERRED")
            yield connection
        finally:
            connection.rollback()


@contextmanager
def _committed(connection: Connection) -> Iterator[None]:
    try:
        yield
        connection.commit()
    except BaseException:
        connection.rollback()
        raise


@contextmanager
def _pragma(connection: Connection, name: str, value: int) -> Iterator[None]:
    """Change a setting of the driver's connection for a while.

    It bypasses SQLAlchemy, whose first statement begins a transaction: inside one, SQLite
    passes over `foreign_keys` without a word.
    """
    driver = _driver(connection)
    before = driver.execute(f"PRAGMA {name}").fetchone()[0]
    driver.execute(f"PRAGMA {name}={value}")
    try:
        if driver.execute(f"PRAGMA {name}").fetchone()[0] != value:
            raise GRCError(f"SQLite kept {name}={before}: another transaction is open on it")
        yield
    finally:
        driver.execute(f"PRAGMA {name}={before}")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def check_foreign_keys(connection: Connection, prefix: str) -> None:
    """Raise where rows of tables that start with `prefix` point to rows that are not there.

    It reads these tables whole, so it is for when something was changed; servers check by
    themselves.
    """
    if connection.dialect.name != "sqlite":
        return
    for table in inspect(connection).get_table_names():
        if not table.startswith(prefix):
            continue
        broken = connection.exec_driver_sql(f'PRAGMA foreign_key_check("{table}")').fetchall()
        if broken:
            raise GRCError(f"{len(broken)} rows of {table} point to missing rows of {broken[0][2]}")
