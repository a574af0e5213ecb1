"""The register of erasures: what was done, and for how long it still names somebody."""

from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from ..storage.core import table_of
from ..storage.privacy_models import ErasureRow
from ..values import Subject
from .outcome import Erasure
from .outcome import Outcome
from .outcome import restored
from .outcome import stored
from .outcome import summed
from .person import Person

_TABLE = table_of(ErasureRow)
#: Erases a person from some plugins.
Eraser = Callable[[Connection, Sequence[str], Person], list[Outcome]]


def record(
    connection: Connection, person: Person, outcomes: Sequence[Outcome], at: datetime
) -> Erasure:
    """Write what was done; who it concerns stays only while something is left to do."""
    row = {"at": at, "attempts": 1, **_state(person, outcomes, at)}
    id = connection.execute(insert(_TABLE).values(**row).returning(_TABLE.c.id)).scalar_one()
    return Erasure(str(id), at, tuple(outcomes), row["finished_at"])


def unfinished(connection: Connection) -> list[int]:
    """Return the erasures of which something is left to do."""
    query = select(_TABLE.c.id).where(_TABLE.c.finished_at.is_(None)).order_by(_TABLE.c.id)
    return list(connection.scalars(query))


def finish(connection: Connection, id: int, erase: Eraser, at: datetime) -> bool:
    """Try what failed of an erasure again; tell whether all is done now."""
    open_ = (_TABLE.c.id == id, _TABLE.c.finished_at.is_(None))
    row = connection.execute(select(_TABLE).where(*open_).with_for_update()).first()
    if row is None:
        return False
    person = Person(tuple(Subject(kind, who) for kind, who in row.subjects), tuple(row.contacts))
    before = [restored(one) for one in row.outcomes]
    failed = [one.plugin for one in before if one.result == "failed"]
    done = [one for one in before if one.result != "failed"]
    after = summed([*done, *erase(connection, failed, person)])
    state = _state(person, after, at)
    change = update(_TABLE).where(_TABLE.c.id == id)
    connection.execute(change.values(attempts=row.attempts + 1, **state))
    return state["finished_at"] is not None


def registered(connection: Connection, open_only: bool) -> list[Erasure]:
    """Return the erasures, the newest first."""
    query = select(_TABLE).order_by(_TABLE.c.id.desc())
    if open_only:
        query = query.where(_TABLE.c.finished_at.is_(None))
    return [_erasure(row) for row in connection.execute(query)]


def _state(person: Person, outcomes: Sequence[Outcome], at: datetime) -> dict[str, Any]:
    complete = not any(outcome.result == "failed" for outcome in outcomes)
    return {
        "finished_at": at if complete else None,
        "subjects": [] if complete else [[one.kind, one.id] for one in person.subjects],
        "contacts": [] if complete else list(person.contacts),
        "outcomes": [stored(outcome) for outcome in outcomes],
    }


def _erasure(row: Any) -> Erasure:
    outcomes = tuple(restored(one) for one in row.outcomes)
    return Erasure(str(row.id), row.at, outcomes, row.finished_at, row.attempts)
