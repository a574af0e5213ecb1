"""How the best combination is found: what is proven is not tried, what is not is."""

import random
from datetime import UTC
from datetime import datetime
from itertools import combinations

import pytest

from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Condition
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate
from grc_loyalty.promotions.dominance import doubt
from grc_loyalty.promotions.dominance import is_tame
from grc_loyalty.promotions.goods import Goods
from grc_loyalty.promotions.plan import prepare
from grc_loyalty.promotions.search import Search
from grc_loyalty.promotions.search import conflicts_of
from grc_loyalty.promotions.state import Working

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
TAGS = ("golf", "books", "video")
BEST = Policy()


def rule(id, *effects, **more):
    return Promotion(id, effects, **more)


def off(percent, target="order", **more):
    return Effect("percent", target, percent=str(percent), **more)


def tagged(*tags):
    return Filter(tags=frozenset(tags))


def cart(*units, quantity=1, **more):
    lines = [
        Line(f"s{number}", unit, quantity, frozenset((TAGS[number % 3], TAGS[(number + 1) % 3])))
        for number, unit in enumerate(units)
    ]
    return Cart(lines, "CAD", **more)


def decide(cart, *rules, policy=BEST):
    return evaluate(cart, rules, None, NOW, policy)


def applied(items, cart):
    """Apply all of some promotions, and return what `doubt` asks for."""
    goods = Goods(cart)
    prepared = sorted(prepare(items, goods, BEST), key=lambda item: item.promotion.turn)
    work = Working(goods, cart.shipping)
    records = [item.record(work, goods.subtotal) for item in prepared]
    return prepared, records, work


@pytest.fixture
def tried(monkeypatch):
    """Return a list that grows by one for each combination that is tried."""
    found, original = [], Search._try

    def count(self, chosen):
        found.append(list(chosen))
        return original(self, chosen)

    monkeypatch.setattr(Search, "_try", count)
    return found


@pytest.mark.parametrize(
    "effect",
    [
        lambda n: off(3 + n, "matching_lines", filter=tagged(TAGS[n % 3])),
        lambda n: off(3 + n, "each_unit", filter=tagged(TAGS[n % 3])),
        lambda n: off(40, "matching_lines", filter=tagged(TAGS[n % 3]), cap=900 + n),
        lambda n: Effect("fixed", "matching_lines", amount=900, filter=tagged(TAGS[n % 3])),
        lambda n: Effect("cheapest_free", "group", group_size=3, filter=tagged(TAGS[n % 3])),
    ],
)
def test_twelve_that_go_together_are_proven_best_without_trying_others(tried, effect):
    rules = [rule(f"r{n:02}", effect(n)) for n in range(12)]
    assert decide(cart(*range(20_000, 90_000, 9000), quantity=3), *rules).method == "exact"
    assert len(tried) == 1


def test_twelve_that_exclude_each_other_are_compared_by_what_they_save_alone(tried):
    rules = [rule(f"r{n:02}", off(n + 1), exclusive=True) for n in range(12)]
    found = decide(cart(1000), *rules)
    assert [fate.promotion for fate in found.applied] == ["r11"]
    assert len(tried) == 1


def test_a_discount_that_would_cost_another_one_more_is_left_out():
    # 3 cents less, and a fifth is no more than its cap: half of the reduced price, not of the full.
    small = rule("small", Effect("fixed", "each_unit", amount=3), priority=2)
    fifth = rule("fifth", off(20, "each_unit", cap=1000), priority=1)
    half = rule("half", off(50, "each_unit"))
    found = decide(cart(5003), small, fifth, half)
    assert found.total == 5003 - 1000 - 2502
    assert found.fate("small").outcome == "superseded"
    assert decide(cart(5003), small, fifth, half, policy=Policy(exact_up_to=2)).total == 2000


def test_a_floor_that_stops_a_discount_is_seen_by_the_search():
    lines = [Line("a", 5000, floor=2000), Line("b", 4000, 2, floor=3900)]
    rules = [
        rule("order", off(50), lane=0),
        rule("each", off(40, "each_unit"), lane=1),
        rule("later", Effect("fixed", "order", amount=700), lane=2),
    ]
    found = decide(Cart(lines, "CAD"), *rules)
    sums = [
        decide(Cart(lines, "CAD"), *some).total for n in range(4) for some in combinations(rules, n)
    ]
    assert found.total == min(sums) == 2000 + 2 * 3900


def test_small_prices_are_tried_since_roundings_could_turn_them_round(tried):
    rules = [rule(f"r{n}", off(33, "matching_lines", filter=tagged(TAGS[n]))) for n in range(3)]
    sums = [
        decide(cart(1, 2, 3, 5), *some).total for n in range(4) for some in combinations(rules, n)
    ]
    tried.clear()
    assert decide(cart(1, 2, 3, 5), *rules).total == min(sums)
    assert len(tried) > 1


