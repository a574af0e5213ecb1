"""Pages of the console: parcels, numbers to add, and how punctual carriers are."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select
from werkzeug.exceptions import NotFound

import grc_core as grc

from . import adding
from .base import Base
from .learning import load
from .models import Courier
from .models import Parcel
from .states import STATES
from .states import TROUBLE


class Pasted(Schema):
    """Numbers as staff paste them."""

    numbers = fields.Str(
        required=True,
        validate=validate.Length(1, 100_000),
        metadata={
            "label": "Numbers",
            "description": "One parcel a line: order, number. Or order, carrier’s code, number.",
        },
    )
    dry = fields.Bool(load_default=False, metadata={"label": "Only check"})


class Rest(Schema):
    """What is still to come of an order."""

    expected = fields.Int(
        allow_none=True,
        validate=validate.Range(1, 999),
        metadata={"label": "Parcels in all"},
    )
    rest_on = fields.Date(allow_none=True, metadata={"label": "The rest leaves on"})


class Staff(Base):
    """What the shop's people see and do in the console."""

    @grc.console_page("Parcels", roles=("support",), rule="/parcels")
    def console_parcels(self) -> Any:
        """List parcels, the latest first."""
        rows = select(Parcel).where(~Parcel.withdrawn).order_by(Parcel.id.desc())
        table = self.console.table(_columns(self), rows, empty="No parcel has left yet.")
        return self.render("console_table.html", tables=[table], add=True)

    @grc.console_page("Parcels in trouble", roles=("support",))
    def trouble(self) -> Any:
        """List what needs somebody: late, held, refused, returned."""
        rows = (
            select(Parcel)
            .where(~Parcel.withdrawn)
            .where(Parcel.state.in_(TROUBLE) | Parcel.late_at.is_not(None))
            .order_by(Parcel.changed_at.desc())
        )
        table = self.console.table(_columns(self), rows, empty="No parcel needs anybody.")
        return self.render("console_table.html", tables=[table], add=False)

    @grc.console_page("Add parcels", roles=("support",))
    def add_parcels(self) -> Any:
        """Add the numbers that are pasted, each to its order."""
        form = self.console.form(Pasted, submit="Add")
        outcomes: list[adding.Outcome] = []
        if form.accepted:
            rows = adding.from_paste(form.data["numbers"], self.table.carriers)
            outcomes = adding.add(self, rows, "staff", dry=form.data["dry"])
            added = [one for one in outcomes if one.result == "added"]
            if added and not form.data["dry"]:
                numbers = [f"{one.row.order} {one.row.number}" for one in added]
                self.console.audit("added", "parcels", after=numbers)
            if not any(one.error or one.warning for one in outcomes) and not form.data["dry"]:
                return self.console.done(
                    "The parcels are added.", to=self.url_for("console_parcels")
                )
        return self.render("console_add.html", form=form, outcomes=outcomes)

    @grc.console_page("Parcels of an order", roles=("support",), rule="/order/<order_id>")
    def order_parcels(self, order_id: str) -> Any:
        """Show an order's parcels with their journeys; say how many there will be."""
        shipment = load(self.session, [order_id]).get(order_id)
        if shipment is None:
            raise NotFound
        stored = {"expected": shipment.expected, "rest_on": shipment.rest_on}
        form = self.console.form(Rest, stored)
        if form.accepted:
            shipment.expected = form.data.get("expected")
            shipment.rest_on = form.data.get("rest_on")
            self.console.audit("changed", f"order {order_id}", stored, form.data)
            return self.console.done("Saved.")
        view = self.view(self.console.locale)
        shown = [
            view.parcel(one, self.url_for("parcel", token=self.token(one.id)), timeline=True)
            for one in shipment.parcels
        ]
        return self.render("console_order.html", order=shipment, parcels=shown, form=form)

    @grc.console_page("Punctuality", roles=("support", "marketing"))
    def punctuality(self) -> Any:
        """Show how many parcels came in time, and how asking each carrier goes."""
        from .late import rates as rates_of

        rates = rates_of(self.session)
        plot = None
        if rates:
            names = [self.table.name(rate.courier, self.console.locale) for rate in rates]
            shares = [round(100 * rate.share, 1) for rate in rates]
            plot = self.console.plot("Parcels in time", names, {"%": shares}, unit="%", kind="bars")
        table = self.console.table(
            [
                grc.Column("courier", "Carrier", value=lambda row: self.table.name(row.courier)),
                grc.Column("n", "Parcels", "number"),
                grc.Column("share", "In time", "percent"),
                grc.Column("low", "At least", "percent", value=lambda row: row.interval[0]),
                grc.Column("high", "At most", "percent", value=lambda row: row.interval[1]),
            ],
            rates,
            empty="No parcel with a promised day has arrived yet.",
            row_id="courier",
        )
        asked = self.console.table(
            [
                grc.Column("code", "Carrier"),
                grc.Column("asked", "Asked today", "number"),
                grc.Column("failures", "Failures in a row", "number"),
                grc.Column("rest_until", "Left alone until", "time"),
                grc.Column("error", "Last error"),
            ],
            list(self.session.scalars(select(Courier).order_by(Courier.code))),
            name="asked",
            title="Carriers that are asked",
            empty="No carrier has been asked yet.",
            row_id="code",
        )
        return self.render("console_table.html", tables=[table, asked], plot=plot, add=False)


def _columns(plugin: Base) -> list[grc.Column]:
    return [
        grc.Column(
            "order_id",
            "Order",
            search=True,
            link=lambda row: plugin.url_for("order_parcels", order_id=row.order_id),
        ),
        grc.Column("number", "Number", search=True),
        grc.Column("courier", "Carrier", value=lambda row: plugin.table.name(row.courier)),
        grc.Column("state", "State", "state", choices=STATES),
        grc.Column("changed_at", "Since", "time"),
        grc.Column("promised_on", "Promised", "time"),
        grc.Column("late_at", "Late since", "time"),
    ]
