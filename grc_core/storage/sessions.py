"""The session that `self.session` means, by what a plugin is doing at the moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlalchemy.orm import SessionTransaction

from ..errors import NotConfigured
from .engine import Database


class Scope:
    """The work at hand; its session is opened at first touch."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection
        self._session: Session | None = None

    @property
    def touched(self) -> bool:
        """Tell whether a session was opened."""
        return self._session is not None

    @property
    def session(self) -> Session:
        """Return the session of this work."""
        if self._session is None:
            self._session = self._open()
        return self._session

    def _open(self) -> Session:
        return Session(self._connection, join_transaction_mode="create_savepoint")

    def close(self) -> None:
        """Close the session, undoing what was not committed."""
        if self._session is not None:
            self._session.close()


class SharedScope(Scope):
    """The work of several handlers in one session and savepoint."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._rolled_back = False

    def _open(self) -> Session:
        session = super()._open()
        event.listen(session, "after_soft_rollback", self._note)
        return session

    def _note(self, session: Session, previous: SessionTransaction) -> None:
        del session, previous
        self._rolled_back = True

    def after_each(self) -> None:
        """Write what a handler left to be written, out of reach of the next one.

        Raises where it rolled back, since that undid what others had written.
        """
        if self._session is not None:
            self._session.flush()
        if self._rolled_back:
            raise RuntimeError("a handler rolled back")

    def finish(self) -> None:
        """Make what was written part of the transaction."""
        if self._session is not None:
            self._session.commit()


class ReadScope(Scope):
    """A widget's work: what it writes is undone."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    def _open(self) -> Session:
        self._connection = self._database.engine.connect()
        self.begin()
        # nothing is ever committed here, so no savepoint is needed to undo it
        return _Reading(self._connection, join_transaction_mode="rollback_only", info={_ME: self})

    def begin(self) -> None:
        """Begin a transaction, the first or after a widget rolled back."""
        if self._connection is not None and not self._connection.in_transaction():
            self._database.begin(self._connection, "DEFERRED")

    def close(self) -> None:
        """Give the connection back, undoing whatever was written."""
        connection, self._connection = self._connection, None
        try:
            super().close()
        finally:
            _give_back(connection)


class _Reading(Session):
    """The session of a `ReadScope`."""


_ME = "grc_scope"


@event.listens_for(_Reading, "after_soft_rollback")
def _begin_again(session: Session, previous: SessionTransaction) -> None:
    """Begin anew where a widget rolled back, so that what follows is undone too."""
    del previous
    scope: ReadScope = session.info[_ME]
    scope.begin()


def _give_back(connection: Connection | None) -> None:
    """Give a connection back to its pool, also where the server has ended it."""
    if connection is not None:
        with connection:
            connection.rollback()


class Watch(Protocol):
    """Somebody who has to know how long a transaction stays open."""

    def opened(self, connection: Connection) -> None:
        """Note that a transaction has begun, with the write lock on SQLite."""

    def closed(self) -> None:
        """Note that it is over."""


class WriteScope(Scope):
    """A route's, a command's or repeated work, in a transaction that begins at first touch."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
        self._watch = _watch.get()

    def _open(self) -> Session:
        self._connection = self._database.engine.connect()
        self._database.begin(self._connection)
        if self._watch is not None:
            self._watch.opened(self._connection)
        return super()._open()

    def commit(self) -> None:
        """Commit what the work wrote."""
        if self._session is not None and self._connection is not None:
            self._session.commit()
            self._connection.commit()

    def close(self) -> None:
        """Give the connection back, undoing what was not committed."""
        try:
            super().close()
        finally:
            if self._connection is not None and self._watch is not None:
                self._watch.closed()
            _give_back(self._connection)


_watch: ContextVar[Watch | None] = ContextVar("grc_watch", default=None)


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Tell somebody of the transactions that this work opens."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)


_current: ContextVar[Scope | None] = ContextVar("grc_scope", default=None)


def current_scope() -> Scope | None:
    """Return the work at hand."""
    return _current.get()


def current_session() -> Session:
    """Return the session of the work at hand."""
    scope = _current.get()
    if scope is None:
        raise NotConfigured(
            "self.session exists in hooks, widgets, routes, commands and @every work only"
        )
    return scope.session


@contextmanager
def working(scope: Scope) -> Iterator[Scope]:
    """Make a scope the work at hand; close it at the end."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
        scope.close()


@contextmanager
def writing(database: Database) -> Iterator[WriteScope]:
    """Do work whose writes are committed unless it raises."""
    scope = WriteScope(database)
    with working(scope):
        yield scope
        scope.commit()
