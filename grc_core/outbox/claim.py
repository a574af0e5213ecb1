"""Take deliveries to work on: a claim is its own commit, counts the attempt and holds a lease."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import cast

from sqlalchemy import Connection
from sqlalchemy import Table
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..storage.base import UTCDateTime
from ..storage.engine import Database
from ..storage.models import DeliveryRow
from ..storage.models import EventRow

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
BATCH = 200
_FIRST_PAUSE, _LONGEST_PAUSE = 10.0, 6 * 3600.0


class LostLease(Exception):
    """Raise when a delivery is no longer ours at the moment of the mark."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours for a while, with its event."""

    id: int
    attempts: int
    subject: str | None
    event_id: int
    type: str
    version: int
    subject_kind: str | None
    subject_id: str | None
    gpc: bool
    consents: int
    occurred_at: datetime
    payload: str | None
    key: str


# The statements are built once: building one costs ten times as much as running it.
_D = cast(Table, DeliveryRow.__table__).c
_E = cast(Table, EventRow.__table__).c
_deliveries = cast(Table, DeliveryRow.__table__)
_now: Any = bindparam("now", type_=UTCDateTime())
_ids: Any = bindparam("ids", expanding=True)
#: Leases in the past, and those too far in the future: clocks move.
_EXPIRED = or_(_D.lease_until < _now, _D.lease_until > bindparam("too_far", type_=UTCDateTime()))
_DUE = (
    select(_D.subscriber)
    .where(
        or_(
            and_(_D.state == "pending", _D.run_at <= _now),
            and_(_D.state == "claimed", _EXPIRED),
        )
    )
    .distinct()
)
_NEXT = select(func.min(_D.run_at)).where(_D.state == "pending")
_TAKE = update(_deliveries).where(_D.id.in_(_ids)).values(
    state="claimed",
    owner=bindparam("new_owner"),
    lease_until=bindparam("until"),
    attempts=_D.attempts + 1,
)  # fmt: skip
_earlier = _deliveries.alias()
_blocked = exists().where(
    _earlier.c.subscriber == _D.subscriber,
    _earlier.c.subject == _D.subject,
    _earlier.c.id < _D.id,
    or_(
        _earlier.c.state == "claimed",
        and_(
            _earlier.c.state == "pending",
            or_(_earlier.c.run_at > _now, _earlier.c.attempts > 0),
        ),
    ),
)
_FRESH = (
    select(_D.id, _D.attempts)
    .where(
        _D.state == "pending",
        _D.subscriber == bindparam("who"),
        _D.run_at <= _now,
        or_(_D.subject.is_(None), ~_blocked),
    )
    .order_by(_D.id)
    .limit(BATCH)
)
_mine = and_(_D.state == "claimed", _D.subscriber == bindparam("who"), _EXPIRED)
_BURY = (
    update(_deliveries)
    .where(_mine, _D.attempts >= MAX_ATTEMPTS)
    .values(
        state="dead",
        error="its worker disappeared each time (crash or hang)",
        finished_at=_now,
    )
)
_GONE = select(_D.id).where(_mine).limit(1)
_LOAD = (
    select(
        _D.id,
        _D.attempts,
        _D.subject,
        _E.id,
        _E.type,
        _E.version,
        _E.subject_kind,
        _E.subject_id,
        _E.gpc,
        _E.consents,
        _E.occurred_at,
        _E.payload,
        _E.key,
    )
    .join(cast(Table, EventRow.__table__), _E.id == _D.event_id)
    .where(_D.id.in_(_ids))
    .order_by(_D.id)
)
_ours = update(_deliveries).where(
    _D.id.in_(_ids), _D.owner == bindparam("whose"), _D.state == "claimed"
)
_DONE = _ours.values(state="done", finished_at=_now, owner=None, lease_until=None, error=None)
_HAND_BACK = _ours.values(state="pending", owner=None, lease_until=None, attempts=_D.attempts - 1)


