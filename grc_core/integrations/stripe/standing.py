"""Where payments stand: a state that only grows, so that the order of events does not matter.

What was refunded is everything that was ever sent back, which grows, less what failed, which
grows too: their difference may fall.
"""

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from ...storage.upsert import insert_new
from .models import PaymentRow
from .models import RefundRow
from .models import StripeModel
from .notice import ENDED
from .notice import PAID
from .notice import REFUND
from .notice import REFUNDED
from .notice import Notice

#: A refund that did not arrive: the money is back on the shop's account.
UNDONE = ("failed", "canceled")


@dataclass(frozen=True, slots=True)
class Standing:
    """All payments of an order together, in minor units."""

    is_paid: bool
    is_ended: bool
    paid: int
    #: what went back and arrived, as far as is known
    refunded: int
    #: how many refunds did not
    undone: int
    currency: str | None
    reference: str | None
    #: how many payments went through; two are one too many
    payments: int


def insert_once(session: Session, model: type[StripeModel], **values: object) -> bool:
    """Insert a row unless its key is there; tell whether it is new."""
    statement = insert_new(session.get_bind().dialect.name, model)
    return session.execute(statement, values).scalar() is not None


def note(session: Session, notice: Notice) -> PaymentRow | None:
    """Add what a notice says to its payment; None where it is about no payment."""
    id = notice.payment_id or (notice.object_id if notice.order_id else None)
    if not id:
        return None
    insert_once(session, PaymentRow, id=id, paid=0, refunded=0, is_paid=False, is_ended=False)
    query = select(PaymentRow).where(PaymentRow.id == id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    row.order_id = row.order_id or notice.order_id
    row.currency = row.currency or notice.currency
    if notice.means == PAID:
        row.is_paid, row.paid = True, max(row.paid, notice.amount)
    elif notice.means == ENDED:  # one that FAILED may still be paid on its page
        row.is_ended = True
    elif notice.means == REFUNDED:
        row.refunded = max(row.refunded, notice.amount)
    elif notice.means == REFUND:
        _note_refund(session, row, notice)
    session.flush()
    return row


def _note_refund(session: Session, row: PaymentRow, notice: Notice) -> None:
    status = notice.status or ""
    values = {"payment_id": row.id, "amount": notice.amount, "status": status}
    if not insert_once(session, RefundRow, id=notice.object_id, **values):
        known = session.get_one(RefundRow, notice.object_id, populate_existing=True)
        if known.status not in UNDONE:  # which is the end of it, whatever comes late
            known.status = status
    session.flush()
    together = session.scalar(
        select(func.sum(RefundRow.amount)).where(RefundRow.payment_id == row.id)
    )
    row.refunded = max(row.refunded, int(together or 0))


def standing_of(session: Session, order_id: str) -> Standing:
    """Return where an order stands."""
    rows = session.scalars(
        select(PaymentRow).where(PaymentRow.order_id == order_id).order_by(PaymentRow.id)
    ).all()
    paid = [row for row in rows if row.is_paid]
    failed = select(func.count(), func.sum(RefundRow.amount)).where(
        RefundRow.payment_id.in_([row.id for row in rows]), RefundRow.status.in_(UNDONE)
    )
    undone, back = session.execute(failed).one()
    return Standing(
        is_paid=bool(paid),
        is_ended=not paid and any(row.is_ended for row in rows),
        paid=sum(row.paid for row in paid),
        refunded=max(0, sum(row.refunded for row in rows) - int(back or 0)),
        undone=undone,
        currency=next((row.currency for row in rows if row.currency), None),
        reference=paid[0].id if paid else None,
        payments=len(paid),
    )
