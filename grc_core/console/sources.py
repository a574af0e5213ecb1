"""Where the rows of a table come from: a sequence in memory, or a SELECT."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import Protocol

from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from ..storage.sessions import current_session
from .formats import plain


class _Column(Protocol):
    """What a source asks of a column."""

    @property
    def key(self) -> str: ...

    @property
    def search(self) -> bool: ...

    @property
    def sql(self) -> Any: ...

    def of(self, row: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows are asked for, and in which order."""

    columns: Sequence[Any]
    search: str
    chosen: Mapping[str, str]
    key: str
    backwards: bool

    def column(self, key: str) -> Any:
        """Return a column by its key."""
        return next((item for item in self.columns if item.key == key), None)

    @property
    def searched(self) -> list[Any]:
        """Return the columns that the search looks into."""
        return [item for item in self.columns if item.search]


class Source(Protocol):
    """Rows to be had in parts."""

    def count(self) -> int:
        """Return how many rows fit."""

    def rows(self, start: int, size: int) -> Sequence[Any]:
        """Return some of them."""


def source_of(rows: Sequence[Any] | Select[Any], choice: Choice) -> Source:
    """Return where rows come from."""
    return _Query(rows, choice) if isinstance(rows, Select) else _Memory(rows, choice)


class _Memory:
    def __init__(self, rows: Sequence[Any], choice: Choice) -> None:
        found = [row for row in rows if _fits(row, choice)]
        column = choice.column(choice.key)
        if column is not None:
            found.sort(key=lambda row: _rank(column.of(row)), reverse=choice.backwards)
        self._rows = found

    def count(self) -> int:
        return len(self._rows)

    def rows(self, start: int, size: int) -> Sequence[Any]:
        return self._rows[start : start + size]


def _fits(row: Any, choice: Choice) -> bool:
    for key, value in choice.chosen.items():
        if plain(choice.column(key).of(row)) != value:
            return False
    words = choice.search.casefold().split()
    if not words:
        return True
    text = " ".join(plain(column.of(row)) for column in choice.searched).casefold()
    return all(word in text for word in words)


def _rank(value: Any) -> tuple[int, Any]:
    """Sort numbers and times before words, and nothing after them all."""
    if value is None:
        return 2, ""
    if isinstance(value, int | float):
        return 0, value
    if hasattr(value, "timestamp"):
        return 0, value.timestamp()
    amount = getattr(value, "amount", None)
    return (0, amount) if isinstance(amount, int) else (1, plain(value).casefold())


class _Query:
    def __init__(self, query: Select[Any], choice: Choice) -> None:
        self._choice = choice
        for key, value in choice.chosen.items():
            query = query.where(cast(self._sql(query, choice.column(key)), String) == value)
        for word in choice.search.split():
            columns = [self._sql(query, column) for column in choice.searched]
            query = query.where(
                or_(*(cast(item, String).icontains(word, autoescape=True) for item in columns))
            )
        self._query = query

    def _sql(self, query: Select[Any], column: Any) -> Any:
        return column.sql if column.sql is not None else query.selected_columns[column.key]

    def count(self) -> int:
        inner = self._query.order_by(None).subquery()
        return current_session().scalar(select(func.count()).select_from(inner)) or 0

    def rows(self, start: int, size: int) -> Sequence[Any]:
        query, column = self._query, self._choice.column(self._choice.key)
        if column is not None:
            by = self._sql(query, column)
            first = query.selected_columns[0]
            order = (by.desc(), first.desc()) if self._choice.backwards else (by, first)
            query = query.order_by(None).order_by(*order)
        query = query.offset(start).limit(size)
        entities = query.column_descriptions
        if len(entities) == 1 and isinstance(entities[0]["type"], type):
            return current_session().scalars(query).all()
        return current_session().execute(query).all()
