"""Points and store credit in the console: who has what, every movement, corrections."""

from collections.abc import Callable
from datetime import UTC
from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import func
from sqlalchemy import select

import grc_core as grc
from grc_core import Column

from . import amounts
from . import balances
from . import ledger
from . import liability
from .base import Base
from .entries import Writing
from .models import Account
from .models import Entry
from .models.points import CREDIT
from .models.points import POINTS
from .promotions.policy import zone


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


class CreditForm(Schema):
    """Store credit to give or to take, and why."""

    amount = amounts.field(
        "Amount", "In the shop's currency, such as 25 or 12.50; with a minus sign it is taken",
        least="-1000000",
    )  # fmt: skip
    reason = fields.Str(
        required=True,
        validate=validate.Length(3, 200),
        metadata={"label": "Reason", "description": "The customer sees it"},
    )


class StaffPoints(Base):
    """Customers' points and store credit."""

    @grc.console_page("Points and credit", roles=("support", "marketing"))
    def console_points(self) -> Any:
        """List accounts, and what is owed in all."""
        points = liability.owed(self.session)
        return self.render(
            "console_points.html",
            table=self._accounts(POINTS, "Nobody has points yet."),
            plot=self._owed(POINTS, "Open points"),
            points=points,
            worth=self._cad(points * self.settings.point_worth),
            credits=self._accounts(CREDIT, "Nobody has store credit yet."),
            credit_plot=self._owed(CREDIT, "Open store credit"),
            credit=self._cad(liability.owed(self.session, CREDIT)),
        )

    def _accounts(self, unit: str, empty: str) -> Any:
        return self.console.table(
            [
                Column("customer_id", "Customer", search=True, link=self._ledger_of),
                Column("balance", "Spendable", "number", value=self._of("balance")),
                Column("pending", "Pending", "number", value=self._of("pending")),
                Column("debt", "Owed", "number", value=self._of("debt")),
            ],
            select(Account).where(Account.unit == unit),
            name="" if unit == POINTS else unit,
            row_id="customer_id",
            sort="-balance",
            empty=empty,
        )

    def _of(self, name: str) -> Callable[[Any], Any]:
        def value(row: Account) -> Any:
            amount: int = getattr(row, name)
            return self._cad(amount) if row.unit == CREDIT else amount

        return value

    def _owed(self, unit: str, title: str) -> Any:
        days = liability.liability(self.session, unit)
        if len(days) < _LEAST_DAYS:
            return None
        is_money = unit == CREDIT
        values = [float(self._cad(n).decimal) if is_money else n for _, n in days]
        return self.console.plot(
            title, [day for day, _ in days], {"Credit" if is_money else "Points": values},
            unit=self.grc.shop.shop.currency if is_money else "",
        )  # fmt: skip

    def _cad(self, amount: int) -> grc.Money:
        return grc.Money(amount, self.grc.shop.shop.currency)

    def _ledger_of(self, row: Any) -> str:
        return self.url_for("console_ledger", customer_id=row.customer_id)

    @grc.console_page("Ledger", roles=("support", "marketing"), rule="/points/<customer_id>")
    def console_ledger(self, customer_id: str) -> Any:
        """Show a customer's movements; give or take points with a reason."""
        numbers = {order.id: order.label for order in self.grc.shop.orders_of(customer_id)}
        form = self.console.form(CorrectionForm, {}, submit="Book points")
        giving = self.console.form(CreditForm, {}, name="credit", submit="Book credit")
        if form.accepted and self._correct(customer_id, form):
            return self.console.done("The correction is booked.")
        if giving.accepted and self._book_credit(customer_id, giving):
            return self.console.done("The credit is booked.")
        table = self.console.table(
            [
                Column("at", "When", "time"),
                Column("kind", "Kind", choices=_KINDS, value=self._kind),
                Column("points", "Points or credit", "number", value=self._moved),
                Column(
                    "order_id",
                    "Order",
                    search=True,
                    value=lambda row: numbers.get(row.order_id, row.order_id),
                ),
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
            customer=self.grc.shop.customer_by_id(customer_id),
            account=balances.account_of(self.session, customer_id),
            credit=self._cad(self._credit_of(customer_id)),
            form=form,
            giving=giving,
            last=self._last(customer_id),
            table=table,
        )

    def _kind(self, row: Entry) -> str:
        return str(self.console.translate(row.kind))

    def _moved(self, row: Entry) -> Any:
        return self._cad(row.points) if row.unit == CREDIT else row.points

    def _credit_of(self, customer_id: str) -> int:
        account = balances.account_of(self.session, customer_id, CREDIT)
        return account.balance if account else 0

    def _last(self, customer_id: str) -> int:
        query = select(func.max(Entry.id)).where(Entry.customer_id == customer_id)
        return self.session.scalar(query) or 0

    def _may_book(self, customer_id: str, form: Any, name: str, amount: int, most: int) -> bool:
        """Tell whether who is looking may book what the form says; points are money."""
        staff = self.console.staff
        if staff.id == customer_id:
            form.refuse(self.console.translate("Nobody books on their own account."))
            return False
        if staff.roles & _UNBOUND:
            return True
        left = max(0, most - self._booked_today(CREDIT if name == "amount" else POINTS))
        if abs(amount) > left:
            shown = left if name == "points" else self.console.shown(self._cad(left))
            form.refuse(self.console.translate(_TOO_MUCH[name], left=shown), name)
            return False
        return True

    def _booked_today(self, unit: str) -> int:
        """Return what who is looking has given and taken since midnight in the shop."""
        local = self.grc.now().astimezone(zone(self.settings.zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        query = select(func.sum(func.abs(Entry.points))).where(
            Entry.made_by == str(self.console.staff.name),
            Entry.kind.in_(("adjust", "credit")),
            Entry.unit == unit,
            Entry.at >= midnight.astimezone(UTC),
        )
        return int(self.session.scalar(query) or 0)

    def _correct(self, customer_id: str, form: Any) -> bool:
        points: int = form.data["points"]
        if not self._may_book(customer_id, form, "points", points,
                              self.settings.support_points_most):  # fmt: skip
            return False
        writing = self._booking(customer_id, "adjust", points, form.data["reason"])
        if not ledger.adjust(self.session, writing, writing.at + self.points_last()):
            form.refuse("Nothing was booked: it is booked already, or points are short.", "points")
            return False
        self._record("corrected points", writing, {"points": points})
        return True

    def _book_credit(self, customer_id: str, form: Any) -> bool:
        amount = amounts.read(form, "amount", self.grc.shop.shop.currency)
        if amount is None or not self._may_book(
            customer_id, form, "amount", amount, self.settings.support_credit_most
        ):
            return False
        writing = self._booking(customer_id, "credit", amount, form.data["reason"])
        if not ledger.adjust(self.session, writing, writing.at + self.credit_lasts()):
            form.refuse("Nothing was booked: it is booked already, or credit is short.", "amount")
            return False
        self._record("booked credit", writing, {"amount": str(self._cad(amount))})
        return True

    def _booking(self, customer_id: str, kind: str, amount: int, reason: str) -> Writing:
        # The form says which movement was the last: pressed twice, it is booked once.
        after = self.console.request.args.get("after", 0, type=int)
        return Writing(
            f"{kind}:console:{customer_id}:{after}", customer_id, kind, amount, self.grc.now(),
            None, reason, str(self.console.staff.name), CREDIT if kind == "credit" else POINTS,
        )  # fmt: skip

    def _record(self, action: str, writing: Writing, booked: dict[str, Any]) -> None:
        about = grc.Subject("customer", writing.customer_id)
        subject = f"customer {writing.customer_id}"
        self.console.audit(action, subject, None, {**booked, "reason": writing.reason}, about)


#: Fewer days make no curve.
_LEAST_DAYS = 2
_TOO_MUCH = {
    "points": "Today you may book %(left)s points more; ask marketing or the owner.",
    "amount": "Today you may book %(left)s of credit more; ask marketing or the owner.",
}
#: Roles that book as many points a day as they like.
_UNBOUND = frozenset({"owner", "marketing"})
_KINDS = ("earn", "burn", "return", "clawback", "expire", "adjust", "gift", "refer",
          "credit")  # fmt: skip
