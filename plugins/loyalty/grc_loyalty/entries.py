"""A line of the ledger, the account it moves and the lots it draws on."""

from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Account
from .models import Entry
from .models import Lot
from .models import Spent
from .models.points import CREDIT
from .models.points import POINTS
from .once import insert_once

#: What an account may hold, in the order in which it pays.
UNITS = (POINTS, CREDIT)
PENDING, OPEN, EXPIRED = "pending", "open", "expired"


@dataclass(frozen=True, slots=True)
class Writing:
    """One line of the ledger to be; of store credit, `points` are minor units."""

    key: str
    customer_id: str
    kind: str
    points: int
    at: datetime
    order_id: str | None = None
    reason: str = ""
    made_by: str = ""
    unit: str = POINTS

    def like(self, key: str, points: int) -> "Writing":
        """Return the same line under another key with other points."""
        return replace(self, key=key, points=points)


def write(session: Session, writing: Writing) -> bool:
    """Add a line once per key; return False if it is there."""
    fields = {name: getattr(writing, name) for name in writing.__dataclass_fields__}
    return insert_once(session, Entry, **fields)


def locked(session: Session, customer_id: str, unit: str = POINTS) -> Account:
    """Return the customer's account of points or of credit, one transaction at a time."""
    insert_once(session, Account, customer_id=customer_id, unit=unit, balance=0, pending=0, debt=0)
    query = select(Account).where(Account.customer_id == customer_id, Account.unit == unit)
    account: Account = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one()
    return account


def settle(session: Session, account: Account) -> None:
    """Pay what is owed from what may be spent, and write everything down.

    Done after each change, so that the outcome does not depend on the order of the changes.
    """
    session.flush()
    left = min(account.debt, account.balance)
    if left:
        account.debt -= left
        for lot in open_lots(session, account.customer_id, account.unit):
            left -= take(account, lot, left)
        session.flush()


def take(account: Account, lot: Lot, wanted: int) -> int:
    """Take points off a lot and its account, as far as they go; return how many."""
    taken = min(lot.remaining, wanted)
    lot.remaining -= taken
    if lot.state == PENDING:
        account.pending -= taken
    else:
        account.balance -= taken
    return taken


def turn(session: Session, writing: Writing) -> str:
    """Return a key that no other line of the order's ledger has."""
    query = select(func.count()).select_from(Entry).where(Entry.order_id == writing.order_id)
    return f"{writing.key}:{session.scalar(query)}"


def open_lots(session: Session, customer_id: str, unit: str = POINTS) -> list[Lot]:
    """Return what a customer may spend, what expires first first."""
    mine = select(Lot).where(Lot.customer_id == customer_id, Lot.unit == unit)
    left = mine.where(Lot.state == OPEN, Lot.remaining > 0)
    ordered = left.order_by(Lot.expires_at, Lot.id).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def spent_lots(session: Session, order_id: str, unit: str = POINTS) -> list[tuple[Spent, Lot]]:
    """Return from which lots an order was paid, what expires last first."""
    query = select(Spent, Lot).join(Lot, Lot.id == Spent.lot_id)
    query = query.where(Spent.order_id == order_id, Lot.unit == unit)
    ordered = query.order_by(Lot.expires_at.desc(), Lot.id.desc())
    rows = session.execute(ordered.execution_options(populate_existing=True)).all()
    return [(row[0], row[1]) for row in rows]
