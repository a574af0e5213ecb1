"""Pricing a cart of 10 lines with 20 promotions, in mixes that stress different parts."""

import random
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from functools import partial
from typing import Any

from grc_loyalty.promotions import Cart
from grc_loyalty.promotions import Condition
from grc_loyalty.promotions import Customer
from grc_loyalty.promotions import Effect
from grc_loyalty.promotions import Filter
from grc_loyalty.promotions import Line
from grc_loyalty.promotions import Policy
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate

from .results import Budget
from .results import Found
from .results import Line as Result
from .results import Run
from .timing import interleaved

#: Milliseconds of CPU for one cart.
BUDGET = 1.0
_BEST = Policy()
_NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_TAGS = ("golf", "books", "video", "clubs", "shoes")
_GROUPS = tuple(frozenset((name,)) for name in ("a", "b"))


def measure(run: Run) -> Iterator[Found]:
    """CPU of `evaluate` for 10 lines and 20 promotions, median over random carts."""
    for name, mix in _MIXES.items():
        works = [_work(seed, mix) for seed in range(12)]
        found = [item.p50 for item in interleaved(works, run.rounds(30, 10))]
        middle = sorted(found)[len(found) // 2]
        detail = f"the slowest of {len(found)} carts {max(found) * 1e3:.3f} ms"
        budget = Budget(BUDGET) if mix.has_budget else None
        yield Result(f"evaluate, {name}", middle * 1e3, "ms", budget=budget, detail=detail)


def _anything(draw: random.Random, number: int) -> Effect:
    return (
        Effect("percent", "order", percent=str(draw.randint(2, 10))),
        Effect("fixed", "order", amount=draw.randint(100, 900)),
        Effect("percent", "each_unit", percent="12.5", filter=_some(draw)),
        Effect("free_shipping", "shipping"),
        _one_with_two(draw, number),
        Effect("cheapest_free", "group", group_size=3, filter=_some(draw)),
        Effect("percent", "matching_lines", percent="7", filter=_some(draw), cap=900),
        _tiered(draw, number),
        Effect("fixed", "each_unit", amount=50, filter=_some(draw)),
        Effect("percent", "order", percent="20", cap=1500),
    )[number % 10]


def _some(draw: random.Random) -> Filter:
    return Filter(tags=frozenset(draw.sample(_TAGS, 1)))


def _of_a_category(draw: random.Random, number: int) -> Effect:
    percent, some = str(draw.randint(3, 25)), _some(draw)
    return Effect("percent", "matching_lines", percent=percent, filter=some)


def _capped(draw: random.Random, number: int) -> Effect:
    target = ("matching_lines", "each_unit")[number % 2]
    percent, cap = str(draw.randint(10, 40)), draw.randint(300, 2500)
    return Effect("percent", target, percent=percent, cap=cap, filter=_some(draw))


def _one_with_two(draw: random.Random, number: int) -> Effect:
    some = _some(draw)
    return Effect("buy_x_get_y_free", "units", buy=some, filter=some, buy_pieces=2)


def _free_pieces(draw: random.Random, number: int) -> Effect:
    if number % 2:
        return _one_with_two(draw, number)
    return Effect("cheapest_free", "group", group_size=draw.randint(2, 4), filter=_some(draw))


def _tiered(draw: random.Random, number: int) -> Effect:
    return Effect("tiered_percent", "order", tiers=((10_000, "3"), (50_000, "6")))


def _free(draw: random.Random, number: int) -> dict[str, Any]:
    return {"conditions": _conditions(draw, draw.randint(0, 80_000))}


def _conditions(draw: random.Random, least: int) -> list[Condition]:
    found = [Condition("subtotal_at_least", least=least)]
    return found if draw.random() < 0.5 else []


def _exclusive(draw: random.Random, number: int) -> dict[str, Any]:
    return {**_free(draw, number), "exclusive": draw.random() < 0.4}


def _contested(draw: random.Random, number: int) -> dict[str, Any]:
    groups, combines = draw.choice(_GROUPS), draw.choice((None, *_GROUPS))
    return {**_free(draw, number), "groups": groups, "combines": combines}


def _twelve(draw: random.Random, number: int) -> dict[str, Any]:
    return {"blocked": "used_up" if number >= 12 else None}


def _twelve_contested(draw: random.Random, number: int) -> dict[str, Any]:
    return {**_contested(draw, number), **_twelve(draw, number)}


def _far_away(draw: random.Random, number: int) -> dict[str, Any]:
    return {"conditions": _conditions(draw, 10**6 + 1000 * number)}


@dataclass(frozen=True, slots=True)
class _Mix:
    """What the 20 promotions take off, what else they say, and the cart's peculiarities."""

    more: Callable[[random.Random, int], dict[str, Any]] = _free
    effect: Callable[[random.Random, int], Effect] = _anything
    policy: Policy = _BEST
    has_floors: bool = False
    #: what else must be spent is tried out where thresholds look at what is left: that takes longer
    has_budget: bool = True
    tax_percent: str | None = None


_MIXES: dict[str, _Mix] = {
    "all go together": _Mix(),
    "some are exclusive": _Mix(_exclusive),
    "all are exclusive": _Mix(lambda draw, number: {"exclusive": True}),
    "groups that exclude each other": _Mix(_contested),
    "12 such candidates, exactly": _Mix(_twelve_contested),
    "all are used up": _Mix(lambda draw, number: {"blocked": "used_up"}),
    "20 categories": _Mix(effect=_of_a_category),
    "12 categories, exactly": _Mix(_twelve, _of_a_category),
    "capped": _Mix(effect=_capped),
    "12 capped, exactly": _Mix(_twelve, _capped),
    "pieces come free": _Mix(effect=_free_pieces),
    "tiers": _Mix(effect=_tiered),
    "floors and taxes": _Mix(has_floors=True, tax_percent="14.975"),
    "one after the other": _Mix(policy=Policy.sequential()),
    "one after the other, far from thresholds": _Mix(
        _far_away, policy=Policy.sequential(), has_budget=False
    ),
}


def _work(seed: int, mix: _Mix) -> Callable[[], object]:
    draw = random.Random(seed)
    lines = [
        Line(f"s{number}", unit := draw.randint(299, 19_999), draw.randint(1, 4),
             frozenset(draw.sample(_TAGS, 2)), unit * 2 // 3 if mix.has_floors else 0,
             tax_percent=mix.tax_percent)
        for number in range(10)
    ]  # fmt: skip
    rules = [
        Promotion(f"p{number}", [mix.effect(draw, number)], lane=draw.randint(0, 1),
                  **mix.more(draw, number))
        for number in range(20)
    ]  # fmt: skip
    cart = Cart(lines, "CAD", 1200, tax_included=mix.tax_percent is not None)
    return partial(evaluate, cart, rules, Customer(3), _NOW, mix.policy)
