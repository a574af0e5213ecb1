"""What a shop may change."""

from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate

import grc_core as grc

from .promotions.policy import zone


def _zone(name: str) -> None:
    try:
        zone(name)
    except ValueError as error:
        raise ValidationError(str(error)) from None


class Options(grc.Plugin.Settings):
    """Settings with their defaults; amounts are minor units of the shop's currency."""

    zone = fields.Str(
        load_default="America/Toronto",
        validate=_zone,
        metadata={"description": "Time zone in which promotions begin and end"},
    )
    floor_at_cost = fields.Bool(
        load_default=False,
        metadata={"description": "Never sell a piece below its cost, whatever the promotions"},
    )
    hold_minutes = fields.Int(
        load_default=60,
        validate=validate.Range(5, 1440),
        metadata={"description": "How long an unpaid order keeps its coupon"},
    )
    points_per_unit = fields.Int(
        load_default=1,
        validate=validate.Range(0, 1000),
        metadata={"description": "Points for each whole unit of currency spent; 0 for none"},
    )
    point_worth = fields.Int(
        load_default=5,
        validate=validate.Range(1, 10_000),
        metadata={"description": "What a point pays, in minor units"},
    )
    points_wait_days = fields.Int(
        load_default=30,
        validate=validate.Range(0, 365),
        metadata={"description": "Days until points may be spent: the return window"},
    )
    points_last_days = fields.Int(
        load_default=365,
        validate=validate.Range(1, 3650),
        metadata={"description": "Days until unspent points expire"},
    )
    support_points_most = fields.Int(
        load_default=5000,
        validate=validate.Range(0, 1_000_000),
        metadata={"description": "The most points that each of support may give or take in a day"},
    )
    support_credit_most = fields.Int(
        load_default=5000,
        validate=validate.Range(0, 10**9),
        metadata={"description": "The most store credit, in minor units, that each of support may "
                  "give or take in a day"},
    )  # fmt: skip
    referral_promotion = fields.Str(
        load_default="",
        metadata={"description": "Promotion that a customer's code gives a new friend"},
    )
    referral_points = fields.Int(
        load_default=100,
        validate=validate.Range(0, 100_000),
        metadata={"description": "Points for whoever brought a friend who has bought"},
    )
    referral_most = fields.Int(
        load_default=20,
        validate=validate.Range(1, 1000),
        metadata={"description": "How many friends a year bring points"},
    )
    gift_days = fields.Int(
        load_default=1095,
        validate=validate.Range(30, 36_500),
        metadata={"description": "Days until a gift card, and store credit, expires"},
    )
    aside_regulars = fields.Bool(
        load_default=False,
        metadata={"description": "Put scarce goods aside, by itself, for the best fifth of the "
                  "customers who usually buy them about now"},
    )  # fmt: skip
    aside_below = fields.Int(
        load_default=3,
        validate=validate.Range(1, 1000),
        metadata={"description": "So many pieces in stock, or fewer, are scarce"},
    )
    aside_days = fields.Int(
        load_default=3,
        validate=validate.Range(1, 60),
        metadata={"description": "For how many days something is put aside"},
    )
    favourites = fields.List(
        fields.Tuple((fields.Str(), fields.Str(), fields.Str())),
        load_default=lambda: [],
        metadata={"description": "Categories that customers may call their favourites, each with "
                  "its name in English and in French"},
    )  # fmt: skip
    tiers_by = fields.Str(
        load_default="spend",
        validate=validate.OneOf(["spend", "points"]),
        metadata={"description": "Whether spending or points earned in twelve months make a tier"},
    )
    free_shipping_from = fields.Str(
        load_default="",
        metadata={"description": "Tier from which shipping is free"},
    )
    early_access_from = fields.Str(
        load_default="",
        metadata={"description": "Tier from which promotions begin early"},
    )
    early_access_days = fields.Int(
        load_default=2,
        validate=validate.Range(1, 60),
        metadata={"description": "How many days early they begin"},
    )
    priority_from = fields.Str(
        load_default="",
        metadata={"description": "Tier whose questions support answers first"},
    )
    thanks_mail = fields.Bool(
        load_default=False,
        metadata={"description": "Thank by mail for a paid order, who agreed to such mail"},
    )
    points_need_payment = fields.Bool(
        load_default=True,
        metadata={"description": "Points and tiers wait until the shop says that an order is "
                  "paid; off for shops whose orders stay `placed`"},
    )  # fmt: skip
    tiers = fields.List(
        fields.Tuple((fields.Str(), fields.Int(validate=validate.Range(0, 10**12)))),
        load_default=lambda: [("silver", 20_000), ("gold", 60_000)],
        metadata={"description": "Tiers, each with the spending of twelve months it takes"},
    )
    greeting = fields.Bool(
        load_default=True, metadata={"description": "Greet returning visitors by name"}
    )
    signup_promotion = fields.Str(
        load_default="", metadata={"description": "Promotion whose coupon a new customer is sent"}
    )
    birthday_promotion = fields.Str(
        load_default="", metadata={"description": "Promotion whose coupon a birthday brings"}
    )
    winback_promotion = fields.Str(
        load_default="",
        metadata={"description": "Promotion for regulars who stay away twice as long as usual"},
    )
    apology_promotion = fields.Str(
        load_default="",
        metadata={"description": "Promotion whose coupon makes up for a late parcel"},
    )
    coupon_days = fields.Int(
        load_default=30,
        validate=validate.Range(1, 365),
        metadata={"description": "How long a coupon that was sent is good for"},
    )
    holdout_percent = fields.Int(
        load_default=10,
        validate=validate.Range(0, 50),
        metadata={"description": "Share of customers a campaign leaves out, to measure its effect"},
    )
    usual_shipping = fields.Int(
        load_default=1000,
        validate=validate.Range(0, 10_000_000),
        metadata={"description": "What shipping costs where the cart does not say yet"},
    )
