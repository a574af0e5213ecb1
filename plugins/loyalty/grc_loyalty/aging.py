"""What time does to points: they open, and they expire."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from .entries import EXPIRED
from .entries import OPEN
from .entries import PENDING
from .entries import Writing
from .entries import locked
from .entries import settle
from .entries import write
from .models import Lot


def mature(session: Session, now: datetime, most: int = 500) -> int:
    """Open what waited for the end of the return window and is paid; return how many lots."""
    due = (Lot.state == PENDING) & (Lot.opens_at <= now) & ~Lot.unpaid
    return _move(session, now, due, most)


def expire(session: Session, now: datetime, most: int = 500) -> int:
    """Take away what nobody spent, or paid for, in time; return how many lots."""
    due = Lot.state.in_((OPEN, PENDING)) & (Lot.expires_at <= now)
    return _move(session, now, due, most)


def mark_paid(session: Session, source: str) -> None:
    """Note that the order behind a lot is paid: it opens when the return window is over."""
    session.execute(
        update(Lot)
        .where(Lot.source == source, Lot.unpaid)
        .values(unpaid=False)
        .execution_options(synchronize_session=False)
    )


def _move(session: Session, now: datetime, due: Any, most: int) -> int:
    query = select(Lot.id, Lot.customer_id, Lot.unit).where(due)
    rows = session.execute(query.order_by(Lot.customer_id, Lot.id).limit(most)).all()
    for id, customer_id, unit in rows:
        account = locked(session, customer_id, unit)
        again = select(Lot).where(Lot.id == id, due).execution_options(populate_existing=True)
        lot = session.scalar(again)
        if lot is None:
            continue
        was_pending = lot.state == PENDING
        if lot.expires_at > now:
            lot.state = OPEN
            account.pending -= lot.remaining
            account.balance += lot.remaining
        else:
            lot.state = EXPIRED
            if lot.remaining:
                key = f"expire:{lot.id}:{lot.remaining}:{now.isoformat()}"
                write(
                    session,
                    Writing(key, customer_id, "expire", -lot.remaining, now, unit=unit),
                )
                if was_pending:
                    account.pending -= lot.remaining
                else:
                    account.balance -= lot.remaining
                lot.remaining = 0
        settle(session, account)
    return len(rows)
