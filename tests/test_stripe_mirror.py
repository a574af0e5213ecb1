"""Coupons of plugins as Coupons and Promotion Codes of Stripe: exact, or left out with a reason."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from grc_core import Coupon
from grc_core import Money
from grc_core import Plugin
from grc_core import hookimpl
from grc_core.integrations.stripe import Stripe
from grc_core.integrations.stripe.terms import terms_of
from grc_core.integrations.stripe.terms import why_not
from grc_core.testing import MiniShop
from grc_core.testing import ShopApp
from grc_loyalty import Loyalty
from stripe_server import LocalStripe
from stripe_server.store import Thing

pytestmark = pytest.mark.grc_databases("sqlite")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEN = Coupon("TEN", "ten", percent=Decimal(10), title="Ten percent")
FIVE = Coupon("FIVE", "five", amount=Money(500, "CAD"))


class Box(Plugin):
    """States whatever coupons a test puts in."""

    name = "box"

    def __init__(self) -> None:
        self.coupons_here: list[Coupon] = []
        self.is_broken = False

    @hookimpl
    def coupons(self, codes: Any) -> list[Coupon]:
        if self.is_broken:
            raise RuntimeError("the box is locked")
        return [item for item in self.coupons_here if not codes or item.code in codes]


@pytest.fixture
def stripe() -> Iterator[LocalStripe]:
    with LocalStripe() as found:
        yield found


@pytest.fixture
def keys(stripe: LocalStripe) -> dict[str, str]:
    return {"STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_API_BASE": stripe.url}


def box_of(app: ShopApp) -> Box:
    found = app.extensions["grc"].tables.find("box").plugin
    assert isinstance(found, Box)
    return found


def mirror(app: ShopApp, *codes: str) -> list[str]:
    return app.flask("grc", "stripe", "mirror", *codes).splitlines()


def active(stripe: LocalStripe) -> dict[str, Thing]:
    return {code["code"]: code for code in stripe.store.all("promotion_code", active=True)}


def coupon_of(stripe: LocalStripe, code: str) -> Thing:
    return stripe.store.get("coupon", active(stripe)[code]["promotion"]["coupon"])


@pytest.mark.parametrize(
    ("changes", "coupon", "code"),
    [
        ({}, {"percent_off": 10.0}, {}),
        ({"percent": Decimal("12.5")}, {"percent_off": 12.5}, {}),
        ({"limit": 50}, {"percent_off": 10.0, "max_redemptions": 50}, {}),
        (
            {"limit": 50, "code_limit": 90},
            {"percent_off": 10.0, "max_redemptions": 50},
            {"max_redemptions": 90},
        ),
        ({"ends_at": NOW}, {"percent_off": 10.0}, {"expires_at": int(NOW.timestamp())}),
        (
            {"least": Money(5000, "CAD")},
            {"percent_off": 10.0},
            {"restrictions": {"minimum_amount": 5000, "minimum_amount_currency": "cad"}},
        ),
        (
            {"percent": None, "amount": Money(1500, "JPY")},
            {"amount_off": 1500, "currency": "jpy"},
            {},
        ),
        (
            {"percent": None, "amount": Money(2500, "KWD")},
            {"amount_off": 2500, "currency": "kwd"},
            {},
        ),
        (
            {"percent": None, "amount": Money(300, "ISK")},
            {"amount_off": 30000, "currency": "isk"},
            {},
        ),
    ],
)
def test_terms_are_said_exactly(changes: Any, coupon: Any, code: Any) -> None:
    ours = replace(TEN, **changes)
    assert why_not(ours, NOW) == []
    terms = terms_of(ours)
    fixed = {"name": "Ten percent", "duration": "once", "metadata": {"grc_promotion": "ten"}}
    assert (terms.coupon, terms.code) == ({**fixed, **coupon}, code)


def test_of_a_limit_stripe_gets_what_is_left_and_a_use_changes_no_terms() -> None:
    fresh = terms_of(replace(TEN, limit=50, code_limit=9))
    used = terms_of(replace(TEN, limit=50, used=45, code_limit=9, code_used=1))
    assert (str(used), used.coupon_id) == (str(fresh), fresh.coupon_id)
    limits = [(item.coupon_fields, item.code_fields) for item in (fresh, used)]
    assert [(a["max_redemptions"], b["max_redemptions"]) for a, b in limits] == [(50, 9), (5, 5)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"percent": Decimal(0)}, "takes no 0 %"),
        ({"percent": Decimal("33.333")}, "more than two decimals"),
        ({"percent": None}, "neither a percentage nor an amount"),
        ({"percent": None, "amount": Money(2505, "KWD")}, "last digit would be lost"),
        ({"percent": None, "amount": Money(0, "CAD")}, "takes no 0"),
        ({"code": "7Q4ZK-2M8HT-0X3P*"}, "letters, digits and dashes"),
        ({"starts_at": NOW + timedelta(days=1)}, "it begins at"),
        ({"beyond": ("it is for one customer",)}, "for one customer"),
    ],
)
def test_what_stripe_cannot_say_is_named(changes: Any, reason: str) -> None:
    [said] = why_not(replace(TEN, **changes), NOW)
    assert reason in said


def test_stripe_follows_what_is_made_changed_and_withdrawn_here(
    mini: MiniShop, stripe: LocalStripe, keys: dict[str, str]
) -> None:
    app = mini.make_app([Stripe, Box], **keys)
    box = box_of(app)
    box.coupons_here = [TEN, FIVE, replace(FIVE, code="CINQ")]
    assert mirror(app) == ["CINQ: mirrored", "FIVE: mirrored", "TEN: mirrored"]
    assert coupon_of(stripe, "FIVE") is coupon_of(stripe, "CINQ")  # they share a limit, if any
    asked = len(stripe.requests)
    assert mirror(app) == ["CINQ: unchanged", "FIVE: unchanged", "TEN: unchanged"]
    assert len(stripe.requests) == asked

    box.coupons_here = [replace(TEN, percent=Decimal(15)), replace(FIVE, is_on=False)]
    assert mirror(app) == [
        "FIVE: switched off, because it is withdrawn, used up or over",
        "TEN: changed",
        "CINQ: switched off: it is gone",
    ]
    assert coupon_of(stripe, "TEN")["percent_off"] == 15
    assert set(active(stripe)) == {"TEN"}
    box.coupons_here = [TEN, FIVE]  # as it was at first, within the day that keys are kept
    assert mirror(app) == ["FIVE: switched on again", "TEN: changed"]
    assert coupon_of(stripe, "TEN")["percent_off"] == 10
    box.coupons_here = [replace(TEN, beyond=("it is for one customer",)), FIVE]
    assert mirror(app, "TEN") == ["TEN: switched off, because it is for one customer"]
    assert set(active(stripe)) == {"FIVE"}


def test_a_plugin_that_fails_withdraws_nothing(
    mini: MiniShop, stripe: LocalStripe, keys: dict[str, str]
) -> None:
    app = mini.make_app([Stripe, Box], **keys)
    box_of(app).coupons_here = [TEN]
    mirror(app)
    box_of(app).is_broken = True
    with pytest.raises(AssertionError, match="box could not be asked"):
        mirror(app)
    assert set(active(stripe)) == {"TEN"}
    box_of(app).is_broken, box_of(app).coupons_here = False, [TEN, replace(TEN, key="other")]
    with pytest.raises(AssertionError, match="two promotions have the code 'TEN'"):
        mirror(app)


def test_codes_at_stripe_are_taken_up_if_ours_and_left_alone_if_not(
    mini: MiniShop, stripe: LocalStripe, keys: dict[str, str]
) -> None:
    first, second = (mini.make_app([Stripe, Box], **keys) for _ in range(2))
    for app in (first, second):  # a run that could write nothing down, and the next one
        box_of(app).coupons_here = [TEN]
        assert mirror(app, "TEN") == ["TEN: mirrored"]
    assert len(stripe.store.all("promotion_code")) == 1
    made_there = active(stripe)["TEN"]
    made_there["metadata"] = {}
    third = mini.make_app([Stripe, Box], **keys)
    box_of(third).coupons_here = [TEN]
    with pytest.raises(AssertionError, match="was made there"):
        mirror(third)
    assert made_there["active"]


def test_loyaltys_own_promotions_reach_stripe_and_secret_codes_by_their_text(
    mini: MiniShop, stripe: LocalStripe, keys: dict[str, str]
) -> None:
    app = mini.make_app([Stripe, Loyalty], **keys)
    app.flask("grc", "loyalty", "examples")
    said = mirror(app)
    assert said[0] == "MERCI5: mirrored"
    assert said[1].startswith("WELCOME10: not mirrored, because each customer may use it 1 times;")
    assert "takes off so much at most; it has the condition nth_order" in said[1]
    merci = active(stripe)["MERCI5"]
    least = {"minimum_amount": "5000", "minimum_amount_currency": "cad"}
    assert (coupon_of(stripe, "MERCI5")["amount_off"], merci["restrictions"]) == (500, least)

    [secret] = app.flask("grc", "loyalty", "codes", "autumn", "1", "--uses", "2").split()
    if secret[-1].isalnum():
        assert mirror(app, secret) == [f"{secret}: mirrored"]
        assert active(stripe)[secret]["max_redemptions"] == 2
        assert f"{secret}: unchanged" in mirror(app)  # it is known by its text from now on
    else:
        assert "letters, digits and dashes" in mirror(app, secret)[0]
    app.flask("grc", "loyalty", "switch", "autumn", "--off")
    assert all("switched off" in line for line in mirror(app) if line.startswith("MERCI5"))
    assert active(stripe) == {}