def due_subscribers(database: Database, now: datetime) -> list[str]:
    """Return who has something to be delivered now."""
    with database.read() as connection:
        return sorted(connection.scalars(_DUE, _times(now)))


def next_due(database: Database) -> datetime | None:
    """Return when the next pending delivery may run."""
    with database.read() as connection:
        found: datetime | None = connection.scalar(_NEXT)
        return found


def claim(database: Database, subscriber: str, owner: str, now: datetime) -> list[Claimed]:
    """Claim a batch for one subscriber: fresh rows, else one whose lease has expired."""
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            # one claimer at a time per subscriber keeps the order within a subject
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(subscriber))))
        ids = _fresh(connection, subscriber, now) or _abandoned(connection, subscriber, now)
        if not ids:
            return []
        lease = {"new_owner": owner, "until": now + LEASE}
        connection.execute(_TAKE, {"ids": ids, **lease})
        return [Claimed(*tuple(row)) for row in connection.execute(_LOAD, {"ids": ids})]


def _fresh(connection: Connection, subscriber: str, now: datetime) -> list[int]:
    """Select due rows; a later event of a subject waits while an earlier one waits or runs."""
    rows = connection.execute(_FRESH, {"who": subscriber, "now": now}).all()
    if rows and rows[0].attempts:
        return [rows[0].id]  # what failed once is tried alone
    return [row.id for row in rows if not row.attempts]


def _abandoned(connection: Connection, subscriber: str, now: datetime) -> list[int]:
    """Select one row whose worker is gone, and bury those that had all their attempts."""
    values = {"who": subscriber, **_times(now)}
    connection.execute(_BURY, values)
    return list(connection.scalars(_GONE, values))


def _times(now: datetime) -> dict[str, datetime]:
    return {"now": now, "too_far": now + 2 * LEASE}


def mark_done(connection: Connection, ids: Sequence[int], owner: str, now: datetime) -> None:
    """Mark deliveries as done; raise LostLease, so that all is undone, if one is not ours."""
    if not ids:
        return
    if connection.execute(_DONE, {"ids": ids, "whose": owner, "now": now}).rowcount != len(ids):
        raise LostLease(f"of {len(ids)} deliveries some were taken over")


def mark_failed(
    connection: Connection, row: Claimed, owner: str, error: str, now: datetime
) -> bool:
    """Put a delivery back for a later attempt, or among the dead; True when it is dead."""
    dead = row.attempts >= MAX_ATTEMPTS
    ours = update(DeliveryRow).where(DeliveryRow.id == row.id, DeliveryRow.owner == owner)
    change = {"owner": None, "lease_until": None, "error": error[:2000]}
    if dead:
        connection.execute(ours.values(state="dead", finished_at=now, **change))
    else:
        later = now + timedelta(seconds=pause_after(row.attempts))
        connection.execute(ours.values(state="pending", run_at=later, **change))
    return dead


def hand_back(connection: Connection, ids: Sequence[int], owner: str) -> None:
    """Return claimed deliveries that were not tried, without counting an attempt."""
    if ids:
        connection.execute(_HAND_BACK, {"ids": ids, "whose": owner})


def hand_back_all(connection: Connection, owner: str) -> None:
    """Return everything that a worker still holds, without counting an attempt."""
    held = select(DeliveryRow.id).where(DeliveryRow.owner == owner, DeliveryRow.state == "claimed")
    hand_back(connection, connection.scalars(held).all(), owner)


def put_off(connection: Connection, subscriber: str, owner: str, until: datetime) -> None:
    """Return all that a worker holds, and let nothing of the subscriber run before `until`."""
    hand_back_all(connection, owner)
    early = update(DeliveryRow).where(
        DeliveryRow.subscriber == subscriber,
        DeliveryRow.state == "pending",
        DeliveryRow.run_at < until,
    )
    connection.execute(early.values(run_at=until))


def pause_after(attempts: int) -> float:
    """Return seconds until the next attempt: 10 s, tripled each time, with a quarter's jitter."""
    pause: float = min(_FIRST_PAUSE * 3.0 ** (attempts - 1), _LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311
