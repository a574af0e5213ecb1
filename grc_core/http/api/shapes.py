"""Fields that several schemas share."""

from datetime import UTC
from datetime import datetime
from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow import validate

from .operation import Strict

_EARLIEST, _LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
MOST_ON_A_PAGE = 200


class MoneyOut(marshmallow.Schema):
    """An amount in minor units, such as cents, with its currency."""

    amount = fields.Integer(required=True)
    currency = fields.String(required=True)


class Paged(Strict):
    """What every list understands."""

    after = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "The `next` of the page before."},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, MOST_ON_A_PAGE))


def line(most: int, **options: Any) -> fields.String:
    """Return a field for text of at most so many characters."""
    return fields.String(validate=validate.Length(max=most), **options)


def time(**options: Any) -> fields.AwareDateTime:
    """Return a field for a time with its zone, within what every database can keep."""
    return fields.AwareDateTime(validate=validate.Range(_EARLIEST, _LATEST), **options)
