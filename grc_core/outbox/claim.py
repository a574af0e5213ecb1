"""Take deliveries to work on: a claim is its own commit, counts the attempt and holds a lease."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import aliased

from ..storage.engine import Database
from ..storage.models import DeliveryRow
from ..storage.models import EventRow

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
BATCH = 50
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


def due_subscribers(database: Database, now: datetime) -> list[str]:
    """Return who has something to be delivered now."""
    ready = or_(
        and_(DeliveryRow.state == "pending", DeliveryRow.run_at <= now),
        and_(DeliveryRow.state == "claimed", _expired(now)),
    )
    with database.read() as connection:
        query = select(DeliveryRow.subscriber).where(ready).distinct()
        return sorted(connection.scalars(query))


def next_due(database: Database) -> datetime | None:
    """Return when the next pending delivery may run."""
    with database.read() as connection:
        query = select(func.min(DeliveryRow.run_at)).where(DeliveryRow.state == "pending")
        return connection.scalar(query)


def claim(database: Database, subscriber: str, owner: str, now: datetime) -> list[Claimed]:
    """Claim a batch for one subscriber: fresh rows, else one whose lease has expired."""
    with database.write() as connection:
        if connection.dialect.name == "postgresql":
            # one claimer at a time per subscriber keeps the order within a subject
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(subscriber))))
        ids = _fresh(connection, subscriber, now) or _abandoned(connection, subscriber, now)
        if not ids:
            return []
        taken = update(DeliveryRow).where(DeliveryRow.id.in_(ids)).values(
            state="claimed",
            owner=owner,
            lease_until=now + LEASE,
            attempts=DeliveryRow.attempts + 1,
        )  # fmt: skip
        connection.execute(taken)
        return _load(connection, ids)


def _fresh(connection: Connection, subscriber: str, now: datetime) -> list[int]:
    """Select due rows; a later event of a subject waits while an earlier one waits or runs."""
    earlier = aliased(DeliveryRow)
    blocked = exists().where(
        earlier.subscriber == DeliveryRow.subscriber,
        earlier.subject == DeliveryRow.subject,
        earlier.id < DeliveryRow.id,
        or_(
            earlier.state == "claimed",
            and_(
                earlier.state == "pending",
                or_(earlier.run_at > now, earlier.attempts > 0),
            ),
        ),
    )
    query = (
        select(DeliveryRow.id, DeliveryRow.attempts)
        .where(
            DeliveryRow.state == "pending",
            DeliveryRow.subscriber == subscriber,
            DeliveryRow.run_at <= now,
            or_(DeliveryRow.subject.is_(None), ~blocked),
        )
        .order_by(DeliveryRow.id)
        .limit(BATCH)
    )
    rows = connection.execute(query).all()
    if rows and rows[0].attempts:
        return [rows[0].id]  # what failed once is tried alone
    return [row.id for row in rows if not row.attempts]


def _abandoned(connection: Connection, subscriber: str, now: datetime) -> list[int]:
    """Select one row whose worker is gone, and bury those that had all their attempts."""
    mine = and_(DeliveryRow.state == "claimed", DeliveryRow.subscriber == subscriber, _expired(now))
    buried = update(DeliveryRow).where(mine, DeliveryRow.attempts >= MAX_ATTEMPTS)
    gone = "its worker disappeared each time (crash or hang)"
    connection.execute(buried.values(state="dead", error=gone, finished_at=now))
    return list(connection.scalars(select(DeliveryRow.id).where(mine).limit(1)))


def _expired(now: datetime) -> Any:
    """Match leases in the past, and those too far in the future: clocks move."""
    return or_(DeliveryRow.lease_until < now, DeliveryRow.lease_until > now + 2 * LEASE)


def _load(connection: Connection, ids: Sequence[int]) -> list[Claimed]:
    query = (
        select(
            DeliveryRow.id,
            DeliveryRow.attempts,
            DeliveryRow.subject,
            EventRow.id,
            EventRow.type,
            EventRow.version,
            EventRow.subject_kind,
            EventRow.subject_id,
            EventRow.gpc,
            EventRow.consents,
            EventRow.occurred_at,
            EventRow.payload,
        )
        .join(EventRow, EventRow.id == DeliveryRow.event_id)
        .where(DeliveryRow.id.in_(ids))
        .order_by(DeliveryRow.id)
    )
    return [Claimed(*tuple(row)) for row in connection.execute(query)]


def mark_done(connection: Connection, ids: Sequence[int], owner: str, now: datetime) -> None:
    """Mark deliveries as done; raise LostLease, so that all is undone, if one is not ours."""
    if not ids:
        return
    ours = update(DeliveryRow).where(
        DeliveryRow.id.in_(ids), DeliveryRow.owner == owner, DeliveryRow.state == "claimed"
    )
    done = ours.values(state="done", finished_at=now, owner=None, lease_until=None, error=None)
    if connection.execute(done).rowcount != len(ids):
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
    if not ids:
        return
    ours = update(DeliveryRow).where(
        DeliveryRow.id.in_(ids), DeliveryRow.owner == owner, DeliveryRow.state == "claimed"
    )
    back = {"state": "pending", "owner": None, "lease_until": None}
    connection.execute(ours.values(attempts=DeliveryRow.attempts - 1, **back))


def hand_back_all(connection: Connection, owner: str) -> None:
    """Return everything that a worker still holds, without counting an attempt."""
    held = select(DeliveryRow.id).where(DeliveryRow.owner == owner, DeliveryRow.state == "claimed")
    hand_back(connection, connection.scalars(held).all(), owner)


def pause_after(attempts: int) -> float:
    """Return seconds until the next attempt: 10 s, tripled each time, with a quarter's jitter."""
    pause: float = min(_FIRST_PAUSE * 3.0 ** (attempts - 1), _LONGEST_PAUSE)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311
