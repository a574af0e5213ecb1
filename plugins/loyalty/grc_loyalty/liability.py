"""What the shop owes in points: now, and how it came to it."""

from datetime import date

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Account
from .models import Entry


def open_points(session: Session) -> int:
    """Return all points that customers may still spend: what the shop owes."""
    query = select(func.sum(Account.balance + Account.pending - Account.debt))
    return max(0, int(session.scalar(query) or 0))


def liability(session: Session) -> list[tuple[date, int]]:
    """Return the sum of all open points at the end of each day on which it changed."""
    day = func.date(Entry.at)
    rows = session.execute(select(day, func.sum(Entry.points)).group_by(day).order_by(day))
    found: list[tuple[date, int]] = []
    total = 0
    for at, change in rows:
        total += int(change)
        found.append((at if isinstance(at, date) else date.fromisoformat(at), max(0, total)))
    return found
