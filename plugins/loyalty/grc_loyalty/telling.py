"""What a person who asks for their data is told beyond the declared columns.

Lines of the books are kept without a name when their owner is erased, so only what names somebody
is declared of them; who asks gets all of it.
"""

from typing import Any

from sqlalchemy import select

import grc_core as grc

from .base import Base
from .models import Entry
from .models import Hold
from .models import Purchase
from .models.points import POINTS


class Telling(Base):
    """Answer for the books."""

    @grc.hookimpl
    def export_personal_data(self, subject: grc.Subject) -> dict[str, Any] | None:
        """Return a customer's movements, sums of orders, and what was taken off them."""
        if subject.kind != "customer":
            return None
        moved = select(Entry).where(Entry.customer_id == subject.id).order_by(Entry.id)
        bought = select(Purchase).where(Purchase.customer_id == subject.id).order_by(Purchase.at)
        used = select(Hold).where(Hold.customer_id == subject.id).order_by(Hold.id)
        found = {
            "movements": [self._movement(row) for row in self.session.scalars(moved)],
            "orders": [self._order(row) for row in self.session.scalars(bought)],
            "taken off": [_taken_off(row) for row in self.session.scalars(used)],
        }
        return {name: rows for name, rows in found.items() if rows} or None

    def _movement(self, row: Entry) -> dict[str, Any]:
        amount = row.points if row.unit == POINTS else self._amount(row.points)
        return {"at": row.at, "unit": row.unit, "kind": row.kind, "amount": amount,
                "order": row.order_id, "reason": row.reason}  # fmt: skip

    def _order(self, row: Purchase) -> dict[str, Any]:
        return {"order": row.order_id, "at": row.at, "amount": self._amount(row.amount),
                "refunded": self._amount(row.refunded), "is_paid": row.is_paid}  # fmt: skip

    def _amount(self, minor: int) -> grc.Money:
        return grc.Money(minor, self.grc.shop.shop.currency)


def _taken_off(row: Hold) -> dict[str, Any]:
    return {"order": row.order_id, "what": row.promotion or row.what, "at": row.held_at,
            "amount": grc.Money(row.amount, row.currency), "state": row.state}  # fmt: skip
