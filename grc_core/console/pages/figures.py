"""Figures of the outbox that the overview and the page on health share."""

from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from ...storage.mail_models import MessageRow
from ...storage.models import DeliveryRow
from ...storage.models import EventRow
from ...storage.sessions import current_session

_DAYS = 14


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits and what failed; `lag` is the age of the oldest delivery that is due."""

    pending: int
    dead: int
    lag: timedelta | None
    mail_waiting: int
    mail_failed: int


def waiting(now: datetime) -> Waiting:
    """Count what waits now."""
    states = _counts(DeliveryRow.state, DeliveryRow.state.in_(("pending", "claimed", "dead")))
    oldest = current_session().scalar(
        select(func.min(DeliveryRow.run_at)).where(
            DeliveryRow.state == "pending", DeliveryRow.run_at <= now
        )
    )
    mail = _counts(MessageRow.state)
    return Waiting(
        states.get("pending", 0) + states.get("claimed", 0),
        states.get("dead", 0),
        now - oldest if oldest else None,
        mail.get("queued", 0) + mail.get("sending", 0),
        mail.get("failed", 0) + mail.get("bounced", 0),
    )


def _counts(column: Any, *conditions: Any) -> dict[str, int]:
    """Return how many rows there are of each value."""
    query = select(column, func.count().label("number")).where(*conditions).group_by(column)
    return {value: number for value, number in current_session().execute(query)}  # noqa: C416


def events_by_day(now: datetime) -> list[tuple[date, int]]:
    """Return how many events happened on each of the last days, days without any too."""
    first = now.date() - timedelta(days=_DAYS - 1)
    day, since = func.date(EventRow.occurred_at), now - timedelta(days=_DAYS)
    # what a backfill read today happened long ago; none is known before it happens
    recent = (EventRow.accepted_at >= since, EventRow.occurred_at >= since)
    query = select(day, func.count()).where(*recent)
    found = {str(name): count for name, count in current_session().execute(query.group_by(day))}
    days = [first + timedelta(days=number) for number in range(_DAYS)]
    return [(item, found.get(item.isoformat(), 0)) for item in days]
