"""Insert a row, or change the one that is there, in one statement that no other can cut in two."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any

from . import models


def put(
    session: Any, model: type[models.Model], key: Collection[str], add: Collection[str] = (), /,
    **row: Any,
) -> None:  # fmt: skip
    """Write a row; where its key is there, columns of `add` are added up, the others replaced."""
    statement = _insert(session.get_bind().dialect.name)(model.__table__)
    columns = model.__table__.c
    changed = {
        name: columns[name] + statement.excluded[name] if name in add else statement.excluded[name]
        for name in row
        if name not in key
    }
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), row)


def put_new(session: Any, model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the rows whose keys are not there yet."""
    statement = _insert(session.get_bind().dialect.name)(model.__table__)
    session.connection().execute(statement.on_conflict_do_nothing(), list(rows))


@cache
def _insert(dialect: str) -> Any:
    kind = "sqlite" if dialect == "sqlite" else "postgresql"
    return import_module(f"sqlalchemy.dialects.{kind}").insert
