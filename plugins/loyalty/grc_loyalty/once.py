"""Insert a row unless it is there: the database decides who was first."""

from typing import Any

from sqlalchemy import Insert
from sqlalchemy.orm import Session


def insert_for(session: Session, model: type[Any]) -> Any:
    """Return the INSERT of the database at hand, which knows ON CONFLICT."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(model)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(model)


def insert_once(session: Session, model: type[Any], **values: Any) -> bool:
    """Insert a row; return False where one with the same unique key exists already."""
    # RETURNING, because the row count of an INSERT is not known on every database
    first = next(iter(model.__table__.primary_key.columns))
    statement: Insert = insert_for(session, model).values(**values)
    made = session.execute(statement.on_conflict_do_nothing().returning(first))  # type: ignore[attr-defined]
    return made.first() is not None