def test_what_is_tame_is_a_matter_of_scopes_caps_and_order():
    goods = Goods(cart(1000, 2000))

    def tame(*rules):
        items = sorted(prepare(rules, goods, BEST), key=lambda item: item.promotion.turn)
        return is_tame(items)

    assert tame(rule("a", off(10, "each_unit")), rule("b", off(10)))
    assert not tame(rule("a", off(10, "each_unit"), lane=1), rule("b", off(10)))
    assert not tame(rule("a", off(10, "matching_lines", filter=tagged("golf"))))
    assert not tame(rule("a", off(10, "each_unit", cap=5)))
    assert tame(rule("a", off(10, "each_unit", cap=5000)))
    assert not tame(rule("a", off(10, "each_unit"), off(10, "each_unit")))


def test_a_promotion_is_doubtful_where_little_is_left_of_it():
    rules = [rule("big", off(10, "matching_lines", filter=tagged("golf"))),
             rule("none", off(10, "matching_lines", filter=tagged("video")), priority=-1),
             rule("last", off(100, "order", filter=tagged("video")), priority=-2)]  # fmt: skip
    items, records, work = applied(rules, cart(90_000, 80_000))
    found = doubt(items, records, work, BEST)
    names = [items[position].promotion.id for position in found.positions]
    assert names == ["none"]
    assert found.certain == 2


def test_nothing_is_proven_of_caps_that_some_combinations_reach():
    rules = [rule("a", off(20, "each_unit", cap=1000)), rule("b", off(50, "each_unit"))]
    assert doubt(*applied(rules, cart(5003)), BEST) is None
    assert doubt(*applied(rules, cart(90_000)), BEST) is not None


@pytest.mark.parametrize("policy", [Policy(), Policy(lanes="one")])
def test_conflicts_are_those_of_every_pair(policy):
    draw = random.Random(7)
    names = [None, *(frozenset(some) for some in ("", "a", "b", "ab"))]
    rules = [
        rule(f"r{n}", off(1), lane=draw.randint(0, 1), exclusive=draw.random() < 0.1,
             groups=draw.choice(names[1:]), combines=draw.choice(names))
        for n in range(30)
    ]  # fmt: skip
    found = conflicts_of(prepare(rules, Goods(cart(1)), policy), policy)
    for i, one in enumerate(rules):
        for k, other in enumerate(rules):
            apart = policy.lanes == "one" and one.lane == other.lane
            against = i != k and (apart or not one.goes_with(other))
            assert bool(found[i] >> k & 1) == against


def test_thousands_of_candidates_are_combined_at_once():
    rules = [rule(f"r{n:04}", off(1), exclusive=n % 2 == 0) for n in range(1000)]
    found = decide(cart(9000), *rules)
    assert (found.method, len(found.trace)) == ("greedy", 1000)
    assert found.total < 100  # five hundred go together, and save more than any one that does not


def test_thousands_of_thresholds_name_no_amounts_rather_than_take_for_ever():
    far = [Condition("subtotal_at_least", least=10**6)]
    rules = [rule(f"r{n}", off(1), conditions=far) for n in range(1500)]
    found = decide(
        cart(9000), rule("first", off(1), priority=1), *rules, policy=Policy.sequential()
    )
    missing = [fate.missing for fate in found.trace if fate.outcome == "rejected"]
    assert missing[0] == 10**6 * 100 // 99 - 9000
    assert missing.count(None) > 1400


def test_a_gift_counts_what_it_would_cost_and_money_wins_a_tie():
    def gift(worth):
        mug = Effect("gift", "cart", sku="mug", worth=worth)
        return rule("gift", mug, exclusive=True)

    money = rule("money", Effect("fixed", amount=500))
    assert decide(cart(9000), gift(500), money).gifts == ()
    found = decide(cart(9000), gift(700), money)
    assert found.gifts == (("mug", 1, "gift"),)
    assert found.fate("money").difference == 200


def test_free_shipping_may_be_capped():
    free = rule("free", Effect("free_shipping", "shipping", cap=700))
    assert decide(cart(1000, shipping=995), free).shipping == 295


def test_a_tier_limited_to_some_pieces_takes_the_tier_s_part():
    tiered = Effect("tiered_percent", "each_unit", tiers=((500, "20"),), most_pieces=1)
    assert decide(cart(1000, quantity=3), rule("a", tiered)).discount == 200
    assert decide(cart(100, quantity=3), rule("a", tiered)).discount == 0
