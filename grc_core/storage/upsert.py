"""`INSERT … ON CONFLICT` as the database at hand says it; the other's dialect is not imported."""

from functools import cache
from importlib import import_module
from typing import Any

from .base import Model


def upsert(dialect: str, model: type[Model]) -> Any:
    """Return an insert that knows `on_conflict_do_nothing` and `on_conflict_do_update`.

    SQLite and PostgreSQL write both alike.
    """
    return _insert("sqlite" if dialect == "sqlite" else "postgresql")(model.__table__)


@cache
def insert_new(dialect: str, model: type[Model]) -> Any:
    """Return the statement, made once, that inserts a row and returns its id if it was new."""
    return upsert(dialect, model).on_conflict_do_nothing().returning(model.__table__.c.id)


@cache
def _insert(dialect: str) -> Any:
    return import_module(f"sqlalchemy.dialects.{dialect}").insert
