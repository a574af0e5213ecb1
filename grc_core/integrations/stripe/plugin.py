"""The plugin, put together."""

from collections.abc import Iterable
from typing import ClassVar

import marshmallow
from marshmallow import fields

from ...plugin import hookimpl
from ...purposes import Personal
from ...purposes import Purpose
from .account import BASE
from .account import KEY
from .account import PATIENCE
from .account import SECRETS
from .account import SHOP
from .models import OrderRow
from .models import StripeModel
from .staff import Staff


class Stripe(Staff):
    """Stripe's webhooks: payments confirmed, refunds and disputes passed on."""

    name = "stripe"
    url = "webhooks"
    models = StripeModel
    config: ClassVar[tuple[str, ...]] = (KEY, SECRETS, BASE, SHOP, PATIENCE)

    class Settings(marshmallow.Schema):
        """What the staff may change."""

        alert_to = fields.Email(
            load_default=None,
            allow_none=True,
            metadata={"description": "Who is written to when a customer's bank disputes a payment"},
        )

    @hookimpl
    def personal_data(self) -> Iterable[Personal]:
        """Declare what is stored about customers."""
        yield Personal(
            OrderRow, (), "customer_id", Purpose.NECESSARY, "contract", erase="anonymise",
            why="to count each payment and refund once",
        )  # fmt: skip
