"""GRC's engine: its own SQLite file or server, or the shop's engine, with explicit transactions."""

import os
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import Connection
from sqlalchemy import Engine
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import SingletonThreadPool
from sqlalchemy.pool import StaticPool

from ..errors import WrongDatabase

BUSY_SECONDS = 5
#: Hands out the shop's engine; called in an app context.
EngineFactory = Callable[[], Engine]


class Database:
    """Open connections to the one database that holds all GRC tables.

    The engine is made at first use and again after a fork, so that no connection is shared
    between processes. `url` is None when the shop's own engine is used.
    """

    def __init__(self, app: Flask, url: str | None, shared: EngineFactory | None = None) -> None:
        self._app = app
        self._shared = shared
        self._engine: Engine | None = None
        self._pid = 0
        self.url = None if shared else url or default_url(app)

    @property
    def engine(self) -> Engine:
        """Return this process's engine."""
        if self._engine is None or self._pid != os.getpid():
            stale, self._engine, self._pid = self._engine, self._open(), os.getpid()
            if stale is not None and self._shared is None:
                stale.dispose(close=False)
        return self._engine

    @property
    def is_sqlite(self) -> bool:
        """Tell whether writers take turns on one file."""
        return self.engine.dialect.name == "sqlite"

    @property
    def is_shared(self) -> bool:
        """Tell whether the engine is the shop's own."""
        return self._shared is not None

    def _open(self) -> Engine:
        if self._shared is None:
            return open_engine(str(self.url))
        with self._app.app_context():
            engine = self._shared()
        if isinstance(engine.pool, StaticPool | SingletonThreadPool):
            # our rollback would be the shop's: both would work on one and the same connection
            raise WrongDatabase(
                "GRC(engine=…) needs an engine whose connections are separate, and an in-memory "
                "SQLite database has one for all; use a file, or give GRC its own database"
            )
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection for reading; nothing written on it stays."""
        with self.engine.connect() as connection:
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a transaction, committed at the end and undone by an error.

        On SQLite the write lock is taken at once (`BEGIN IMMEDIATE`): a transaction that reads
        first and writes later would fail instead of waiting its turn.
        """
        with self.engine.connect() as connection:
            self.begin(connection)
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def begin(self, connection: Connection, how: str = "IMMEDIATE") -> None:
        """Begin a transaction: on SQLite with the write lock, or `DEFERRED` for reading.

        A listener of the shop's own engine may have begun one already.
        """
        connection.begin()
        driver: Any = connection.connection.driver_connection
        if connection.dialect.name != "sqlite" or driver.in_transaction:
            return
        if how == "DEFERRED":
            driver.execute("BEGIN")  # it asks nothing of the file, so it can neither wait nor fail
        else:
            connection.exec_driver_sql(f"BEGIN {how}")

    def dispose(self) -> None:
        """Close GRC's own connections; the shop's engine is left alone."""
        if self._engine is not None and self._shared is None:
            self._engine.dispose()
        self._engine = None


def default_url(app: Flask) -> str:
    """Return the address of an own SQLite file in the instance folder."""
    return "sqlite:///" + os.path.join(app.instance_path, "grc.sqlite3")


def open_engine(url: str) -> Engine:
    """Make an engine with the settings that GRC relies on."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    if parsed.database and parsed.database != ":memory:":
        os.makedirs(os.path.dirname(os.path.abspath(parsed.database)), exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Put the driver in autocommit: with its own BEGIN, a savepoint outlived its rollback."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    _switch_to_wal(cursor)
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    """Switch to the write-ahead log; another process may be switching at this moment."""
    for pause in (0.01, 0.05, 0.2, 0.5, 0):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except Exception:
            if not pause:
                raise
            time.sleep(pause)
