"""Hold what is limited while an order is placed: one conditional UPDATE decides each limit.

A hold is taken before the payment, committed when the shop reports the order, and released when
the order comes to nothing. A limit is never exceeded, on any database, however many try at once.
"""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from .entries import UNITS
from .models import Code
from .models import Hold
from .models import Promotion
from .models import Slot
from .models.points import POINTS
from .once import insert_once

HELD, COMMITTED, RELEASED = "held", "committed", "released"


class UsedUp(Exception):
    """A limit is reached; `reason` says which: `used_up` or `used_by_you`."""

    def __init__(self, reason: str, promotion: str) -> None:
        super().__init__(f"{promotion}: {reason}")
        self.reason = reason
        self.promotion = promotion


@dataclass(frozen=True, slots=True)
class Use:
    """A promotion that an order makes use of, with the code that gave the right to it.

    Without a promotion it is `unit` that the order spends: points or credit.
    """

    promotion: str
    amount: int
    currency: str
    code_id: int | None = None
    limit_total: int | None = None
    limit_customer: int | None = None
    limit_code: int | None = None
    unit: str = POINTS

    @property
    def what(self) -> str:
        """Return what is held, in one word."""
        if not self.promotion:
            return self.unit
        return f"promotion:{self.promotion}" if self.code_id is None else f"code:{self.code_id}"


@dataclass(frozen=True, slots=True)
class Placing:
    """The order that holds: its id, its cart and customer, and until when."""

    order_id: str
    cart_id: str | None
    customer_id: str | None
    now: datetime
    until: datetime


def hold(session: Session, use: Use, placing: Placing) -> None:
    """Hold a promotion for an order, or raise UsedUp; the same order renews its own hold."""
    values = {"state": HELD, "held_at": placing.now, "expires_at": placing.until,
              "amount": use.amount, "currency": use.currency}  # fmt: skip
    is_new = insert_once(
        session,
        Hold,
        order_id=placing.order_id,
        what=use.what,
        promotion=use.promotion or None,
        code_id=use.code_id,
        customer_id=placing.customer_id,
        cart_id=placing.cart_id,
        **values,
    )
    if not is_new:
        ours = (Hold.order_id == placing.order_id) & (Hold.what == use.what)
        revived = _changed(session, update(Hold).where(ours, Hold.state == RELEASED), values)
        if not revived:
            _changed(session, update(Hold).where(ours, Hold.state == HELD), values)
            return
    _count(session, use, placing)


def _count(session: Session, use: Use, placing: Placing) -> None:
    """Take one of what is left of each limit; the rarest row is written last."""
    if use.limit_customer is not None and not _take_slot(session, use, placing):
        raise UsedUp("used_by_you", use.promotion)
    if use.code_id is not None and use.limit_code is not None:
        free = update(Code).where(Code.id == use.code_id, Code.used < Code.limit)
        if not _changed(session, free, {"used": Code.used + 1}):
            raise UsedUp("used_up", use.promotion)
    if use.limit_total is not None:
        mine = Promotion.key == use.promotion
        free = update(Promotion).where(mine, Promotion.used < Promotion.limit_total)
        if not _changed(session, free, {"used": Promotion.used + 1}):
            raise UsedUp("used_up", use.promotion)


def _take_slot(session: Session, use: Use, placing: Placing) -> bool:
    if placing.customer_id is None:
        return False
    return any(
        insert_once(
            session,
            Slot,
            promotion=use.promotion,
            customer_id=placing.customer_id,
            number=number,
            order_id=placing.order_id,
        )
        for number in range(use.limit_customer or 0)
    )


def commit(session: Session, order_id: str) -> list[Hold]:
    """Commit what an order holds and return it; a hold that ran out meanwhile is honoured."""
    found = list(session.scalars(select(Hold).where(Hold.order_id == order_id)))
    for held in found:
        if held.state == RELEASED:
            # The customer paid this price: the limit gives way, not the customer.
            _give(session, held, +1)
            _take_slot_again(session, held)
        held.state = COMMITTED
    session.flush()
    return found


