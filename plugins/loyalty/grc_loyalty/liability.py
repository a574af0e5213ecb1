"""What the shop owes in points and in store credit: now, and how it came to it."""

from datetime import date

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Account
from .models import Entry
from .models.points import POINTS


def owed(session: Session, unit: str = POINTS) -> int:
    """Return all points, or all credit, that customers may still spend: what the shop owes."""
    query = select(func.sum(Account.balance + Account.pending - Account.debt))
    query = query.where(Account.unit == unit)
    return max(0, int(session.scalar(query) or 0))


def liability(session: Session, unit: str = POINTS) -> list[tuple[date, int]]:
    """Return the sum of what is open at the end of each day on which it changed."""
    day = func.date(Entry.at)
    mine = select(day, func.sum(Entry.points)).where(Entry.unit == unit)
    rows = session.execute(mine.group_by(day).order_by(day))
    found: list[tuple[date, int]] = []
    total = 0
    for at, change in rows:
        total += int(change)
        found.append((at if isinstance(at, date) else date.fromisoformat(at), max(0, total)))
    return found
