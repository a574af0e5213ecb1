"""Gift cards in the staff console."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import select

import grc_core as grc
from grc_core import Column

from . import gifts
from .base import Base
from .models import Code
from .staff_codes import file_of


class GiftForm(Schema):
    """Gift cards to make; a card is worth whole points."""

    count = fields.Int(
        required=True, validate=validate.Range(1, 5000), metadata={"label": "How many"}
    )
    points = fields.Int(
        required=True,
        validate=validate.Range(1, 1_000_000),
        metadata={"label": "Points on each"},
    )
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
        now = self.grc.now()
        form = self.console.form(GiftForm, {"count": 1, "batch": ""}, submit="Make gift cards")
        if form.accepted:
            until = now + timedelta(days=self.settings.gift_days)
            data = form.data
            made = gifts.make_cards(
                self.session, data["count"], data["points"], self.keys()[0], now, until,
                data["batch"],
            )  # fmt: skip
            self.console.audit("made gift cards", data["batch"] or "gift cards", after=dict(data))
            return file_of("gift-cards", made)
        table = self.console.table(
            [
                Column("prefix", "Begins with", search=True),
                Column("batch", "Batch", search=True),
                Column("points", "Points", "number"),
                Column("used", "Used", "number"),
                Column("made_at", "Made", "time"),
                Column("expires_at", "Expires", "time"),
            ],
            select(Code).where(Code.promotion == gifts.GIFT),
            sort="-made_at",
            empty="There is no gift card yet.",
        )
        currency = self.grc.shop.shop.currency
        open_points = gifts.open_cards(self.session, now)
        return self.render(
            "console_gifts.html",
            form=form,
            table=table,
            points=open_points,
            worth=grc.Money(self.settings.point_worth, currency),
            owed=grc.Money(open_points * self.settings.point_worth, currency),
        )
