"""What all of the core's tables share."""

from sqlalchemy import BigInteger
from sqlalchemy import Integer
from sqlalchemy import Table

from .base import Model

#: SQLite counts only plain INTEGER keys up by itself.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


class CoreModel(Model, plugin="core"):
    """Base of the core's tables."""


def table_of(model: type[CoreModel]) -> Table:
    """Return the table behind a model, for statements that are built once."""
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 - a model of ours has no other
    return table
