"""What each kind of effect takes off, to the cent and to the piece."""

from datetime import UTC
from datetime import datetime

import pytest

from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate
from grc_loyalty.promotions.goods import Goods
from grc_loyalty.promotions.kinds import EFFECTS
from grc_loyalty.promotions.plan import prepare
from grc_loyalty.promotions.state import Working

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOLF = Filter(tags=frozenset({"golf"}))
#: A dear thing and three cheap ones of golf, and a book.
LINES = (Line("club", 9000, 1, {"golf"}), Line("ball", 305, 3, {"golf"}), Line("book", 1999))


def off(kind, target="order", **more):
    return Effect(kind, target, **more)


def decide(*effects, lines=LINES, policy=None, **cart):
    """Apply effects of promotions of their own, one after the other."""
    rules = [
        Promotion(f"p{number}", effect if isinstance(effect, list) else [effect], priority=-number)
        for number, effect in enumerate(effects)
    ]
    return evaluate(Cart(lines, "CAD", **cart), rules, None, NOW, policy or Policy())


def pieces(*effects, **more):
    return [list(line.pieces()) for line in decide(*effects, **more).lines]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (off("percent", percent="10"), [[900], [31, 30, 30], [200]]),
        (off("percent", percent="10", cap=500), [[378], [13, 13, 12], [84]]),
        (off("percent", percent="10", filter=GOLF), [[900], [31, 31, 30], [0]]),
        (off("percent", "matching_lines", percent="33.333", filter=GOLF),
         [[3000], [102, 102, 101], [0]]),
        (off("percent", "each_unit", percent="10"), [[900], [31, 31, 31], [200]]),
        (off("percent", "each_unit", percent="10", cap=93, filter=GOLF), [[84], [3, 3, 3], [0]]),
        (off("percent", "each_unit", percent="50", most_pieces=2), [[0], [153, 153, 0], [0]]),
        (off("percent", percent="50", most_pieces=4), [[0], [153, 153, 153], [1000]]),
        (off("fixed", amount=1000), [[755], [26, 26, 25], [168]]),
        (off("fixed", amount=99_999), [[9000], [305, 305, 305], [1999]]),
        (off("fixed", "each_unit", amount=400, filter=GOLF), [[400], [305, 305, 305], [0]]),
        (off("fixed", "each_unit", amount=100, cap=250, filter=GOLF), [[62], [63, 63, 62], [0]]),
        (off("tiered_percent", tiers=((5000, "1"), (10_000, "2"))), [[180], [6, 6, 6], [40]]),
        (off("tiered_fixed", amount=5, tiers=((99_999, "900"),)), [[4], [0, 0, 0], [1]]),
        (off("cheapest_free", "group", group_size=2), [[0], [305, 305, 0], [0]]),
        (off("cheapest_free", "group", group_size=2, most_times=1), [[0], [305, 0, 0], [0]]),
        (off("cheapest_free", "group", group_size=5, cap=100), [[0], [34, 33, 33], [0]]),
        (off("buy_x_get_y_free", "units", buy=GOLF, filter=GOLF, buy_pieces=3),
         [[0], [305, 0, 0], [0]]),
        (off("buy_x_get_y_free", "units", buy=GOLF, filter=GOLF, buy_pieces=3,
             pick="most_expensive_target_first"), [[9000], [0, 0, 0], [0]]),
        (off("buy_x_get_y_free", "units", buy=Filter(skus={"club"}), filter=Filter(skus={"book"}),
             percent="20"), [[0], [0, 0, 0], [400]]),
        (off("buy_x_get_y_free", "units", buy=Filter(skus={"ball"}), filter=Filter(skus={"book"}),
             buy_pieces=4), [[0], [0, 0, 0], [0]]),
        (off("gift", "cart", sku="mug"), [[0], [0, 0, 0], [0]]),
    ],
)  # fmt: skip
def test_an_effect_takes_so_much_off_each_piece(effect, expected):
    assert effect.target in EFFECTS[effect.kind]
    assert pieces(effect) == expected


@pytest.mark.parametrize(
    ("effect", "left"),
    [
        (off("free_shipping", "shipping"), 0),
        (off("percent", "shipping", percent="50"), 498),
        (off("fixed", "shipping", amount=300), 696),
        (off("fixed", "shipping", amount=3000), 0),
        (off("tiered_fixed", "shipping", tiers=((1, "500"),)), 496),
        (off("tiered_percent", "shipping", tiers=((999_999, "50"),)), 996),
    ],
)
def test_an_effect_on_the_shipping_leaves_the_goods_alone(effect, left):
    found = decide(effect, shipping=996)
    assert (found.discount, found.shipping) == (0, left)
    assert found.total == found.subtotal + left


def test_percentages_of_two_promotions_compound_and_those_of_one_do_not():
    half = off("percent", "each_unit", percent="50")
    assert decide(half, half, lines=[Line("a", 1000, 2)]).total == 500
    assert decide([half, half], lines=[Line("a", 1000, 2)]).total == 0
    fifth = off("percent", "each_unit", percent="20")
    assert decide([fifth, fifth, fifth], lines=[Line("a", 1000)]).total == 400


