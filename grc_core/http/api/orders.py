"""Orders in the API: a report from outside is a hint to look, never the truth."""

import marshmallow
from flask import request
from marshmallow import fields
from marshmallow import validate

from ...intake.observe import AFTER
from ...intake.observe import After
from .operation import Call
from .operation import Operation
from .operation import Reply
from .operation import Strict


class OrderHint(Strict):
    """An order that was placed or changed outside the shop's own pages."""

    id = fields.String(required=True, validate=validate.Length(1, 200))


class OrderHinted(marshmallow.Schema):
    """The shop is asked for what is new; what it says counts."""

    accepted = fields.Boolean()


def _hint(call: Call) -> Reply:
    del call
    after = request.environ.setdefault(AFTER, After())
    after.sources |= {"orders"}
    return Reply({"accepted": True})


OPERATIONS = (
    Operation("order_hint", "POST", "/orders", "events:write",
              "Report an order or a change, so that the shop is asked now", _hint, OrderHinted,
              body=OrderHint, status=202),
)  # fmt: skip
