"""Gift cards: codes worth money, put on an account once as store credit, on the same ledger."""

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
from .models.points import CREDIT
from .models.points import POINTS

#: What a gift card's row says instead of a promotion.
GIFT = "gift card"


def make_cards(
    session: Session,
    count: int,
    amount: int,
    key: str | bytes,
    now: datetime,
    until: datetime | None,
    batch: str = "",
) -> list[str]:
    """Make gift cards of an amount in minor units and return their codes.

    This is the only time that they can be read.
    """
    if amount < 1 or count < 1:
        raise ValueError(f"{count} gift cards of {amount} minor units: both are 1 or more")
    made = [codes.make() for _ in range(count)]
    row = {"promotion": GIFT, "credit": amount, "limit": 1, "used": 0, "batch": batch,
           "made_at": now, "expires_at": until}  # fmt: skip
    rows = [
        {**row, "prefix": code[:4], "digest": codes.digest(code.replace("-", ""), key)}
        for code in made
    ]
    session.execute(insert(Code), rows)
    return made


def is_card(code: Code) -> bool:
    """Tell whether a code is a gift card rather than a coupon."""
    return code.promotion == GIFT


def redeem(session: Session, card: Code, customer_id: str, now: datetime, lasts: timedelta) -> bool:
    """Put what a card is worth on an account; False where it was used or is over.

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
        return False
    unit = POINTS if card.credit is None else CREDIT
    worth = (card.points if card.credit is None else card.credit) or 0
    writing = Writing(f"gift:{card.id}", customer_id, "gift", worth, now, unit=unit)
    return ledger.earn(session, writing, opens_at=now, expires_at=now + lasts)


def open_cards(session: Session, now: datetime, point_worth: int) -> int:
    """Return what all cards are worth that may still be redeemed: the shop owes it too."""
    each = func.coalesce(Code.credit, Code.points * point_worth)
    query = select(func.sum(each)).where(
        Code.promotion == GIFT,
        Code.used == 0,
        or_(Code.expires_at.is_(None), Code.expires_at > now),
    )
    return int(session.scalar(query) or 0)
