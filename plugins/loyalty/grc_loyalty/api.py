"""What the page, an app of the shop or a partner may ask over HTTP."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

import grc_core as grc

from . import balances
from . import ledger
from . import reports
from .base import Base
from .entries import UNITS
from .entries import Writing
from .models.points import CREDIT
from .models.points import POINTS
from .points_desk import PointsDesk


class Purse(Schema):
    """A customer's points and store credit.

    `worth` is what the spendable points pay, `credit` what may be spent of the store credit, both
    in minor units.
    """

    points = fields.Int(required=True)
    pending = fields.Int(required=True)
    debt = fields.Int(required=True)
    worth = fields.Int(required=True)
    credit = fields.Int(required=True)
    currency = fields.Str(required=True)
    tier = fields.Str(required=True, allow_none=True)
    next_tier = fields.Str(required=True, allow_none=True)
    missing = fields.Int(required=True)


class Adjustment(Schema):
    """Points to give, or with a minus sign to take; the same key is booked once.

    With the unit `credit` it is store credit, in minor units.
    """

    points = fields.Int(required=True, validate=validate.Range(-1_000_000, 1_000_000))
    unit = fields.Str(load_default=POINTS, validate=validate.OneOf(UNITS))
    reason = fields.Str(required=True, validate=validate.Length(1, 200))
    key = fields.Str(required=True, validate=validate.Length(1, 100))


class CampaignEffect(Schema):
    """What a campaign changed; the shares are of customers who bought within 30 days."""

    treated = fields.Int(required=True)
    treated_buyers = fields.Int(required=True)
    held_out = fields.Int(required=True)
    held_out_buyers = fields.Int(required=True)
    cost = fields.Int(required=True)
    lift = fields.Float(required=True, allow_none=True)
    interval = fields.List(fields.Float(), required=True, allow_none=True)


class Api(PointsDesk, Base):
    """Operations below `/grc/api/v1/loyalty`."""

    @grc.api("/loyalty/me", Purse)
    def my_points(self) -> dict[str, Any]:
        """Return the signed-in customer's points; nothing for a stranger."""
        customer = self.page.customer
        return self.purse_of(customer.id if customer else "")

    @grc.api("/loyalty/customers/<customer_id>", Purse, scope="loyalty:read")
    def points_of_customer(self, customer_id: str) -> dict[str, Any]:
        """Return a customer's points."""
        return self.purse_of(customer_id)

    @grc.api(
        "/loyalty/customers/<customer_id>/adjustments",
        Purse,
        body=Adjustment,
        method="POST",
        scope="loyalty:write",
    )
    def adjust_points(self, customer_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Give or take points or store credit; a balance never falls below zero."""
        now, is_credit = self.grc.now(), body["unit"] == CREDIT
        kind = "credit" if is_credit else "adjust"
        writing = Writing(
            f"{kind}:{body['key']}", customer_id, kind, body["points"], now, None,
            body["reason"], "api", body["unit"],
        )  # fmt: skip
        lasts = self.credit_lasts() if is_credit else self.points_last()
        ledger.adjust(self.session, writing, now + lasts)
        return self.purse_of(customer_id)

    @grc.api("/loyalty/campaigns/<campaign>", CampaignEffect, scope="loyalty:read")
    def campaign_effect(self, campaign: str) -> dict[str, Any]:
        """Return what a campaign changed so far."""
        found = reports.effect_of(self.session, campaign)
        return {
            "treated": found.treated,
            "treated_buyers": found.treated_buyers,
            "held_out": found.held_out,
            "held_out_buyers": found.held_out_buyers,
            "cost": found.cost,
            "lift": found.lift,
            "interval": list(found.interval) if found.interval else None,
        }

    def purse_of(self, customer_id: str) -> dict[str, Any]:
        """Return what a customer has."""
        account = balances.account_of(self.session, customer_id) if customer_id else None
        credit = balances.account_of(self.session, customer_id, CREDIT) if customer_id else None
        standing = self.standing_of(customer_id)
        balance = account.balance if account else 0
        return {
            "points": balance,
            "pending": account.pending if account else 0,
            "debt": account.debt if account else 0,
            "worth": balance * self.settings.point_worth,
            "credit": credit.balance if credit else 0,
            "currency": self.grc.shop.shop.currency,
            "tier": standing.tier,
            "next_tier": standing.next_tier,
            "missing": standing.missing,
        }
