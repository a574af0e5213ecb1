"""Gift cards in the staff console."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select

import grc_core as grc
from grc_core import Column

from . import amounts
from . import gifts
from .base import Base
from .models import Code
from .staff_codes import file_of


class GiftForm(Schema):
    """Gift cards to make."""

    count = fields.Int(
        required=True, validate=validate.Range(1, 5000), metadata={"label": "How many"}
    )
    amount = amounts.field("Amount on each", "In the shop's currency, such as 25 or 12.50")
    batch = fields.Str(
        load_default="",
        validate=validate.Length(max=60),
        metadata={"label": "Batch", "description": "A name to find them by"},
    )


class StaffGifts(Base):
    """Gift cards: made in bulk, shown once."""

    @grc.console_page("Gift cards", roles=("marketing",))
    def console_gifts(self) -> Any:
        """Make gift cards, as a file, and list those there are."""
        now, currency = self.grc.now(), self.grc.shop.shop.currency
        form = self.console.form(GiftForm, {"count": 1, "batch": ""}, submit="Make gift cards")
        if form.accepted and (amount := amounts.read(form, "amount", currency)):
            until = now + self.credit_lasts()
            count, batch = form.data["count"], form.data["batch"]
            made = gifts.make_cards(self.session, count, amount, self.keys()[0], now, until, batch)
            after = {"count": count, "amount": str(grc.Money(amount, currency)), "batch": batch}
            self.console.audit("made gift cards", batch or "gift cards", after=after)
            return file_of("gift-cards", made)
        table = self.console.table(
            [
                Column("prefix", "Begins with", search=True),
                Column("batch", "Batch", search=True),
                Column("credit", "Amount", "number", value=self._worth),
                Column("used", "Used", "number"),
                Column("made_at", "Made", "time"),
                Column("expires_at", "Expires", "time"),
            ],
            select(Code).where(Code.promotion == gifts.GIFT),
            sort="-made_at",
            empty="There is no gift card yet.",
        )
        owed = gifts.open_cards(self.session, now, self.settings.point_worth)
        return self.render(
            "console_gifts.html", form=form, table=table, owed=grc.Money(owed, currency)
        )

    def _worth(self, row: Code) -> grc.Money:
        worth = row.credit
        if worth is None:
            worth = (row.points or 0) * self.settings.point_worth
        return grc.Money(worth, self.grc.shop.shop.currency)
