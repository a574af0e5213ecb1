"""Pages of the console: parcels, exceptions, late ones, numbers to add, and punctuality."""

from collections.abc import Callable
from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select
from sqlalchemy.orm import undefer

import grc_core as grc

from . import adding
from .base import Base
from .models import Courier
from .models import Parcel
from .states import REASONS
from .states import STATES
from .trouble import in_trouble


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


class Staff(Base):
    """What the shop's people see and do in the console."""

    @grc.console_page("Parcels", roles=("support",), rule="/parcels")
    def console_parcels(self) -> Any:
        """List parcels, the latest first."""
        rows = (
            select(Parcel)
            .options(undefer(Parcel.order_label))
            .where(~Parcel.withdrawn)
            .order_by(Parcel.id.desc())
        )
        table = self.console.table(_columns(self), rows, empty="No parcel has left yet.")
        return self.render("console_table.html", tables=[table], add=True)

    @grc.console_page("Parcels in trouble", roles=("support",))
    def trouble(self) -> Any:
        """List exceptions: held, refused, not to be delivered, returned, unknown to the carrier."""
        rows = (
            select(Parcel)
            .options(undefer(Parcel.order_label))
            .where(~Parcel.withdrawn, in_trouble(self.grc.now()))
            .order_by(Parcel.changed_at.desc())
        )
        columns = [
            *_columns(self),
            grc.Column("reason", "Reason", choices=REASONS),
            grc.Column("unknown_at", "Unknown to the carrier since", "time"),
        ]
        table = self.console.table(columns, rows, empty="No parcel needs anybody.")
        return self.render("console_table.html", tables=[table], add=False)

    @grc.console_page("Late parcels", roles=("support",))
    def late(self) -> Any:
        """List parcels that should have arrived, with the day and who named it."""
        from .late import overdue

        columns = [
            _order_column(self, lambda row: row.parcel),
            grc.Column("days", "Days late", "number"),
            grc.Column("due", "Due on"),
            grc.Column("basis", "According to", "state"),
            grc.Column("number", "Number", value=lambda row: row.parcel.number, search=True),
            grc.Column("courier", "Carrier", value=lambda row: _carrier(self, row.parcel)),
            grc.Column("state", "State", "state", value=lambda row: row.parcel.state),
            grc.Column("service", "Service", value=lambda row: row.parcel.service),
        ]
        table = self.console.table(
            columns, overdue(self.session, self.grc.now()), empty="No parcel is late.", sort="-days"
        )
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
                grc.Column("courier", "Carrier", value=lambda row: _carrier(self, row)),
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


def _order_column(plugin: Base, parcel: Callable[[Any], Parcel]) -> grc.Column:
    return grc.Column(
        "order_label",
        "Order",
        search=True,
        value=lambda row: parcel(row).order_label,
        link=lambda row: plugin.url_for("order_parcels", order_id=parcel(row).order_id),
    )


def _carrier(plugin: Base, row: Any) -> str:
    """Return what the carrier is called in the language of the page."""
    return plugin.table.name(row.courier, plugin.console.locale)


def _columns(plugin: Base) -> list[grc.Column]:
    return [
        _order_column(plugin, lambda row: row),
        grc.Column("number", "Number", search=True),
        grc.Column("courier", "Carrier", value=lambda row: _carrier(plugin, row)),
        grc.Column("service", "Service"),
        grc.Column("state", "State", "state", choices=STATES),
        grc.Column("changed_at", "Since", "time"),
        grc.Column("promised_on", "Promised", "time"),
        grc.Column("late_at", "Late since", "time"),
    ]
