"""Read the deliveries and mend them: retry, drop, purge."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from ..errors import GRCError
from ..events import CORE_EVENTS
from ..storage.engine import Database
from ..storage.models import DeliveryRow
from ..storage.models import EventRow

#: pending and claimed are under way, dead waits for a person, done and dropped are over
STATES = ("pending", "claimed", "dead", "done", "dropped")
_UNFINISHED = ("pending", "claimed", "dead")
#: A purge takes this many rows in a transaction, then leaves the lock to others for a moment.
_CHUNK, _PAUSE_SECONDS = 1000, 0.005
#: SQLite takes some thousands of parameters in a statement, PostgreSQL 65,535.
_IDS = 500


@dataclass(frozen=True, slots=True)
class Total:
    """How many deliveries of a subscriber are in a state, and since when the oldest waits."""

    subscriber: str
    state: str
    count: int
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one subscriber has seen, or has yet to see, of an event."""

    id: int
    subscriber: str
    hook: str
    key: str
    subject: str | None
    state: str
    attempts: int
    occurred_at: datetime
    accepted_at: datetime
    run_at: datetime
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """A delivery with the payload of its event; None once it was purged."""

    delivery: Delivery
    event_id: int
    version: int
    historical: bool
    owner: str | None
    lease_until: datetime | None
    payload: str | None


@dataclass(frozen=True, slots=True)
class Purged:
    """How much a purge removed; the events and their keys stay."""

    deliveries: int
    payloads: int


_COLUMNS = (
    DeliveryRow.id,
    DeliveryRow.subscriber,
    EventRow.type,
    EventRow.key,
    DeliveryRow.subject,
    DeliveryRow.state,
    DeliveryRow.attempts,
    EventRow.occurred_at,
    EventRow.accepted_at,
    DeliveryRow.run_at,
    DeliveryRow.finished_at,
    DeliveryRow.error,
)
_EXTRA = (
    EventRow.id,
    EventRow.version,
    EventRow.historical,
    DeliveryRow.owner,
    DeliveryRow.lease_until,
    EventRow.payload,
)


def totals(database: Database) -> list[Total]:
    """Count the deliveries by subscriber and state; `oldest` is given for what is pending."""
    counts = select(DeliveryRow.subscriber, DeliveryRow.state, func.count()).group_by(
        DeliveryRow.subscriber, DeliveryRow.state
    )
    waiting = (
        select(DeliveryRow.subscriber, func.min(EventRow.accepted_at))
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .where(DeliveryRow.state == "pending")
        .group_by(DeliveryRow.subscriber)
    )
    with database.read() as connection:
        oldest = {(name, "pending"): at for name, at in connection.execute(waiting)}
        found = [
            Total(name, state, count, oldest.get((name, state)))
            for name, state, count in connection.execute(counts)
        ]
    return sorted(found, key=lambda item: (item.subscriber, STATES.index(item.state)))


def listed() -> Any:
    """Return the SELECT of deliveries with what their events are, in no order."""
    return select(*_COLUMNS).join(EventRow, EventRow.id == DeliveryRow.event_id)


def deliveries(
    database: Database,
    state: str | None = None,
    subscriber: str | None = None,
    hook: str | None = None,
    limit: int = 50,
) -> list[Delivery]:
    """Return deliveries, the newest first; `hook` may leave out its `on_`."""
    query = listed()
    if state is not None:
        query = query.where(DeliveryRow.state == state)
    if subscriber is not None:
        query = query.where(DeliveryRow.subscriber == subscriber)
    if hook is not None:
        name = f"on_{hook}" if f"on_{hook}" in CORE_EVENTS else hook
        query = query.where(EventRow.type == name)
    with database.read() as connection:
        rows = connection.execute(query.order_by(DeliveryRow.id.desc()).limit(limit))
        return [Delivery(*row) for row in rows]


def show(database: Database, id: int) -> Detail:
    """Return one delivery with its payload; raise GRCError where there is none."""
    query: Any = select(*_COLUMNS, *_EXTRA)
    query = query.join(EventRow, EventRow.id == DeliveryRow.event_id).where(DeliveryRow.id == id)
    with database.read() as connection:
        row = connection.execute(query).first()
    if row is None:
        raise GRCError(f"there is no delivery {id}; list them with: flask grc events")
    split = len(_COLUMNS)
    return Detail(Delivery(*row[:split]), *row[split:])


def retry(database: Database, ids: Sequence[int] | None, now: datetime) -> int:
    """Make dead or dropped deliveries pending again, and pending ones due now.

    `ids=None` means all that are dead. What is done stays done, since its effect would happen
    twice. Return how many were changed.
    """
    values = {
        "state": "pending",
        "attempts": 0,
        "run_at": now,
        "owner": None,
        "lease_until": None,
        "finished_at": None,
    }
    states = ("dead",) if ids is None else ("dead", "dropped", "pending")
    return _change(database, ids, states, values)


def drop(database: Database, ids: Sequence[int], now: datetime) -> int:
    """Give up on dead or pending deliveries; return how many were dropped."""
    return _change(database, ids, ("dead", "pending"), {"state": "dropped", "finished_at": now})


def _change(
    database: Database,
    ids: Sequence[int] | None,
    states: Sequence[str],
    values: dict[str, Any],
) -> int:
    statement = update(DeliveryRow).where(DeliveryRow.state.in_(states)).values(values)
    with database.write() as connection:
        if ids is None:
            return connection.execute(statement).rowcount
        parts = (ids[start : start + _IDS] for start in range(0, len(ids), _IDS))
        return sum(
            connection.execute(statement.where(DeliveryRow.id.in_(part))).rowcount for part in parts
        )


#: What a purged event forgets: what happened and to whom.
_SCRUBBED = {"payload": None, "subject_kind": None, "subject_id": None}


def purge(database: Database, before: datetime) -> Purged:
    """Remove what is over since before a time: deliveries, payloads nobody waits for, names.

    The events themselves stay, because their keys keep the same thing from happening twice.
    """
    # "not in" instead of "in": an index on the state would be read from the start each time
    over = (DeliveryRow.state.not_in(_UNFINISHED), DeliveryRow.finished_at < before)
    waited_for = exists().where(
        DeliveryRow.event_id == EventRow.id, DeliveryRow.state.in_(_UNFINISHED)
    )
    with database.read() as connection:
        old = select(func.max(EventRow.id)).where(EventRow.accepted_at < before)
        newest = connection.scalar(old) or 0
    unread = (EventRow.id <= newest, EventRow.payload.is_not(None), ~waited_for)
    return Purged(
        _in_chunks(database, DeliveryRow.id, over, delete(DeliveryRow)),
        _in_chunks(database, EventRow.id, unread, update(EventRow).values(_SCRUBBED)),
    )


def _in_chunks(database: Database, id: Any, conditions: Sequence[Any], change: Any) -> int:
    """Change the rows found, walking up their ids, so that none is looked at twice."""
    last, count = 0, 0
    while True:
        chunk = select(id).where(id > last, *conditions).order_by(id).limit(_CHUNK)
        with database.read() as connection:
            ids = connection.scalars(chunk).all()
        for start in range(0, len(ids), _IDS):
            # the conditions again: something may have been retried since
            part = change.where(id.in_(ids[start : start + _IDS]), *conditions)
            with database.write() as connection:
                count += connection.execute(part).rowcount
            time.sleep(_PAUSE_SECONDS)
        if len(ids) < _CHUNK:
            return count
        last = ids[-1]
