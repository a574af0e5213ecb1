"""The points: an append-only ledger with lots that expire, exact under any order of events.

Always: the sum of a customer's entries is balance + pending - debt, and the sum of what remains
of the lots is balance + pending. Each entry has a key that happens once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Account
from .models import Entry
from .models import Lot
from .models import Spent
from .once import insert_once

PENDING, OPEN, EXPIRED = "pending", "open", "expired"


@dataclass(frozen=True, slots=True)
class Writing:
    """One line of the ledger to be."""

    key: str
    customer_id: str
    kind: str
    points: int
    at: datetime
    order_id: str | None = None
    reason: str = ""
    made_by: str = ""


def _write(session: Session, writing: Writing) -> bool:
    fields = {name: getattr(writing, name) for name in writing.__dataclass_fields__}
    return insert_once(session, Entry, **fields)


def _locked(session: Session, customer_id: str) -> Account:
    """Return the customer's account, one transaction at a time."""
    insert_once(session, Account, customer_id=customer_id, balance=0, pending=0, debt=0)
    query = select(Account).where(Account.customer_id == customer_id)
    account: Account = session.scalars(
        query.with_for_update().execution_options(populate_existing=True)
    ).one()
    return account


def earn(session: Session, writing: Writing, *, opens_at: datetime, expires_at: datetime) -> bool:
    """Credit points once per key; return False if that was done before."""
    if writing.points <= 0:
        return False
    account = _locked(session, writing.customer_id)
    if not _write(session, writing):
        return False
    is_open = opens_at <= writing.at
    session.add(
        Lot(
            customer_id=writing.customer_id,
            source=writing.key,
            earned=writing.points,
            remaining=writing.points,
            state=OPEN if is_open else PENDING,
            opens_at=opens_at,
            expires_at=expires_at,
        )
    )
    if is_open:
        account.balance += writing.points
    else:
        account.pending += writing.points
    _settle(session, account)
    return True


def _settle(session: Session, account: Account) -> None:
    """Pay what is owed from what may be spent, and write everything down.

    Done after each change, so that the outcome does not depend on the order of the changes.
    """
    session.flush()
    left = min(account.debt, account.balance)
    if left:
        account.debt -= left
        for lot in _open_lots(session, account.customer_id):
            left -= _take(account, lot, left)
        session.flush()


def burn(session: Session, writing: Writing) -> bool:
    """Spend `-writing.points` for an order, oldest lots first; False where they do not suffice.

    An order that has spent as much already answers True again; one whose points went back may
    spend anew.
    """
    wanted, order_id = -writing.points, str(writing.order_id)
    account = _locked(session, writing.customer_id)
    before = {lot.id: item for item, lot in _spent(session, order_id)}
    if any(item.points > item.returned for item in before.values()):
        return sum(item.points - item.returned for item in before.values()) >= wanted
    if wanted <= 0 or account.balance < wanted:
        return False
    if not _write(session, _like(writing, _turn(session, writing), writing.points)):
        return False
    account.balance -= wanted
    for item in before.values():
        session.delete(item)
    session.flush()
    for lot in _open_lots(session, writing.customer_id):
        taken = min(lot.remaining, wanted)
        lot.remaining -= taken
        wanted -= taken
        session.add(Spent(order_id=order_id, lot_id=lot.id, points=taken, returned=0))
        if not wanted:
            break
    session.flush()
    return True


def burn_again(session: Session, writing: Writing) -> None:
    """Spend `-writing.points` for an order that was paid after its points went back.

    What is not there any more becomes a debt that later points pay first.
    """
    account = _locked(session, writing.customer_id)
    wanted = -writing.points
    there = min(wanted, account.balance)
    if there > 0:
        burn(session, _like(writing, writing.key, -there))
    if wanted > there:
        _write(session, _like(writing, _turn(session, writing), there - wanted))
        account.debt += wanted - there
        _settle(session, account)


def _turn(session: Session, writing: Writing) -> str:
    """Return a key that no other line of the order's ledger has."""
    query = select(func.count()).select_from(Entry).where(Entry.order_id == writing.order_id)
    return f"{writing.key}:{session.scalar(query)}"


def _open_lots(session: Session, customer_id: str) -> list[Lot]:
    mine = select(Lot).where(Lot.customer_id == customer_id, Lot.state == OPEN, Lot.remaining > 0)
    ordered = mine.order_by(Lot.expires_at, Lot.id).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def give_back(session: Session, writing: Writing) -> int:
    """Return points spent on an order to their lots until `writing.points` of them are back.

    The number is a cumulative target: events that come twice or late change nothing. Returns
    how many went back now.
    """
    account = _locked(session, writing.customer_id)
    spent = _spent(session, str(writing.order_id))
    left = given = min(
        writing.points - sum(item.returned for item, _ in spent),
        sum(item.points - item.returned for item, _ in spent),
    )
    if given <= 0:
        return 0
    for item, lot in spent:
        back = min(item.points - item.returned, left)
        item.returned += back
        lot.remaining += back
        left -= back
        if lot.state == EXPIRED and back:
            lot.state = OPEN
    _write(session, _like(writing, _turn(session, writing), given))
    account.balance += given
    _settle(session, account)
    return given


