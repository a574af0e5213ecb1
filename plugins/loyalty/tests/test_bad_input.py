"""What makes no sense is refused or harmless: carts, promotions as JSON, amounts, divisions."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

import grc_core as grc
from grc_core.errors import ConversionError
from grc_loyalty.gifts import make_cards
from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Condition
from grc_loyalty.promotions import Customer
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import InvalidCart
from grc_loyalty.promotions import InvalidPromotion
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate
from grc_loyalty.promotions.allocation import allocate
from grc_loyalty.promotions.rounding import MODES
from grc_loyalty.promotions.rounding import part
from grc_loyalty.promotions.rounding import ratio_of
from grc_loyalty.reading import condition_of
from grc_loyalty.reading import effect_of
from grc_loyalty.reading import promotion_of

from .conftest import PERCENT
from .conftest import cart_of

pytestmark = pytest.mark.grc_databases("sqlite")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        {"unit": -1},
        {"unit": 1.5},
        {"unit": "100"},
        {"unit": 2**53},
        {"unit": True},
        {"unit": 100, "floor": -1},
        {"unit": 100, "floor": None},
        {"unit": 100, "tax_percent": "-5"},
        {"unit": 100, "tax_percent": "much"},
        {"unit": 100, "tax_percent": "nan"},
        {"unit": 100, "quantity": -(10**30)},
    ],
)
def test_a_line_that_cannot_be_is_refused(line):
    with pytest.raises(InvalidCart):
        Line("a", **line)


@pytest.mark.parametrize(
    "cart",
    [
        {"lines": None},
        {"lines": [{"sku": "a"}]},
        {"currency": ""},
        {"currency": "CADX"},
        {"currency": None},
        {"currency": "C4D"},
        {"codes": "GOLF20"},
    ],
)
def test_a_cart_that_cannot_be_is_refused(cart):
    with pytest.raises(InvalidCart):
        Cart(**{"lines": [Line("a", 1)], "currency": "CAD", **cart})


def test_lists_are_taken_for_sets_of_names():
    line = Line("a", 1000, tags=["golf"])
    rule = Promotion("p", [Effect("percent", percent="10", filter=Filter(tags=["golf"]))],
                     [Condition("customer_group_in", names=["gold"])], code="TEN")  # fmt: skip
    cart = Cart([line], "CAD", codes=["TEN"])
    assert evaluate(cart, [rule], Customer(0, ["gold"]), NOW).total == 900


@pytest.mark.parametrize(
    "make",
    [
        lambda: Line(None, 1),
        lambda: Line("a", 1, tags="golf"),
        lambda: Customer(-1),
        lambda: Customer(1.5),
        lambda: Filter(tags="golf"),
        lambda: Filter(price_min=-1),
        lambda: Condition("moon_is_full"),
        lambda: Condition("subtotal_at_least", least=1.5),
        lambda: Effect("surprise"),
        lambda: Effect("fixed", amount=1.5),
        lambda: Effect("fixed", amount=-1),
        lambda: Effect("gift", "cart", pieces=0),
        lambda: Effect("percent", "group", percent="5"),
        lambda: Effect("percent", percent="1e999999999"),
        lambda: Effect("percent", percent="1e-999999999"),
        lambda: Effect("tiered_percent", tiers=[(1,)]),
        lambda: Effect("tiered_percent", tiers=[("1", "5")]),
        lambda: Effect("tiered_fixed", tiers=[(1, "-5")]),
        lambda: Effect("tiered_fixed", tiers=[(1, "five")]),
        lambda: Promotion("p", None),
        lambda: Promotion("p", ["percent"]),
        lambda: Promotion(7, [Effect("percent")]),
        lambda: Promotion("p", [Effect("percent")], ["moon"]),
        lambda: Promotion("p", [Effect("percent")], starts_at="tomorrow"),
        lambda: Promotion("p", [Effect("percent")], priority="high"),
        lambda: Policy(zone="Mars/Phobos"),
        lambda: Policy(leftover="mine"),
    ],
)
def test_what_makes_no_sense_is_refused_when_it_is_made(make):
    with pytest.raises(ValueError, match=r"."):
        make()


@pytest.mark.parametrize(
    ("starts", "ends", "reason"),
    [
        (datetime.min, datetime.max, "applied"),  # noqa: DTZ901
        (None, datetime.max.replace(tzinfo=UTC), "applied"),
        (NOW - timedelta(days=1), NOW - timedelta(days=2), "expired"),
        (NOW + timedelta(days=2), NOW + timedelta(days=1), "not_started"),
        (NOW, None, "applied"),
        (None, NOW, "expired"),
    ],
)
@pytest.mark.parametrize("zone", ["America/Toronto", "Asia/Tokyo"])
def test_ends_of_the_calendar_and_ends_before_the_beginning(starts, ends, reason, zone):
    rule = Promotion("p", [Effect("percent", percent="10")], starts_at=starts, ends_at=ends)
    found = evaluate(Cart([Line("a", 10)], "CAD"), [rule], None, NOW, Policy(zone=zone))
    assert found.fate("p").reason == reason


@pytest.mark.parametrize("now", [None, "2026-06-01", NOW.date()])
def test_a_moment_is_a_time(now):
    with pytest.raises(ValueError, match="time zone"):
        evaluate(Cart([], "CAD"), [], None, now)


@pytest.mark.parametrize("shipping", [-1, 2**53, 1.0, None, "9"])
def test_a_shipping_that_cannot_be_is_refused(shipping):
    with pytest.raises(InvalidCart):
        Cart([Line("a", 100)], "CAD", shipping)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        evaluate(Cart([], "CAD"), [], None, datetime(2026, 6, 1))  # noqa: DTZ001


def test_an_empty_cart_costs_its_shipping():
    rule = promotion_of({**PERCENT, "id": "p"})
    found = evaluate(Cart([], "CAD", 500), [rule], None, NOW)
    assert (found.total, found.discount, found.fate("p").reason) == (500, 0, "no_effect")


def test_two_promotions_with_one_name_are_refused():
    rule = promotion_of({**PERCENT, "id": "p"})
    with pytest.raises(InvalidPromotion, match="same id"):
        evaluate(Cart([Line("a", 1)], "CAD"), [rule, rule], None, NOW)


@pytest.mark.parametrize(
    "raw",
    [
        None, [], "percent", {"type": "percent", "target": "moon"}, {"type": ""},
        {"type": "percent", "target": "order", "percent": []},
        {"type": "percent", "target": "order", "percent": True},
        {"type": "percent", "target": "order", "percent": "1e400"},
        {"type": "fixed", "target": "order", "amount_minor": "500"},
        {"type": "fixed", "target": "order", "amount_minor": True},
        {"type": "percent", "target": "order", "percent": "5", "cap_minor": -1},
        {"type": "cheapest_free", "target": "group", "group_size": 0},
        {"type": "buy_x_get_y_free", "target": "units", "buy": {"n": 0}},
        {"type": "buy_x_get_y_free", "target": "units", "pick": "loudest"},
        {"type": "gift", "sku": "mug", "qty": -1},
        {"type": "tiered_percent", "target": "order", "tiers": [[0, "101"]]},
        {"type": "percent", "target": "order", "filter": {"colour": "red"}},
        {"type": "percent", "target": "order", "filter": {"price_min": "cheap"}},
    ],
)  # fmt: skip
def test_an_effect_that_cannot_be_is_refused_in_words(raw):
    with pytest.raises((InvalidPromotion, AttributeError)):
        effect_of(raw)


@pytest.mark.parametrize(
    "raw", [{"type": "moon_is_full"}, {}, {"type": "subtotal_at_least", "amount_minor": "5"},
            {"type": "nth_order", "n": 1.5}, {"type": "country_in", "lands": ["CA"]}],
)  # fmt: skip
def test_a_condition_that_cannot_be_is_refused(raw):
    with pytest.raises(InvalidPromotion):
        condition_of(raw)


@pytest.mark.parametrize("id", ["", None])
def test_a_promotion_needs_a_name(id):
    with pytest.raises(InvalidPromotion):
        promotion_of({**PERCENT, **({"id": id} if id is not None else {})})


@pytest.mark.parametrize("percent", ["", "ten", "1/2", "inf", "-inf", None, True, b"5", [5]])
def test_a_percentage_is_a_number(percent):
    with pytest.raises(ValueError, match="not a percentage"):
        ratio_of(percent)


@given(st.integers(0, 10**15), st.integers(0, 10**6), st.sampled_from(MODES))
@settings(max_examples=30, deadline=None)
def test_a_rounded_part_is_within_one_of_the_exact_one(amount, millionths, mode):
    found = part(amount, (millionths, 10**6), mode)
    exact = amount * millionths
    assert -(10**6) < found * 10**6 - exact < 10**6


lines = st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 5000)), min_size=1, max_size=8)


@given(st.integers(0, 30_000), lines, st.sampled_from(["largest_remainder", "first"]),
       st.sampled_from(MODES))  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_what_is_divided_adds_up_and_nobody_gets_more_than_there_is_room_for(
    amount, lines, leftover, mode
):
    weights, rooms = [list(side) for side in zip(*lines, strict=True)]
    policy = Policy(leftover=leftover, share_rounding=mode)
    shares = allocate(amount, weights, rooms, range(len(lines)), policy)
    assert sum(shares) == min(amount, sum(rooms))
    assert all(0 <= share <= room for share, room in zip(shares, rooms, strict=True))


@pytest.mark.parametrize(("count", "points"), [(0, 5), (-1, 5), (1, 0), (1, -5)])
def test_gift_cards_of_nothing_are_refused(count, points):
    with pytest.raises(ValueError, match="1 or more"):
        make_cards(None, count, points, "key", NOW, None)


# The same, through a shop.


def test_a_cart_of_two_currencies_is_refused(grc_app, grc_shop, promote):
    promote()
    money = grc.Money(1000, "CAD"), grc.Money(1000, "JPY")
    mixed = grc.Cart("c1", [grc.CartLine("1", 1, money[0]), grc.CartLine("2", 1, money[1])])
    with grc_app.app_context(), pytest.raises(ConversionError):
        grc_shop.grc.price(mixed)


def test_more_than_can_be_counted_is_priced_without_discounts_or_refused(
    grc_app, grc_shop, promote
):
    promote()
    with grc_app.app_context():
        assert grc_shop.grc.price(cart_of(("1", 10**7, 1250))).applied == ()
        with pytest.raises(ConversionError):
            grc_shop.grc.price(cart_of(("1", 10**30, 1250)))


def test_a_price_told_before_the_clock_went_back_is_refused_once_it_ends(
    grc_app, grc_shop, grc_clock, promote
):
    ends = (grc_clock() + timedelta(hours=1)).isoformat()
    promote("short", {**PERCENT, "ends_at": ends})
    cart = cart_of(("1", 1, 10_000))
    with grc_app.app_context():
        price = grc_shop.grc.price(cart)
        grc_clock.forward(hours=2)
        with pytest.raises(grc.Refused):
            grc_shop.grc.reserve(cart, "o1", price)
        grc_clock.forward(hours=-2)
        grc_shop.grc.reserve(cart, "o1", price)
        grc_shop.grc.reserve(cart, "o1", price)


def test_a_customer_is_not_needed_to_price(grc_app, grc_shop, promote):
    promote("members", {**PERCENT, "conditions": [{"type": "nth_order", "n": 1}]})
    with grc_app.app_context():
        found = grc_shop.grc.price(cart_of(("1", 1, 1000)))
    assert [item.reason for item in found.rejected] == ["not_identified"]
    assert Customer().orders == 0
