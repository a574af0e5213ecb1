"""The JSON API: numbers in, parcels out."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import NotFound
from werkzeug.exceptions import UnprocessableEntity

import grc_core as grc

from . import adding
from . import showing
from .base import Base
from .learning import load
from .states import STATES


class EventOut(Schema):
    """Something that happened to a parcel."""

    at = fields.AwareDateTime()
    state = fields.Str()
    place = fields.Str()
    text = fields.Str()
    zone_known = fields.Bool()


class Item(Schema):
    """So many pieces of a product in a parcel."""

    product = fields.Str(required=True, validate=validate.Length(1, 200))
    quantity = fields.Int(load_default=1, validate=validate.Range(1, 1_000_000))


class ParcelOut(Schema):
    """A parcel, with the events in the order in which they happened."""

    number = fields.Str()
    courier = fields.Str(allow_none=True)
    service = fields.Str(allow_none=True)
    link = fields.Str(allow_none=True)
    page = fields.Str()
    items = fields.List(fields.Nested(Item))
    state = fields.Str(validate=validate.OneOf(STATES))
    changed_at = fields.AwareDateTime()
    promised_on = fields.Date(allow_none=True)
    late = fields.Bool()
    withdrawn = fields.Bool()
    events = fields.List(fields.Nested(EventOut))


class ParcelsOut(Schema):
    """The parcels of an order."""

    order = fields.Str()
    number = fields.Str(allow_none=True)
    expected = fields.Int(allow_none=True)
    rest_on = fields.Date(allow_none=True)
    parcels = fields.List(fields.Nested(ParcelOut))


class NumberIn(Schema):
    """A number for an order; without a courier it is recognised."""

    order = fields.Str(required=True, validate=validate.Length(1, 200))
    number = fields.Str(required=True, validate=validate.Length(1, 200))
    courier = fields.Str(load_default="", validate=validate.Length(max=50))
    items = fields.List(fields.Nested(Item), load_default=list, validate=validate.Length(max=200))


class NumberOut(Schema):
    """What became of it; `warning` says what looks wrong and blocks nothing."""

    result = fields.Str(validate=validate.OneOf(("added", "known")))
    warning = fields.Str()


class Operations(Base):
    """What other programs may ask and tell, with a key."""

    @grc.api("/orders/<order_id>/parcels", ParcelsOut, scope="parcels:read")
    def parcels_of(self, order_id: str) -> dict[str, Any]:
        """List the parcels of an order, with their events."""
        shipment = load(self.session, [order_id]).get(order_id)
        if shipment is None:
            raise NotFound("no parcel of this order is known")
        view = self.view("en")
        return {
            "order": shipment.order_id,
            "number": shipment.number,
            "expected": shipment.expected,
            "rest_on": shipment.rest_on,
            "parcels": [
                {
                    "number": one.number,
                    "courier": one.courier,
                    "service": one.service,
                    "link": view.parcel(one).link,
                    "items": [
                        {"product": line.product_id, "quantity": line.quantity}
                        for line in one.lines
                    ],
                    "page": self.url_for("parcel", token=self.token(one.id)),
                    "state": one.state,
                    "changed_at": one.changed_at,
                    "promised_on": one.promised_on,
                    "late": one.late_at is not None,
                    "withdrawn": one.withdrawn,
                    "events": [
                        showing.told(event) for event in sorted(one.events, key=showing.age)
                    ],
                }
                for one in shipment.parcels
            ],
        }

    @grc.api("/parcels", NumberOut, body=NumberIn, method="POST", scope="parcels:write", status=201)
    def add_number(self, body: dict[str, Any]) -> dict[str, Any]:
        """Add a number to an order, with what is in it; one that is there already stays."""
        named = body["order"], body["number"], body["courier"]
        items = [(one["product"], str(one["quantity"])) for one in body["items"]] or [("", "")]
        rows = [adding.Row(line, *named, *item) for line, item in enumerate(items, 1)]
        outcomes = adding.add(self, rows, "api")
        wrong = next((one.error for one in outcomes if one.error), None)
        if wrong is not None:
            raise UnprocessableEntity(str(wrong))
        return {"result": outcomes[0].result, "warning": str(outcomes[0].warning)}
