"""Put right what plugins copied of a person: declared columns of the same name."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import update

from ..purposes import Personal
from .matching import about
from .matching import column_of
from .outcome import Outcome
from .outcome import summed
from .person import Person
from .reach import Reach
from .reach import fenced
from .reach import savepoint


def rectified(
    connection: Connection, reach: Reach, person: Person, changes: Mapping[str, Any]
) -> list[Outcome]:
    """Put right every plugin's copy, each in a savepoint, so that one fails alone."""
    found: list[Outcome] = []
    for plugin in reach.names():
        done: list[Outcome] = []

        def work(plugin: str = plugin, done: list[Outcome] = done) -> None:
            with savepoint(connection):
                rows = _asked(reach, plugin, person, changes)
                for one in reach.there(connection, reach.declared(plugin)):
                    rows += _rectify_rows(connection, one, about(one, person), changes)
                done.append(Outcome(plugin, "rectified", rows))

        error = fenced(plugin, "rectification", work)
        found += done if error is None else [Outcome(plugin, "failed", reason=error)]
    return summed(found)


def _asked(reach: Reach, plugin: str, person: Person, changes: Mapping[str, Any]) -> int:
    """Return how many rows a plugin put right by itself."""
    return sum(
        answer or 0
        for subject in person.subjects
        for answer in reach.ask("rectify_personal_data", plugin, subject=subject, changes=changes)
    )


def _rectify_rows(
    connection: Connection,
    declared: Personal,
    where: ColumnElement[bool],
    changes: Mapping[str, Any],
) -> int:
    """Write new values into the declared columns that have their names; return how many rows."""
    names = [name for name in declared.fields if name in changes and name != declared.by]
    if not names:
        return 0
    values = {column_of(declared, name): changes[name] for name in names}
    change = update(declared.model.__table__).where(where).values(values)
    return connection.execute(change).rowcount
