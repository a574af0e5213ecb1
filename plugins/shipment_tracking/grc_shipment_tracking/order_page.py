"""The console's page of one order: its parcels, questions to carriers, corrections, the rest."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import NotFound

import grc_core as grc

from .contents import items_of
from .contents import products_of
from .correcting import Incorrect
from .correcting import correct
from .learning import load
from .models import Shipment
from .repeated import Repeated
from .states import FINAL


class Remaining(Schema):
    """What is still to come of an order."""

    expected = fields.Int(
        allow_none=True,
        validate=validate.Range(1, 999),
        metadata={"label": "Parcels in all"},
    )
    rest_on = fields.Date(allow_none=True, metadata={"label": "The rest leaves on"})


class OrderPage(Repeated):
    """What staff see and do about the parcels of one order."""

    @grc.console_page("Parcels of an order", roles=("support",), rule="/order/<order_id>")
    def order_parcels(self, order_id: str) -> Any:
        """Show an order's parcels with their journeys; ask, correct, say how many there will be."""
        shipment = load(self.session, [order_id]).get(order_id)
        if shipment is None:
            raise NotFound
        if self.console.action == "ask":
            count = self.ask_about(order_id)
            self.console.audit("asked", f"order {order_id}", after={"parcels": count})
            said = "The carrier is being asked." if count else "There is nothing to ask now."
            return self.console.done(said)
        stored = {"expected": shipment.expected, "rest_on": shipment.rest_on}
        rest = self.console.form(Remaining, stored, name="rest")
        if rest.accepted:
            shipment.expected = rest.data.get("expected")
            shipment.rest_on = rest.data.get("rest_on")
            self.console.audit("changed", f"order {order_id}", stored, rest.data)
            return self.console.done("Saved.")
        correction = self._correction(shipment)
        if correction is not None and correction.accepted:
            old, new = correction.data["old"], correction.data["new"]
            try:
                correct(self, order_id, old, new)
            except Incorrect as error:
                why = self.console.translate(error.said.text, **error.said.values)
                correction.refuse(why, "new")
            else:
                self.console.audit(
                    "corrected", f"order {order_id}", {"number": old}, {"number": new}
                )
                return self.console.done("The number is corrected, and the customer hears of it.")
        return self._shown_order(shipment, rest, correction)

    def _correction(self, shipment: Shipment) -> Any:
        """Return the form for a wrong number; None where the shop states them all."""
        own = [one.number for one in shipment.parcels if one.source != "shop" and not one.withdrawn]
        if not own:
            return None
        schema = Schema.from_dict(
            {
                "old": fields.Str(
                    required=True,
                    validate=validate.OneOf(own),
                    metadata={"label": "The wrong number"},
                ),
                "new": fields.Str(
                    required=True,
                    validate=validate.Length(1, 200),
                    metadata={"label": "The right number"},
                ),
            },
            name="Correction",
        )
        return self.console.form(schema, name="correct", submit="Correct")

    def _shown_order(self, shipment: Shipment, rest: Any, correction: Any) -> Any:
        view, names = self.view(self.console.locale), self.names(products_of(shipment.parcels))
        shown = [
            view.parcel(
                one,
                self.url_for("parcel", token=self.token(one.id)),
                timeline=True,
                items=items_of(one, names),
            )
            for one in shipment.parcels
        ]
        # A shop without keys has nobody to ask.
        asks = bool(self.configured) and self.console.may_change
        return self.render(
            "console_order.html",
            order=shipment,
            parcels=shown,
            rest=rest,
            correction=correction,
            asks=asks and any(one.state not in FINAL for one in shipment.parcels),
        )
