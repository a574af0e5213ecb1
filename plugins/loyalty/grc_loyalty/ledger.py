"""Points and store credit: an append-only ledger with lots that expire.

It is exact under any order of events. Each customer has an account of points and one of credit
(minor units of the shop's currency), which never mix. Always, in each of them: the sum of the
entries is balance + pending - debt, and the sum of what remains of the lots is balance + pending.
Each entry has a key that happens once.
"""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .entries import EXPIRED
from .entries import OPEN
from .entries import PENDING
from .entries import Writing
from .entries import locked
from .entries import open_lots
from .entries import settle
from .entries import spent_lots
from .entries import take
from .entries import turn
from .entries import write
from .models import Entry
from .models import Lot
from .models import Spent


def earn(
    session: Session,
    writing: Writing,
    *,
    opens_at: datetime,
    expires_at: datetime,
    is_paid: bool = True,
) -> bool:
    """Credit points once per key; return False if that was done before.

    They may be spent from `opens_at` on, and not before what they were earned with is paid.
    """
    if writing.points <= 0:
        return False
    account = locked(session, writing.customer_id, writing.unit)
    if not write(session, writing):
        return False
    is_open = is_paid and opens_at <= writing.at
    session.add(
        Lot(
            customer_id=writing.customer_id,
            unit=writing.unit,
            source=writing.key,
            earned=writing.points,
            remaining=writing.points,
            state=OPEN if is_open else PENDING,
            unpaid=not is_paid,
            opens_at=opens_at,
            expires_at=expires_at,
        )
    )
    if is_open:
        account.balance += writing.points
    else:
        account.pending += writing.points
    settle(session, account)
    return True


def burn(session: Session, writing: Writing) -> bool:
    """Spend `-writing.points` for an order, oldest lots first; False where they do not suffice.

    An order that has spent as much already answers True again; one whose points went back may
    spend anew.
    """
    wanted, order_id = -writing.points, str(writing.order_id)
    account = locked(session, writing.customer_id, writing.unit)
    before = {lot.id: item for item, lot in spent_lots(session, order_id, writing.unit)}
    if any(item.points > item.returned for item in before.values()):
        return sum(item.points - item.returned for item in before.values()) >= wanted
    if wanted <= 0 or account.balance < wanted:
        return False
    if not write(session, writing.like(turn(session, writing), writing.points)):
        return False
    account.balance -= wanted
    for item in before.values():
        session.delete(item)
    session.flush()
    for lot in open_lots(session, writing.customer_id, writing.unit):
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
    account = locked(session, writing.customer_id, writing.unit)
    wanted, order_id = -writing.points, str(writing.order_id)
    there = min(wanted, account.balance)
    before = [(lot.id, item.points) for item, lot in spent_lots(session, order_id, writing.unit)]
    if there > 0:
        burn(session, writing.like(writing.key, -there))
    if wanted > there:
        write(session, writing.like(turn(session, writing), there - wanted))
        account.debt += wanted - there
        _owe(session, order_id, before, wanted - there)
        settle(session, account)


def _owe(session: Session, order_id: str, lots: list[tuple[int, int]], owed: int) -> None:
    """Count a debt as spent from the lots that first paid the order: a refund gives it back."""
    for lot_id, points in lots:
        part = min(points, owed)
        owed -= part
        item = session.get(Spent, (order_id, lot_id))
        if item is None:
            session.add(Spent(order_id=order_id, lot_id=lot_id, points=part, returned=0))
        elif item.returned:
            item.returned -= part
        else:
            item.points += part


def give_back(session: Session, writing: Writing) -> int:
    """Return points spent on an order to their lots until `writing.points` of them are back.

    The number is a cumulative target: events that come twice or late change nothing. Returns
    how many went back now.
    """
    account = locked(session, writing.customer_id, writing.unit)
    spent = spent_lots(session, str(writing.order_id), writing.unit)
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
    write(session, writing.like(turn(session, writing), given))
    account.balance += given
    settle(session, account)
    return given


def claw_back(session: Session, source: str, refunded: int, paid: int, writing: Writing) -> int:
    """Take back the part of an earned lot that refunds have undone; return how many points.

    The target is cumulative: floor(earned * refunded / paid). What is spent already becomes a
    debt that later points pay first; the balance never falls below zero. What has expired unspent
    is gone already, and not owed as well.
    """
    account = locked(session, writing.customer_id, writing.unit)
    query = select(Lot).where(Lot.source == source).execution_options(populate_existing=True)
    lot = session.scalar(query)
    if lot is None or paid <= 0:
        return 0
    most = lot.earned - (_expired(session, lot) if lot.expires_at <= writing.at else 0)
    taken = min(most, lot.earned * min(refunded, paid) // paid) - lot.clawed
    if taken <= 0:
        return 0
    lot.clawed += taken
    write(session, writing.like(f"{writing.key}:{lot.clawed}", -taken))
    account.debt += taken - take(account, lot, taken)
    settle(session, account)
    return taken


def _expired(session: Session, lot: Lot) -> int:
    mine = Entry.customer_id == lot.customer_id, Entry.key.startswith(f"expire:{lot.id}:")
    return -int(session.scalar(select(func.sum(Entry.points)).where(*mine)) or 0)


def unclaw(session: Session, source: str, refunded: int, paid: int, writing: Writing) -> int:
    """Give back what was taken for refunds that did not arrive; return how many points.

    The target is that of `claw_back`; what became a debt is paid with what comes back.
    """
    account = locked(session, writing.customer_id, writing.unit)
    query = select(Lot).where(Lot.source == source).execution_options(populate_existing=True)
    lot = session.scalar(query)
    if lot is None or paid <= 0:
        return 0
    back = lot.clawed - lot.earned * min(refunded, paid) // paid
    if back <= 0:
        return 0
    lot.clawed -= back
    lot.remaining += back
    write(session, writing.like(f"{writing.key}:{lot.clawed}", back))
    if lot.state == PENDING:
        account.pending += back
    else:
        lot.state = OPEN
        account.balance += back
    settle(session, account)
    return back


def take_again(session: Session, writing: Writing) -> int:
    """Spend again what went back for refunds that did not arrive; return how many points.

    `writing.points` is how many of what the order spent are to be back, as in `give_back`. What is
    not there any more becomes a debt.
    """
    account = locked(session, writing.customer_id, writing.unit)
    spent = spent_lots(session, str(writing.order_id), writing.unit)
    left = taken = sum(item.returned for item, _ in spent) - writing.points
    if taken <= 0:
        return 0
    for item, lot in reversed(spent):
        again = min(item.returned, left)
        item.returned -= again
        left -= again
        account.debt += again - take(account, lot, again)
    write(session, writing.like(turn(session, writing), -taken))
    settle(session, account)
    return taken


def adjust(session: Session, writing: Writing, expires_at: datetime) -> bool:
    """Give or take points by hand, with a reason; never below zero."""
    if writing.points > 0:
        return earn(session, writing, opens_at=writing.at, expires_at=expires_at)
    account = locked(session, writing.customer_id, writing.unit)
    if account.balance < -writing.points or not write(session, writing):
        return False
    left = -writing.points
    for lot in open_lots(session, writing.customer_id, writing.unit):
        left -= take(account, lot, left)
    session.flush()
    return True
