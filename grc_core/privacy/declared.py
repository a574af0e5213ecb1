"""Export and erase what is declared, by statements that follow from the declaration."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import UTC
from datetime import date
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Column
from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from ..purposes import Personal
from .matching import column_of
from .outcome import Outcome

_MARK = "erased:"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What takes the place of a value that cannot be NULL.
_EMPTY: dict[type, Any] = {
    str: "", int: 0, float: 0.0, bool: False, bytes: b"", dict: {}, list: [],
    datetime: _EPOCH, date: _EPOCH.date(),
}  # fmt: skip


def children_first(declared: Sequence[Personal]) -> list[Personal]:
    """Return declarations so that rows which point to others go before these."""

    def rank(item: Personal) -> int:
        tables = list(item.model.metadata.sorted_tables)
        return -tables.index(item.model.__table__)

    return sorted(declared, key=rank)


def rows_of(
    connection: Connection, declared: Personal, where: ColumnElement[bool]
) -> Iterator[dict[str, Any]]:
    """Yield the declared columns of rows, as plain JSON values."""
    names = list(dict.fromkeys((declared.by, *declared.fields)))
    columns = [column_of(declared, name) for name in names]
    for row in connection.execute(select(*columns).where(where)):
        yield {name: plain(value) for name, value in zip(names, row, strict=True)}


def erase_rows(
    connection: Connection, plugin: str, declared: Personal, where: ColumnElement[bool]
) -> Outcome:
    """Remove, anonymise or retain rows, as the declaration says."""
    if declared.erase == "retain":
        return _retained(connection, plugin, declared, where)
    if declared.erase == "anonymise":
        return Outcome(plugin, "anonymised", _anonymise(connection, declared, where))
    gone = connection.execute(delete(declared.model.__table__).where(where)).rowcount
    return Outcome(plugin, "removed", gone)


def _retained(
    connection: Connection, plugin: str, declared: Personal, where: ColumnElement[bool]
) -> Outcome:
    newest: Any = None
    if declared.since is not None:
        newest = func.max(column_of(declared, declared.since))
    table = declared.model.__table__
    query = select(func.count(), *([newest] if newest is not None else [])).select_from(table)
    count, *last = connection.execute(query.where(where)).one()
    until = last[0] + declared.keep if last and last[0] and declared.keep else None
    return Outcome(plugin, "retained", count, declared.why_retained, until)


def _anonymise(connection: Connection, declared: Personal, where: ColumnElement[bool]) -> int:
    """Empty the personal columns; each person's rows stay together under a random name."""
    by = column_of(declared, declared.by)
    olds = connection.scalars(select(by).where(where).distinct()).all()
    rows = [{"old": old, "new": _nobody(by)} for old in olds if not is_anonymous(old)]
    if not rows:
        return 0
    columns = [column_of(declared, name) for name in declared.fields if name != declared.by]
    values: dict[Any, Any] = {column: _emptied(column) for column in columns}
    values[by] = bindparam("new")
    change = update(declared.model.__table__).where(by == bindparam("old")).values(values)
    return connection.execute(change, rows).rowcount


def is_anonymous(value: object) -> bool:
    """Tell whether a person's id was taken from a row."""
    return value is None or str(value).startswith(_MARK)


def _nobody(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    return _MARK + token_hex(8) if column.type.python_type is str else _emptied(column)


def _emptied(column: Column[Any]) -> Any:
    return None if column.nullable else _EMPTY.get(column.type.python_type, "")


def plain(value: Any) -> Any:
    """Return a value as JSON knows it; times in ISO 8601."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return str(value)
