"""The plugin, put together."""

from collections.abc import Iterable
from typing import ClassVar

import grc_core as grc
from grc_core import Personal
from grc_core import Purpose

from .api import Api
from .campaigns import Campaigns
from .commands import Commands
from .coupon_box import CouponBox
from .greeting import Greeter
from .models import Account
from .models import CartPoints
from .models import Code
from .models import Entry
from .models import Grant
from .models import Hold
from .models import Lot
from .models import Purchase
from .models import Slot
from .staff import Staff


class Loyalty(CouponBox, Greeter, Campaigns, Staff, Api, Commands):
    """Coupons, promotions, points, tiers and greetings, with exact money."""

    name = "loyalty"
    styles: ClassVar[tuple[str, ...]] = ("loyalty.css",)

    @grc.hookimpl
    def personal_data(self) -> Iterable[Personal]:
        """Declare what is stored about customers."""
        necessary, contract = Purpose.NECESSARY, "contract"
        for model, fields, why in (
            (Account, (), "the balance of points"),
            (Lot, (), "points and when they expire"),
            (Entry, ("reason",), "how points came and went"),
            (Purchase, (), "sums of orders, for tiers"),
            (Code, (), "coupons for one person"),
            (Hold, (), "coupons that an order used"),
            (Slot, (), "how often a promotion was used"),
            (Grant, (), "coupons that were sent"),
            (CartPoints, (), "the wish to pay with points"),
        ):
            yield Personal(
                model, ("customer_id", *fields), "customer_id", necessary, contract, why=why
            )
