"""The transaction that people are read and written in: a plugin's own, else one of ours."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import select

from ..errors import InvalidContact
from ..errors import NotConfigured
from ..storage.contact_models import ContactRow
from ..storage.engine import Database
from ..storage.sessions import ReadScope
from ..storage.sessions import current_scope
from ..storage.upsert import upsert
from .contact import Contact

#: SQLite takes some thousands of parameters in a statement.
CHUNK = 500


class Work:
    """Open connections for people: within a plugin's work they share its transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees what the work at hand has written."""
        scope = current_scope()
        if scope is not None:
            yield scope.session.connection()
        else:
            with self._database.read() as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose writes stay all or not at all; a widget may not write."""
        scope = current_scope()
        if isinstance(scope, ReadScope):
            raise NotConfigured(
                "a widget only reads; contacts are changed in hooks, routes, commands and "
                "@every work"
            )
        if scope is not None:
            with scope.session.begin_nested():
                yield scope.session.connection()
        else:
            with self._database.write() as connection:
                yield connection


def inserting(connection: Connection, model: Any) -> Any:
    """Return an INSERT that knows `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return upsert(connection.dialect.name, model)


@cache
def _adding(dialect: str, model: Any) -> Any:
    return upsert(dialect, model).on_conflict_do_nothing()


def adding(connection: Connection, model: Any) -> Any:
    """Return an INSERT that passes over rows which are there already; built once."""
    return _adding(connection.dialect.name, model)


def number_of(contact: Contact | str) -> int | None:
    """Return the number behind an id; None for what cannot be one."""
    text = contact.id if isinstance(contact, Contact) else str(contact)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def root_of(connection: Connection, contact: Contact | str) -> int:
    """Return the root of a contact's group, or raise InvalidContact."""
    number = number_of(contact)
    query = select(ContactRow.root_id).where(ContactRow.id == number)
    found = connection.scalar(query) if number is not None else None
    if found is None:
        id = contact.id if isinstance(contact, Contact) else contact
        raise InvalidContact(f"there is no contact {id!r}; find one with: flask grc contacts find")
    return int(found)


def members(connection: Connection, roots: Sequence[int]) -> dict[int, int]:
    """Return the root of each contact in the groups of these roots."""
    query = select(ContactRow.id, ContactRow.root_id).where(ContactRow.root_id.in_(roots))
    return {row.id: row.root_id for row in connection.execute(query)}


def lock(connection: Connection, contacts: Sequence[int]) -> None:
    """Let nobody else change these contacts' sums until the transaction ends.

    SQLite has one writer anyway; PostgreSQL locks in the order of the ids, against deadlocks.
    """
    if connection.dialect.name == "postgresql":
        query = select(ContactRow.id).where(ContactRow.id.in_(contacts)).order_by(ContactRow.id)
        connection.execute(query.with_for_update()).all()


def chunks(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield parts that fit into one statement."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
