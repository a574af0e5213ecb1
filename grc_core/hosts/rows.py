"""Rows of a shop's own DB-API connection, found by the names that a query gives its columns."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

#: Rows read at once, and values asked for at once.
BATCH = 500


class Rows:
    """Queries of a shop, narrowed down without knowing its tables.

    `connect` returns a connection; it is closed after each reading where `close` says so.
    `mark` is how the driver writes a parameter: `?`, or `%s`.
    """

    def __init__(self, connect: Callable[[], Any], mark: str, close: bool) -> None:
        self._connect = connect
        self._mark = mark
        self._close = close

    def all(self, query: str, column: str, values: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of which a column is one of some values, some hundred at a time."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(values), BATCH):
            chunk = values[start : start + BATCH]
            marks = ", ".join(self._mark for _ in chunk)
            found += self.each(query, [(f"{column} in ({marks})", chunk)])
        return found

    def each(
        self, query: str, wanted: Sequence[tuple[str, Sequence[Any]]] = (), order: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Stream the rows for which some conditions hold, each with its values."""
        conditions = " and ".join(condition for condition, _ in wanted)
        text = f"select * from ({query}) as grc_rows"  # noqa: S608
        text += f" where {conditions}" if conditions else ""
        text += f" order by {order}" if order else ""
        values = [self._bound(value) for _, some in wanted for value in some]
        connection = self._connect()
        try:
            cursor = connection.cursor()
            cursor.execute(text, values)
            names = [item[0] for item in cursor.description]
            while batch := cursor.fetchmany(BATCH):
                for row in batch:
                    yield dict(zip(names, row, strict=True))
        finally:
            if self._close:
                connection.close()

    def equals(self, column: str, value: str) -> tuple[str, Sequence[Any]]:
        """Return the condition that a column is a value."""
        return f"{column} = {self._mark}", (value,)

    def since(self, column: str, value: Any) -> tuple[str, Sequence[Any]]:
        """Return the condition that a column is a value or comes after it."""
        return f"{column} >= {self._mark}", (value,)

    def _bound(self, value: Any) -> Any:
        """Return a parameter; SQLite tells a computed number from text that reads the same."""
        number = self._mark == "?" and isinstance(value, str) and value.isascii()
        return int(value) if number and value.isdecimal() and str(int(value)) == value else value
