"""The page of the staff: what Stripe told, what waits for somebody, who is in dispute."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy import func
from sqlalchemy import select

from ...console.tables import Action
from ...console.tables import Column
from ...plugin import console_page
from ...values import Money
from .account import SECRETS
from .account import mode
from .account import webhook_secrets
from .commands import Commands
from .models import OPEN
from .models import EventRow
from .models import OrderRow
from .notice import DISPUTED
from .notice import OTHER
from .notice import UNDISPUTED
from .remarks import worded

#: What an event is called; the others go by Stripe's own word.
_CALLED = {
    "paid": "payment",
    "failed": "payment declined",
    "ended": "payment ended",
    "refunded": "refund",
    "refund": "refund",
    "disputed": "dispute",
    "undisputed": "dispute ended",
    "thin": "not read yet",
    "foreign": "not of this shop",
}
_STATES = ("new", "waiting", "review", "done")
_AGAIN = Action("again", "Work on them again")
#: The latest disputes are shown.
_DISPUTES = 200


class Staff(Commands):
    """Payments in the console."""

    @console_page("Payments", roles=("support", "marketing"))
    def payments(self) -> Any:
        """Show what Stripe told; work again on what was chosen."""
        if self.console.action == "again":
            return self._again(self.console.chosen)
        kept = _events().where(EventRow.means != OTHER)
        table = self.console.table(
            self._columns(), kept, sort="-at", actions=(_AGAIN,), row_id="id",
            title="Events", empty="Nothing has come from Stripe yet.",
        )  # fmt: skip
        open_ones = self.session.scalars(select(EventRow.id).where(EventRow.state.in_(OPEN))).all()
        return self.render(
            "console_payments.html",
            table=table,
            disputes=self._disputes(),
            waiting=len(open_ones),
            mode=mode(),
            has_secret=bool(webhook_secrets()),
            secret_name=SECRETS,
            last=self.session.scalar(
                select(EventRow.received_at).order_by(EventRow.received_at.desc()).limit(1)
            ),
        )

    def _again(self, chosen: Sequence[str]) -> Any:
        if chosen == ["*"]:
            chosen = self.session.scalars(select(EventRow.id).where(EventRow.state.in_(OPEN))).all()
        found = self.work_again(chosen)
        if found:
            self.console.audit("Stripe events worked on again", ", ".join(found)[:500])
        text = self.console.translate("Events that are worked on again: %(count)s.")
        return self.console.done(text % {"count": len(found)})

    def _columns(self) -> list[Column]:
        say = self.console.translate
        return [
            Column("at", "When", "time"),
            Column("means", "What", sort=False,
                   value=lambda row: say(_CALLED.get(row.means, row.type))),
            Column("state", "State", "state", choices=_STATES),
            Column("note", "Why", sort=False, value=lambda row: worded(row.note, say)),
            Column("amount", "Amount", "money", value=_money),
            Column("order", "Order", search=True),
            Column("id", "Event", "id", sort=False, search=True),
        ]  # fmt: skip

    def _disputes(self) -> Any:
        about = EventRow.means.in_((DISPUTED, UNDISPUTED))
        newest = _events().where(about).order_by(EventRow.at.desc()).limit(_DISPUTES)
        found: dict[str, Any] = {}
        for row in self.session.execute(newest):
            known = found.setdefault(row.object_id, row)
            if row.means == UNDISPUTED and known.means == DISPUTED:
                found[row.object_id] = row  # one second has room for both
        return self.console.table(
            [
                Column("at", "When", "time"),
                Column("order", "Order"),
                Column("amount", "Amount", "money", value=_money),
                Column("status", "State at Stripe", value=_status(self.console.translate)),
                Column("object_id", "Dispute", "id", sort=False),
            ],
            list(found.values()),
            name="disputes",
            title="Disputes",
            sort="-at",
        )


def _events() -> Select[Any]:
    """Return events, with what people call their orders."""
    called = func.coalesce(OrderRow.label, EventRow.order_id).label("order")
    columns = [column for column in EventRow.__table__.columns if column.name != "order_id"]
    return select(*columns, called).outerjoin(OrderRow, OrderRow.id == EventRow.order_id)


def _money(row: Any) -> Money | None:
    return Money(row.amount, row.currency) if row.currency and row.amount else None


def _status(say: Any) -> Any:
    return lambda row: say((row.status or "").replace("_", " "))