def _spent(session: Session, order_id: str) -> list[tuple[Spent, Lot]]:
    query = select(Spent, Lot).join(Lot, Lot.id == Spent.lot_id).where(Spent.order_id == order_id)
    ordered = query.order_by(Lot.expires_at.desc(), Lot.id.desc())
    rows = session.execute(ordered.execution_options(populate_existing=True)).all()
    return [(row[0], row[1]) for row in rows]


def claw_back(session: Session, source: str, refunded: int, paid: int, writing: Writing) -> int:
    """Take back the part of an earned lot that refunds have undone; return how many points.

    The target is cumulative: floor(earned * refunded / paid). What is spent already becomes a
    debt that later points pay first; the balance never falls below zero.
    """
    account = _locked(session, writing.customer_id)
    query = select(Lot).where(Lot.source == source).execution_options(populate_existing=True)
    lot = session.scalar(query)
    if lot is None or paid <= 0:
        return 0
    taken = min(lot.earned, lot.earned * min(refunded, paid) // paid) - lot.clawed
    if taken <= 0:
        return 0
    lot.clawed += taken
    _write(session, _like(writing, f"{writing.key}:{lot.clawed}", -taken))
    account.debt += taken - _take(account, lot, taken)
    _settle(session, account)
    return taken


def _take(account: Account, lot: Lot, wanted: int) -> int:
    taken = min(lot.remaining, wanted)
    lot.remaining -= taken
    if lot.state == PENDING:
        account.pending -= taken
    else:
        account.balance -= taken
    return taken


def mature(session: Session, now: datetime, most: int = 500) -> int:
    """Make spendable what waited for the end of the return window; return how many lots."""
    return _move(session, now, most, PENDING, Lot.opens_at)


def expire(session: Session, now: datetime, most: int = 500) -> int:
    """Take away what nobody spent in time; return how many lots."""
    return _move(session, now, most, OPEN, Lot.expires_at)


def _move(session: Session, now: datetime, most: int, state: str, due: Any) -> int:
    query = select(Lot.id, Lot.customer_id).where(Lot.state == state, due <= now)
    rows = session.execute(query.order_by(Lot.customer_id, Lot.id).limit(most)).all()
    for id, customer_id in rows:
        account = _locked(session, customer_id)
        lot = session.get(Lot, id, populate_existing=True)
        if lot is None or lot.state != state:
            continue
        if state == PENDING:
            lot.state = OPEN
            account.pending -= lot.remaining
            account.balance += lot.remaining
        else:
            lot.state = EXPIRED
            if lot.remaining:
                key = f"expire:{lot.id}:{lot.remaining}:{now.isoformat()}"
                _write(session, Writing(key, customer_id, "expire", -lot.remaining, now))
                account.balance -= lot.remaining
                lot.remaining = 0
        _settle(session, account)
    return len(rows)


def adjust(session: Session, writing: Writing, expires_at: datetime) -> bool:
    """Give or take points by hand, with a reason; never below zero."""
    if writing.points > 0:
        return earn(session, writing, opens_at=writing.at, expires_at=expires_at)
    account = _locked(session, writing.customer_id)
    if account.balance < -writing.points or not _write(session, writing):
        return False
    left = -writing.points
    for lot in _open_lots(session, writing.customer_id):
        left -= _take(account, lot, left)
    session.flush()
    return True


def account_of(session: Session, customer_id: str) -> Account | None:
    """Return a customer's points, or None before the first."""
    return session.get(Account, customer_id)


def _like(writing: Writing, key: str, points: int) -> Writing:
    return Writing(
        key,
        writing.customer_id,
        writing.kind,
        points,
        writing.at,
        writing.order_id,
        writing.reason,
        writing.made_by,
    )


def spent_on(session: Session, order_id: str) -> int:
    """Return how many points an order was paid with, whether they went back or not."""
    query = select(func.sum(Spent.points)).where(Spent.order_id == order_id)
    return int(session.scalar(query) or 0)


def held_by(session: Session, orders: Collection[str]) -> int:
    """Return how many points some orders have spent and not got back."""
    query = select(func.sum(Spent.points - Spent.returned)).where(Spent.order_id.in_(orders))
    return int(session.scalar(query) or 0) if orders else 0


def latest(session: Session, customer_id: str, most: int = 5) -> list[Entry]:
    """Return a customer's last lines of the ledger."""
    query = select(Entry).where(Entry.customer_id == customer_id)
    return list(session.scalars(query.order_by(Entry.id.desc()).limit(most)))
