"""Gift cards: codes worth points, put on an account once, on the same ledger as all points."""

from datetime import datetime
from datetime import timedelta

from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from . import codes
from . import ledger
from .entries import Writing
from .models import Code

#: What a gift card's row says instead of a promotion.
GIFT = "gift card"


def make_cards(
    session: Session,
    count: int,
    points: int,
    key: str | bytes,
    now: datetime,
    until: datetime | None,
    batch: str = "",
) -> list[str]:
    """Make gift cards and return their codes; this is the only time that they can be read."""
    if points < 1 or count < 1:
        raise ValueError(f"{count} gift cards of {points} points: both are 1 or more")
    made = [codes.make() for _ in range(count)]
    row = {"promotion": GIFT, "points": points, "limit": 1, "used": 0, "batch": batch,
           "made_at": now, "expires_at": until}  # fmt: skip
    rows = [
        {**row, "prefix": code[:4], "digest": codes.digest(code.replace("-", ""), key)}
        for code in made
    ]
    session.execute(insert(Code), rows)
    return made


def redeem(session: Session, card: Code, customer_id: str, now: datetime, lasts: timedelta) -> int:
    """Put a card's points on an account and return them; 0 where it was used or is over.

    One conditional UPDATE decides who is first.
    """
    free = update(Code).where(
        Code.id == card.id,
        Code.used < Code.limit,
        or_(Code.expires_at.is_(None), Code.expires_at > now),
    )
    taken = session.execute(
        free.values(used=Code.used + 1).execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        return 0
    points = card.points or 0
    writing = Writing(f"gift:{card.id}", customer_id, "gift", points, now)
    is_new = ledger.earn(session, writing, opens_at=now, expires_at=now + lasts)
    return points if is_new else 0


def open_cards(session: Session, now: datetime) -> int:
    """Return the points of all cards that may still be redeemed: the shop owes them too."""
    query = select(func.sum(Code.points)).where(
        Code.used == 0, or_(Code.expires_at.is_(None), Code.expires_at > now)
    )
    return int(session.scalar(query) or 0)
