"""Which statements a piece of the shop's code sends to its database."""

import re
import sqlite3
from collections import Counter
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy import event

_READS = ("SELECT", "WITH", "SHOW")
_VALUE = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
#: So often is one statement sent before it is called one query for each value.
_OFTEN = 4
_SHOWN = 120


class Statements:
    """The queries that were seen while somebody listened."""

    def __init__(self) -> None:
        self._by_engine: list[str] = []
        self._by_driver: list[str] = []

    @property
    def found(self) -> list[str]:
        """Return the queries, each once, though engine and driver may both tell of it."""
        return self._by_engine or self._by_driver

    def repeated(self, values: int) -> str | None:
        """Name the query that was sent again and again for some values, in one sentence."""
        alike = Counter(_VALUE.sub("?", " ".join(item.split())) for item in self.found)
        for text, count in alike.most_common(1):
            if count >= _OFTEN and count >= values - 1:
                short = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
                return f"N+1: {count} times the same query for {values} values: {short}"
        return None

    def take(self, statement: str, *, driver: bool = False) -> None:
        """Note a statement that reads."""
        if statement.lstrip(" \n\t(").upper().startswith(_READS):
            (self._by_driver if driver else self._by_engine).append(statement)


@contextmanager
def listening() -> Iterator[Statements]:
    """Yield what the shop's code asks its database, through SQLAlchemy or `sqlite3.connect`.

    Of `sqlite3`, connections are noticed that are opened meanwhile; of other drivers, none.
    """
    found = Statements()

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        del connection, cursor, rest
        found.take(statement)

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = real(*arguments, **options)
        connection.set_trace_callback(lambda statement: found.take(statement, driver=True))
        return connection

    real: Callable[..., sqlite3.Connection] = sqlite3.connect
    event.listen(Engine, "before_cursor_execute", note)
    # a command is alone in its process; Python has no other way to see a connection opened
    sqlite3.connect = connect  # type: ignore[assignment]
    try:
        yield found
    finally:
        sqlite3.connect = real  # type: ignore[assignment]
        event.remove(Engine, "before_cursor_execute", note)