def test_pieces_of_a_line_that_fare_differently_stay_apart():
    free = off("cheapest_free", "group", group_size=3)
    tenth = off("percent", "each_unit", percent="10")
    order = off("fixed", amount=100)
    assert pieces(free, tenth, lines=[Line("a", 1000, 4)]) == [[1000, 100, 100, 100]]
    assert pieces(free, order, lines=[Line("a", 1000, 4)]) == [[1000, 34, 33, 33]]
    two = off("percent", "each_unit", percent="50", most_pieces=2)
    assert pieces(free, two, lines=[Line("a", 1000, 4)]) == [[1000, 500, 0, 0]]


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (off("percent", percent="50"), [[200], [800]]),
        (off("percent", "each_unit", percent="50"), [[200], [500]]),
        (off("fixed", amount=900), [[200], [700]]),
        (off("fixed", "each_unit", amount=900), [[200], [900]]),
        (off("cheapest_free", "group", group_size=2), [[200], [0]]),
    ],
)
def test_nothing_falls_below_its_floor_and_what_does_not_fit_goes_to_the_others(effect, expected):
    assert pieces(effect, lines=[Line("a", 1000, floor=800), Line("b", 1000)]) == expected


def test_a_floor_above_the_price_keeps_the_price():
    found = pieces(off("percent", "each_unit", percent="50"), off("fixed", amount=500),
                   lines=[Line("a", 100, floor=900), Line("b", 700)])  # fmt: skip
    assert found == [[0], [700]]


@pytest.mark.parametrize("leftover", ["largest_remainder", "first"])
@pytest.mark.parametrize("share_rounding", ["down", "half_up", "half_down", "half_even", "up"])
def test_cents_are_divided_without_remainder_under_every_policy(leftover, share_rounding):
    policy = Policy(leftover=leftover, share_rounding=share_rounding)
    lines = [Line(f"s{number}", 100 + number, 1 + number % 3) for number in range(7)]
    found = decide(off("fixed", amount=500), lines=lines, policy=policy)
    assert found.discount == sum(line.discount for line in found.lines) == 500
    first = [line.discount for line in decide(off("fixed", amount=1), lines=lines,
                                              policy=policy).lines]  # fmt: skip
    assert sorted(first) == [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("rounding", "each"),
    [("half_up", 13), ("half_down", 12), ("half_even", 12), ("down", 12), ("up", 13)],
)
def test_half_a_cent_goes_where_the_policy_says(rounding, each):
    policy = Policy(rounding=rounding)
    tenth = off("percent", "each_unit", percent="10")
    assert pieces(tenth, lines=[Line("a", 125)], policy=policy) == [[each]]


@pytest.mark.parametrize(("included", "tax", "total"), [(True, 117, 899), (False, 135, 899 + 135)])
def test_tax_is_of_what_is_left_of_a_line(included, tax, total):
    lines = [Line("a", 999, tax_percent="14.975")]
    found = decide(off("percent", percent="10"), lines=lines, tax_included=included)
    assert (found.tax, found.total) == (tax, total)


def test_trying_something_on_leaves_no_trace():
    goods = Goods(Cart(LINES, "CAD", 995))
    work = Working(goods, 995)
    rules = [
        Promotion("a", [off("cheapest_free", "group", group_size=2, cap=5)]),
        Promotion(
            "b", [off("percent", "each_unit", percent="10"), off("free_shipping", "shipping")]
        ),
        Promotion("c", [off("gift", "cart", sku="mug")]),
    ]
    twin = work.copy()
    for item in prepare(rules, goods, Policy()):
        item.record(twin, goods.subtotal)
    assert twin.totals != work.totals == goods.totals
    assert (twin.shipping, work.shipping, work.gifts) == (0, 995, [])
    assert work.runs == {}


def test_a_cap_that_is_exceeded_takes_back_what_was_taken_first():
    goods = Goods(Cart(LINES, "CAD"))
    work = Working(goods, 0)
    rule = Promotion("a", [off("percent", "each_unit", percent="50", most_pieces=2, cap=100)])
    (item,) = prepare([rule], goods, Policy())
    assert item.record(work, goods.subtotal) == ([(1, 100)], 0)
    assert work.runs == {}
    assert work.reductions(1) == [(1, 34), (2, 33)]
    assert work.wanted == [306]


@pytest.mark.parametrize("effect", [
    off("percent", percent="10"), off("percent", percent="10", cap=100),
    off("percent", "each_unit", percent="33.333"), off("fixed", "each_unit", amount=400),
    off("cheapest_free", "group", group_size=2), off("percent", "each_unit", percent="50", cap=7),
    off("tiered_percent", tiers=((1, "5"),)), off("free_shipping", "shipping"),
    off("fixed", amount=10**9), off("buy_x_get_y_free", "units", buy=GOLF, filter=GOLF),
])  # fmt: skip
def test_what_a_promotion_saves_alone_is_known_without_applying_it(effect):
    lines = [Line("club", 9000, 1, {"golf"}, 8500), Line("ball", 305, 3, {"golf"}, 300)]
    for some in (LINES, lines):
        goods = Goods(Cart(some, "CAD", 995))
        (item,) = prepare([Promotion("a", [effect])], goods, Policy())
        found = decide(effect, lines=some, shipping=995)
        assert item.alone(995) == found.discount + found.shipping_discount
