"""The plugin, put together."""

from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

import grc_core as grc
from grc_core import Personal
from grc_core import Purpose

from . import asides
from . import stock
from .api_members import MembersApi
from .campaigns import Campaigns
from .commands import Commands
from .greeting import Greeter
from .members import Members
from .models import Account
from .models import Aside
from .models import CartPoints
from .models import Code
from .models import Entry
from .models import Grant
from .models import Hold
from .models import Lot
from .models import Preference
from .models import Purchase
from .models import Seen
from .models import Slot
from .outward import Outward
from .preferences import Preferences
from .staff import Staff
from .staff_asides import StaffAsides
from .staff_codes import StaffCodes
from .staff_gifts import StaffGifts
from .staff_points import StaffPoints
from .staff_results import StaffResults
from .telling import Telling


class Loyalty(
    Greeter,
    Members,
    Preferences,
    Campaigns,
    Outward,
    Staff,
    StaffCodes,
    StaffAsides,
    StaffGifts,
    StaffPoints,
    StaffResults,
    Telling,
    MembersApi,
    Commands,
):
    """Coupons, promotions, points, tiers and greetings, with exact money."""

    name = "loyalty"
    styles: ClassVar[tuple[str, ...]] = ("loyalty.css",)

    @grc.hookimpl
    def personal_data(self) -> Iterable[Personal]:
        """Declare what is stored about customers."""
        for model, fields, erase, why in (
            (
                Account,
                ("unit", "balance", "pending", "debt"),
                "remove",
                "the balance of points and of store credit",
            ),
            (
                Lot,
                ("unit", "source", "earned", "remaining", "clawed", "opens_at", "expires_at"),
                "remove",
                "points and credit, and when they expire",
            ),
            (Entry, ("reason",), "anonymise", "how points came and went"),
            (Purchase, (), "anonymise", "sums of orders, for tiers"),
            (Code, ("promotion", "prefix", "expires_at"), "remove", "coupons for one person"),
            (Hold, (), "anonymise", "coupons that an order used"),
            (Slot, ("promotion", "order_id"), "remove", "how often a promotion was used"),
            (Grant, ("key", "campaign", "arm", "at"), "remove", "coupons that were sent"),
            (CartPoints, (), "remove", "the wish to pay with points"),
        ):
            columns = ("customer_id", *fields)
            yield Personal(
                model, columns, "customer_id", Purpose.NECESSARY, "contract", why=why, erase=erase
            )
        yield Personal(Code, ("referrer_id", "public"), "referrer_id", Purpose.NECESSARY,
                       "contract", kind="customer", why="a code to pass on to friends")  # fmt: skip
        yield Personal(
            Aside,
            ("customer_id", "product_id", "quantity", "state", "why", "note",
             "made_at", "day", "until"),
            "customer_id", Purpose.NECESSARY, "contract", keep=timedelta(days=365), since="until",
            why="what is put aside for somebody: at their wish or, if they agreed to "
                "personalisation, since they usually buy it",
        )  # fmt: skip
        yield Personal(Preference, ("customer_id", "called", "greeted", "favourites", "mail", "at"),
                       "customer_id", Purpose.PREFERENCES, "consent",
                       why="how somebody wants to be greeted and written to")  # fmt: skip
        yield Personal(Seen, ("customer_id", "last", "before"), "customer_id",
                       Purpose.PREFERENCES | Purpose.PERSONALISATION,
                       "consent", why="to tell what changed since the last visit")  # fmt: skip

    @grc.hookimpl
    def erase_personal_data(self, subject: grc.Subject) -> int | None:
        """Take a customer's codes off all carts, and put back on the shelf what was kept.

        The codes and the rest of the rows go as declared.
        """
        if subject.kind != "customer":
            return None
        asides.end(self.session, asides.RELEASED, Aside.customer_id == subject.id)
        theirs = (Code.customer_id == subject.id) | (Code.referrer_id == subject.id)
        return stock.forget_typed(self.session, theirs) or None