def _take_slot_again(session: Session, held: Hold) -> None:
    """Count a use that was let go of and paid after all, where there is a limit by customer."""
    if held.customer_id is None or held.promotion is None:
        return
    most = session.scalar(select(Promotion.limit_customer).where(Promotion.key == held.promotion))
    friends = (Code.id == held.code_id) & Code.referrer_id.is_not(None)
    if most is None and session.scalar(select(Code.id).where(friends)) is not None:
        most = 1
    slot = {"promotion": held.promotion, "customer_id": held.customer_id}
    for number in range(most or 0):
        if insert_once(session, Slot, **slot, number=number, order_id=held.order_id):
            return


def released(session: Session, order_id: str, what: str) -> list[str]:
    """Return whose holds of an order, of one sort, were let go of."""
    query = select(Hold.customer_id).where(
        Hold.order_id == order_id, Hold.what == what, Hold.state == RELEASED
    )
    return [id for id in session.scalars(query) if id is not None]


def release(
    session: Session, order_id: str, now: datetime, but: Collection[str] = ()
) -> list[Hold]:
    """Let go of what an order holds, `but` for some, and return it; what is committed stays."""
    held = select(Hold).where(Hold.order_id == order_id, Hold.state == HELD, Hold.what.not_in(but))
    let_go: list[Hold] = []
    for item in session.scalars(held).all():
        mine = update(Hold).where(Hold.id == item.id, Hold.state == HELD)
        if _changed(session, mine, {"state": RELEASED, "expires_at": now}):
            _give(session, item, -1)
            let_go.append(item)
    promotions = {item.promotion for item in let_go if item.promotion}
    if promotions:
        theirs = (Slot.order_id == order_id) & Slot.promotion.in_(promotions)
        session.execute(delete(Slot).where(theirs))
    return let_go


def give_up(session: Session, order_id: str, but: Collection[str], now: datetime) -> list[Hold]:
    """Forget what an order does not need any more, `but` for the rest; return what it held.

    What it gave up by itself is not honoured when it is paid, as what it lost by waiting is.
    """
    let_go = release(session, order_id, now, but)
    session.flush()
    gone = (Hold.order_id == order_id) & (Hold.state == RELEASED) & Hold.what.not_in(but)
    for item in let_go:
        session.expunge(item)
    session.execute(delete(Hold).where(gone))
    return let_go


def reverse(session: Session, order_id: str, now: datetime) -> None:
    """Give back the coupons of a cancelled order; once, however often it is told.

    Points and credit go back by the ledger, which knows how many went back before.
    """
    coupons = (Hold.order_id == order_id) & Hold.what.not_in(UNITS)
    used = select(Hold).where(coupons, Hold.state == COMMITTED)
    for item in session.scalars(used).all():
        mine = update(Hold).where(Hold.id == item.id, Hold.state == COMMITTED)
        if _changed(session, mine, {"state": RELEASED, "expires_at": now}):
            _give(session, item, -1)
            session.execute(delete(Slot).where(Slot.order_id == order_id))


def stale_orders(session: Session, now: datetime, most: int = 500) -> Sequence[str]:
    """Return orders whose holds have run out."""
    query = select(Hold.order_id).where(Hold.state == HELD, Hold.expires_at < now).distinct()
    return session.scalars(query.limit(most)).all()


def paid_by(session: Session, order_id: str) -> int:
    """Return how much of an order's price points and credit pay, in minor units."""
    query = select(func.sum(Hold.amount)).where(
        Hold.order_id == order_id, Hold.what.in_(UNITS), Hold.state != RELEASED
    )
    return int(session.scalar(query) or 0)


def held_by(session: Session, orders: Collection[str]) -> frozenset[str]:
    """Return the promotions that some orders hold."""
    if not orders:
        return frozenset()
    query = select(Hold.promotion).where(Hold.order_id.in_(orders), Hold.state == HELD)
    return frozenset(key for key in session.scalars(query) if key)


def _give(session: Session, held: Hold, by: int) -> None:
    """Count one more or one less, wherever there is a limit to count for."""
    if held.code_id is not None:
        counted = update(Code).where(Code.id == held.code_id, Code.limit.is_not(None))
        _changed(session, counted, {"used": Code.used + by})
    if held.promotion is not None:
        limited = Promotion.limit_total.is_not(None)
        counted = update(Promotion).where(Promotion.key == held.promotion, limited)
        _changed(session, counted, {"used": Promotion.used + by})


def _changed(session: Session, statement: Any, values: dict[str, Any]) -> bool:
    done: Any = session.execute(
        statement.values(**values).execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)
