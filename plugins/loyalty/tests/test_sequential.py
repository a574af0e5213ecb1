"""One promotion after the other, and how much more must be spent then."""

from datetime import UTC
from datetime import datetime

import pytest

from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Condition
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SEQUENTIAL = Policy.sequential()
A, B = frozenset({"a"}), frozenset({"b"})


def off(percent, target="order", **more):
    return Effect("percent", target, percent=str(percent), **more)


def least(amount, **more):
    return Condition("subtotal_at_least", least=amount, **more)


def rule(id, effect=None, *conditions, **more):
    return Promotion(id, [effect or Effect("free_shipping", "shipping")], conditions, **more)


ONE = (Line("x", 10_000),)


def decide(*rules, lines=ONE, policy=SEQUENTIAL):
    return evaluate(Cart(lines, "CAD", 995), rules, None, NOW, policy)


def fates(decision):
    return [(fate.promotion, fate.outcome, fate.reason) for fate in decision.trace]


def test_higher_priority_comes_first_and_of_equal_ones_what_is_named_first():
    half, fixed = off(50), Effect("fixed", amount=1000)
    assert decide(rule("half", half), rule("fixed", fixed)).total == 10_000 // 2 - 1000 + 995
    assert decide(rule("half", half), rule("fixed", fixed, priority=1)).total == 4500 + 995


def test_a_threshold_looks_at_what_earlier_promotions_left():
    late, early = rule("late", None, least(10_000)), rule("early", off(10), priority=1)
    assert fates(decide(early, late))[1] == ("late", "rejected", "subtotal_too_low")
    original = Policy(stacking="sequential")
    assert decide(early, late, policy=original).shipping == decide(late).shipping == 0


def test_tiers_look_at_what_is_left_too():
    tiers = Effect("tiered_percent", tiers=((9500, "10"),))
    assert decide(rule("tiers", tiers)).discount == 1000
    assert decide(rule("tiers", tiers), rule("first", off(10), priority=1)).discount == 1000


def test_an_exclusive_promotion_that_holds_is_alone():
    found = decide(rule("ten", off(10), priority=9), rule("alone", off(5), exclusive=True),
                   rule("far", None, least(99_999)))  # fmt: skip
    assert found.discount == 500
    assert fates(found) == [("alone", "applied", "applied"),
                            ("ten", "superseded", "not_combinable"),
                            ("far", "rejected", "subtotal_too_low")]  # fmt: skip


def test_an_exclusive_promotion_that_does_not_hold_stands_in_nobody_s_way():
    alone = rule("alone", off(50), least(99_999), exclusive=True, priority=5)
    assert decide(rule("ten", off(10)), alone).discount == 1000


def test_what_does_not_go_with_an_earlier_one_is_superseded_by_it():
    one = rule("one", off(10), priority=2, groups=A, combines=A)
    two = rule("two", off(10), priority=1, groups=B)
    three = rule("three", off(10), groups=A)
    found = decide(one, two, three)
    assert [fate.outcome for fate in found.trace] == ["applied", "superseded", "applied"]
    assert found.fate("two").by == ("one",)


def test_what_took_nothing_off_stands_in_nobody_s_way():
    nothing = rule("nothing", off(10, filter=Filter(tags=A)), priority=2, combines=A)
    found = decide(nothing, rule("ten", off(10)))
    assert fates(found) == [("nothing", "rejected", "no_effect"), ("ten", "applied", "applied")]


# How much more must be spent.


def missing(*rules, **more):
    return decide(*rules, **more).fate("free").missing


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        (off(0), 2000),
        (off(20), 5000),
        (off(20, cap=500), 2500),
        (off(50), 14_000),
        (Effect("fixed", amount=700), 2700),
        (off(20, "matching_lines", filter=Filter(skus={"x"})), 4000),
        (off(20, "each_unit"), 5000),
        (Effect("tiered_percent", tiers=((13_000, "10"),)), 2000),
        (off(99), 1_189_951),
    ],
)
def test_what_must_be_spent_more_counts_what_is_taken_off_it_first(earlier, expected):
    free, first = rule("free", None, least(12_000)), rule("first", earlier, priority=1)
    found = missing(free, first)
    assert found == expected
    for more, is_enough in ((found, True), (found - 1, False)):
        lines = (Line("x", 10_000), Line("y", more))
        assert (decide(free, first, lines=lines).shipping == 0) is is_enough


def test_nothing_is_named_where_no_spending_helps():
    everything = rule("everything", off(100), priority=1)
    assert missing(rule("free", None, least(12_000)), everything) is None
    of_golf = least(12_000, filter=Filter(tags={"golf"}))
    assert missing(rule("free", None, of_golf), rule("ten", off(10), priority=1)) is None


def test_a_promotion_that_comes_in_meanwhile_and_excludes_it_is_counted():
    free = rule("free", None, least(12_000), combines=A)
    rival = rule("rival", Effect("fixed", amount=1), least(11_000), priority=1)
    assert missing(free, rival) is None


def test_an_exclusive_promotion_that_comes_in_meanwhile_is_counted():
    free, alone = rule("free", None, least(12_000)), rule("alone", off(1), least(11_000),
                                                          exclusive=True)  # fmt: skip
    assert missing(free, alone) is None
    assert missing(free, rule("alone", off(1), least(13_000), exclusive=True)) == 2000


def test_prices_and_cheapest_pieces_are_looked_at_anew_for_each_amount():
    free = rule("free", None, least(12_000))
    dear = rule("dear", off(50, filter=Filter(price_min=3000)), priority=1)
    found = missing(free, dear, lines=(Line("x", 2500, 4),))
    assert found == 2000
    cheapest = Effect("cheapest_free", "group", group_size=2)
    found = missing(free, rule("pair", cheapest, priority=1))
    assert found == 12_000


def test_thresholds_and_pieces_missing_together_name_no_amount():
    many = Condition("quantity_at_least", least=9)
    assert (
        missing(rule("free", None, least(12_000), many), rule("ten", off(10), priority=1)) is None
    )
