"""The laws that every price keeps, whatever the cart and the promotions."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck
from hypothesis import assume
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Condition
from grc_loyalty.promotions import Customer
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate
from grc_loyalty.promotions.eligibility import moment

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANN = Customer(2, frozenset({"gold"}))
GROUPS = tuple(frozenset(some) for some in ("", "a", "b", "ab"))
TAGS = ("golf", "books", "video")
BEST = Policy()
POLICIES = (
    BEST,
    Policy(leftover="first"),
    Policy(rounding="half_even", share_rounding="half_down", leftover="first"),
    Policy(lanes="one"),
    Policy(exact_up_to=2),
    Policy.sequential(),
    Policy.sequential(share_rounding="half_down", leftover="first"),
)
settings.register_profile(
    "loyalty", deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("loyalty")

percents = st.sampled_from(["0", "5", "10", "12.5", "33.333", "50", "99.9", "100"])
amounts = st.one_of(st.integers(0, 300), st.integers(0, 30_000))
tags = st.sampled_from(
    [frozenset(some) for some in ((), *combinations(TAGS, 1), *combinations(TAGS, 2))]
)
filters = st.one_of(
    st.just(Filter()),
    st.builds(Filter, tags=tags),
    st.builds(Filter, price_min=st.integers(0, 3000)),
)


@st.composite
def lines(draw, least=0, most=5, max_quantity=4):
    found = []
    for number in range(draw(st.integers(least, most))):
        unit = draw(st.one_of(st.integers(0, 50), st.integers(0, 20_000)))
        floor = draw(st.one_of(st.just(0), st.integers(0, unit + 5)))
        found.append(
            Line(
                f"p{number}",
                unit,
                draw(st.integers(1, max_quantity)),
                draw(tags),
                floor,
                draw(st.booleans()),
            )
        )
    return found


@st.composite
def carts(draw, **options):
    return Cart(draw(lines(**options)), "CAD", draw(st.sampled_from([0, 995, 1000])))


caps = st.one_of(st.none(), st.integers(0, 3000))
effects = st.one_of(
    st.builds(Effect, st.just("percent"), st.sampled_from(["order", "matching_lines"]),
              percent=percents, cap=caps, filter=filters),
    st.builds(Effect, st.just("percent"), st.just("each_unit"), percent=percents, cap=caps,
              filter=filters, most_pieces=st.one_of(st.none(), st.integers(1, 3))),
    st.builds(Effect, st.just("fixed"), st.sampled_from(["order", "matching_lines"]),
              amount=amounts, filter=filters),
    st.builds(Effect, st.just("fixed"), st.just("each_unit"), amount=amounts, filter=filters),
    st.builds(Effect, st.just("percent"), st.just("shipping"), percent=percents),
    st.builds(Effect, st.just("tiered_percent"), st.just("order"), percent=st.just("5"),
              tiers=st.just(((2000, "10"), (8000, "20")))),
    st.builds(Effect, st.just("tiered_percent"), st.just("each_unit"), percent=st.just("3"),
              tiers=st.just(((3000, "12.5"),)), cap=caps, filter=filters),
    st.builds(Effect, st.just("cheapest_free"), st.just("group"), group_size=st.integers(2, 4),
              cap=caps, filter=filters),
    st.builds(Effect, st.just("buy_x_get_y_free"), st.just("units"), buy=filters, filter=filters,
              get_pieces=st.integers(1, 2), most_times=st.one_of(st.none(), st.just(1)),
              percent=st.sampled_from(["0", "50"]), cap=caps,
              pick=st.sampled_from(["cheapest_first", "most_expensive_target_first"])),
    st.builds(Effect, st.just("gift"), st.just("cart"), sku=st.just("mug")),
)  # fmt: skip
conditions = st.one_of(
    st.builds(Condition, st.just("subtotal_at_least"), least=amounts),
    st.builds(Condition, st.just("quantity_at_least"), least=st.integers(1, 6)),
    st.just(Condition("customer_group_in", names=frozenset({"gold"}))),
    st.builds(Condition, st.just("contains_any_tag"), names=tags.filter(bool)),
)


@st.composite
def promotion_lists(draw, most=5):
    found = []
    for number in range(draw(st.integers(0, most))):
        found.append(
            Promotion(
                f"r{number}",
                tuple(draw(st.lists(effects, min_size=1, max_size=2))),
                tuple(draw(st.lists(conditions, max_size=2))),
                draw(st.integers(0, 3)),
                draw(st.integers(0, 1)),
                draw(st.integers(0, 5)) == 0,
                draw(st.sampled_from(GROUPS)),
                draw(st.one_of(st.none(), st.sampled_from(GROUPS))),
                skips_reduced=draw(st.booleans()),
            )
        )
    return found


policies = st.sampled_from(POLICIES)


@given(carts(), promotion_lists(), policies)
def test_a_discount_is_never_negative_nor_more_than_what_there_is(cart, promotions, policy):
    decision = evaluate(cart, promotions, ANN, NOW, policy)
    assert 0 <= decision.discount <= decision.subtotal == cart.subtotal
    assert 0 <= decision.shipping <= cart.shipping
    assert decision.total == decision.subtotal - decision.discount + decision.shipping >= 0


@given(carts(), promotion_lists(), policies)
def test_the_parts_add_up_to_the_whole(cart, promotions, policy):
    decision = evaluate(cart, promotions, ANN, NOW, policy)
    for line, priced in zip(cart.lines, decision.lines, strict=True):
        pieces = list(priced.pieces())
        assert len(pieces) == line.quantity
        assert sum(pieces) == priced.discount == sum(amount for _, amount in priced.shares)
        assert all(0 <= off <= line.unit for off in pieces)
    assert sum(line.discount for line in decision.lines) == decision.discount
    applied = sum(fate.amount for fate in decision.applied)
    assert applied == decision.discount + decision.shipping_discount


@given(
    carts(),
    promotion_lists(),
    st.randoms(use_true_random=False),
    st.sampled_from([BEST, POLICIES[4]]),
)
def test_the_order_of_lines_changes_no_total(cart, promotions, random, policy):
    shuffled = list(cart.lines)
    random.shuffle(shuffled)
    one = evaluate(cart, promotions, ANN, NOW, policy)
    other = evaluate(replace(cart, lines=shuffled), promotions, ANN, NOW, policy)
    assert (one.discount, one.shipping, one.total) == (other.discount, other.shipping, other.total)
    by_sku = {line.sku: line.discount for line in one.lines}
    assert {line.sku: line.discount for line in other.lines} == by_sku


@given(carts(), promotion_lists(), policies)
def test_splitting_a_line_changes_no_total(cart, promotions, policy):
    split = [replace(line, quantity=1) for line in cart.lines for _ in range(line.quantity)]
    one = evaluate(cart, promotions, ANN, NOW, policy)
    other = evaluate(replace(cart, lines=split), promotions, ANN, NOW, policy)
    assert (one.discount, one.shipping, one.total) == (other.discount, other.shipping, other.total)


@given(carts(), promotion_lists())
def test_exact_saves_no_less_than_greedy_and_greedy_no_less_than_any_one(cart, promotions):
    exact = evaluate(cart, promotions, ANN, NOW, BEST)
    greedy = evaluate(cart, promotions, ANN, NOW, Policy(exact_up_to=0))
    singles = [evaluate(cart, [promotion], ANN, NOW, BEST).total for promotion in promotions]
    assert exact.total <= greedy.total <= min(singles, default=greedy.total)


@given(carts(), promotion_lists(most=4))
def test_exact_is_the_best_of_all_combinations(cart, promotions):
    def total(combination):
        allowed = all(a.goes_with(b) for a in combination for b in combination if a is not b)
        return (
            evaluate(cart, combination, ANN, NOW, BEST).total
            if allowed
            else cart.subtotal * 2 + 9999
        )

    subsets = [
        [p for i, p in enumerate(promotions) if mask >> i & 1]
        for mask in range(2 ** len(promotions))
    ]
    assert evaluate(cart, promotions, ANN, NOW, BEST).total == min(map(total, subsets))


@given(carts(), promotion_lists(), policies)
def test_the_same_question_has_the_same_answer(cart, promotions, policy):
    assert evaluate(cart, promotions, ANN, NOW, policy) == evaluate(
        cart, promotions, ANN, NOW, policy
    )


@given(carts(), promotion_lists(), policies)
def test_no_piece_falls_below_its_floor(cart, promotions, policy):
    decision = evaluate(cart, promotions, ANN, NOW, policy)
    for line, priced in zip(cart.lines, decision.lines, strict=True):
        assert all(line.unit - off >= min(line.floor, line.unit) for off in priced.pieces())


@given(carts(), promotion_lists(), policies)
def test_every_promotion_has_one_fate_and_every_refusal_a_reason(cart, promotions, policy):
    decision = evaluate(cart, promotions, ANN, NOW, policy)
    assert sorted(fate.promotion for fate in decision.trace) == sorted(p.id for p in promotions)
    for fate in decision.trace:
        assert fate.reason
        assert (fate.outcome == "superseded") == bool(fate.by)
        assert fate.amount == 0 or fate.outcome == "applied"


def with_more(cart, promotions, policy, fate, more):
    # Where prices tie, the first by name is the cheapest: this one, as in the engine’s own trial.
    bought = replace(cart, lines=[*cart.lines, Line("\0more", more)])
    return evaluate(bought, promotions, ANN, NOW, policy).fate(fate.promotion)


@given(
    carts(),
    promotion_lists(most=4),
    st.sampled_from([p for p in POLICIES if p.thresholds != "running"]),
    st.integers(1, 9000),
)
def test_what_is_said_to_be_missing_is_enough_and_no_less_is(cart, promotions, policy, beyond):
    assume(cart.subtotal > 0)  # of a cart that costs nothing, nothing is asked any more
    threshold = Condition("subtotal_at_least", least=cart.subtotal + beyond)
    free = Promotion("free", [Effect("free_shipping", "shipping")], [threshold], priority=-1)
    promotions = [*promotions, free]
    decision = evaluate(cart, promotions, ANN, NOW, policy)
    hints = [fate for fate in decision.trace if fate.reason == "subtotal_too_low" and fate.missing]
    assert "free" in [fate.promotion for fate in hints]
    for fate in hints:
        enough = with_more(cart, promotions, policy, fate, fate.missing)
        less = with_more(cart, promotions, policy, fate, fate.missing - 1)
        assert enough.reason != "subtotal_too_low"
        assert less.reason == "subtotal_too_low"


@given(carts(), promotion_lists(most=4), st.integers(1, 9000))
def test_what_is_missing_after_earlier_promotions_brings_this_one_in(cart, promotions, beyond):
    policy = Policy.sequential()
    threshold = Condition("subtotal_at_least", least=cart.subtotal + beyond)
    free = Promotion("free", [Effect("free_shipping", "shipping")], [threshold], priority=-1)
    promotions = [*promotions, free]
    decision = evaluate(cart, promotions, ANN, NOW, policy)
    for fate in decision.trace:
        if fate.reason == "subtotal_too_low" and fate.missing:
            assert with_more(cart, promotions, policy, fate, fate.missing).outcome == "applied"
        if fate.reason == "subtotal_too_low" and fate.missing and fate.missing > 1:
            less = with_more(cart, promotions, policy, fate, fate.missing - 1)
            assert less.outcome != "applied"


ZONES = ("America/Toronto", "Europe/Paris", "Australia/Lord_Howe", "UTC")


@given(
    st.sampled_from(ZONES),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001
    st.timedeltas(timedelta(days=-2), timedelta(days=2)),
)
def test_a_promotion_ends_by_the_shop_s_clocks_also_when_they_change(zone, end, delta):
    promotion = Promotion("p", [Effect("percent", percent="10")], ends_at=end)
    now = moment(end, zone) + delta
    decision = evaluate(Cart([Line("a", 100)], "CAD"), [promotion], None, now, Policy(zone=zone))
    assert (decision.discount == 10) == (delta < timedelta(0))


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2026-03-08T01:59", "2026-03-08T06:59"),
        ("2026-03-08T02:30", "2026-03-08T07:30"),  # skipped: an hour later by the new clocks
        ("2026-03-08T03:00", "2026-03-08T07:00"),
        ("2026-11-01T01:30", "2026-11-01T05:30"),  # twice: the first one
        ("2026-11-02T00:00", "2026-11-02T05:00"),
    ],
)
def test_a_local_time_is_one_instant_when_clocks_change(local, instant):
    found = moment(datetime.fromisoformat(local), "America/Toronto")
    assert found == datetime.fromisoformat(instant).replace(tzinfo=UTC)
    assert found.astimezone(ZoneInfo("America/Toronto")).tzinfo is not None
