"""Points in the staff console: who has how many, every movement, and corrections."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc
from grc_core import Column

from . import balances
from . import ledger
from . import liability
from .base import Base
from .entries import Writing
from .models import Account
from .models import Entry


class CorrectionForm(Schema):
    """Points to give or to take, and why."""

    points = fields.Int(
        required=True,
        validate=[validate.Range(-1_000_000, 1_000_000), validate.NoneOf([0])],
        metadata={"label": "Points", "description": "With a minus sign they are taken"},
    )
    reason = fields.Str(
        required=True,
        validate=validate.Length(3, 200),
        metadata={"label": "Reason", "description": "The customer sees it"},
    )


class StaffPoints(Base):
    """Customers' points."""

    @grc.console_page("Points", roles=("support", "marketing"))
    def console_points(self) -> Any:
        """List accounts, and what is owed in all."""
        table = self.console.table(
            [
                Column("customer_id", "Customer", search=True, link=self._ledger_of),
                Column("balance", "Spendable", "number"),
                Column("pending", "Pending", "number"),
                Column("debt", "Owed", "number"),
            ],
            select(Account),
            row_id="customer_id",
            sort="-balance",
            empty="Nobody has points yet.",
        )
        days = liability.liability(self.session)
        plot = self.console.plot(
            "Open points", [day for day, _ in days], {"Points": [points for _, points in days]}
        )
        points = liability.open_points(self.session)
        owed = grc.Money(points * self.settings.point_worth, self.grc.shop.shop.currency)
        return self.render("console_points.html", table=table, plot=plot, points=points, owed=owed)

    def _ledger_of(self, row: Any) -> str:
        return self.url_for("console_ledger", customer_id=row.customer_id)

    @grc.console_page("Ledger", roles=("support", "marketing"), rule="/points/<customer_id>")
    def console_ledger(self, customer_id: str) -> Any:
        """Show a customer's movements; give or take points with a reason."""
        account = balances.account_of(self.session, customer_id)
        form = self.console.form(CorrectionForm, {}, submit="Book")
        if form.accepted and self._correct(customer_id, form):
            return self.console.done("The correction is booked.")
        table = self.console.table(
            [
                Column("at", "When", "time"),
                Column("kind", "Kind", choices=_KINDS, value=self._kind),
                Column("points", "Points", "number"),
                Column("order_id", "Order", search=True),
                Column("reason", "Reason", search=True),
                Column("made_by", "By", search=True),
            ],
            select(Entry).where(Entry.customer_id == customer_id),
            sort="-at",
            empty="There is no movement yet.",
        )
        return self.render(
            "console_ledger.html",
            customer_id=customer_id,
            account=account,
            form=form,
            last=self._last(customer_id),
            table=table,
        )

    def _kind(self, row: Entry) -> str:
        return str(self.console.translate(row.kind))

    def _last(self, customer_id: str) -> int:
        query = select(func.max(Entry.id)).where(Entry.customer_id == customer_id)
        return self.session.scalar(query) or 0

    def _may_book(self, customer_id: str, form: Any) -> bool:
        """Tell whether who is looking may book what the form says; points are money."""
        staff, most = self.console.staff, self.settings.support_points_most
        if staff.id == customer_id:
            form.refuse(self.console.translate("Nobody books points on their own account."))
            return False
        if abs(form.data["points"]) > most and not staff.roles & _UNBOUND:
            said = self.console.translate(
                "Support may book up to %(most)s points at once; ask marketing or the owner.",
                most=most,
            )
            form.refuse(said, "points")
            return False
        return True

    def _correct(self, customer_id: str, form: Any) -> bool:
        if not self._may_book(customer_id, form):
            return False
        points, now = form.data["points"], self.grc.now()
        # The form says which movement was the last: pressed twice, it is booked once.
        after = self.console.request.args.get("after", 0, type=int)
        writing = Writing(
            f"adjust:console:{customer_id}:{after}", customer_id, "adjust", points, now, None,
            form.data["reason"], str(self.console.staff.name),
        )  # fmt: skip
        if not ledger.adjust(self.session, writing, now + self.points_last()):
            form.refuse("Nothing was booked: it is booked already, or points are short.", "points")
            return False
        about = grc.Subject("customer", customer_id)
        booked = {"points": points, "reason": form.data["reason"]}
        self.console.audit("corrected points", f"customer {customer_id}", None, booked, about)
        return True


#: Roles that book as many points at once as the form takes.
_UNBOUND = frozenset({"owner", "marketing"})
_KINDS = ("earn", "burn", "return", "clawback", "expire", "adjust", "gift", "refer")
