"""Pricing a cart of 10 lines with 20 promotions, in mixes that stress different parts."""

import random
from collections.abc import Callable
from collections.abc import Iterator
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
from grc_loyalty.promotions import Promotion
from grc_loyalty.promotions import evaluate

from .results import Budget
from .results import Found
from .results import Line as Result
from .results import Run
from .timing import interleaved

#: Milliseconds of CPU for one cart.
BUDGET = 1.0
_NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
_TAGS = ("golf", "books", "video", "clubs", "shoes")
_GROUPS = tuple(frozenset((name,)) for name in ("a", "b"))


def measure(run: Run) -> Iterator[Found]:
    """CPU of `evaluate` for 10 lines and 20 promotions, median over random carts."""
    for name, more in _MIXES.items():
        works = [_work(seed, more) for seed in range(12)]
        found = [item.p50 for item in interleaved(works, run.rounds(30, 10))]
        middle = sorted(found)[len(found) // 2]
        detail = f"the slowest of {len(found)} carts {max(found) * 1e3:.3f} ms"
        yield Result(f"evaluate, {name}", middle * 1e3, "ms", budget=Budget(BUDGET), detail=detail)


def _work(seed: int, more: Callable[[random.Random, int], dict[str, Any]]) -> Callable[[], object]:
    draw = random.Random(seed)
    lines = [
        Line(f"s{number}", draw.randint(299, 19_999), draw.randint(1, 4),
             frozenset(draw.sample(_TAGS, 2)))
        for number in range(10)
    ]  # fmt: skip
    rules = [
        Promotion(f"p{number}", [_effect(draw, number)], _conditions(draw, number),
                  lane=draw.randint(0, 1), **more(draw, number))
        for number in range(20)
    ]  # fmt: skip
    return partial(evaluate, Cart(lines, "CAD", 1200), rules, Customer(3), _NOW)


def _effect(draw: random.Random, number: int) -> Effect:
    some = Filter(tags=frozenset(draw.sample(_TAGS, 1)))
    return (
        Effect("percent", "order", percent=str(draw.randint(2, 10))),
        Effect("fixed", "order", amount=draw.randint(100, 900)),
        Effect("percent", "each_unit", percent="12.5", filter=some),
        Effect("free_shipping", "shipping"),
        Effect("buy_x_get_y_free", "units", buy=some, filter=some, buy_pieces=2),
        Effect("cheapest_free", "group", group_size=3, filter=some),
        Effect("percent", "matching_lines", percent="7", filter=some, cap=900),
        Effect("tiered_percent", "order", tiers=((10_000, "3"), (50_000, "6"))),
        Effect("fixed", "each_unit", amount=50, filter=some),
        Effect("percent", "order", percent="20", cap=1500),
    )[number % 10]


def _conditions(draw: random.Random, number: int) -> list[Condition]:
    found = [Condition("subtotal_at_least", least=draw.randint(0, 80_000))]
    return found if draw.random() < 0.5 else []


def _exclusive(draw: random.Random, number: int) -> dict[str, Any]:
    return {"exclusive": draw.random() < 0.4}


def _contested(draw: random.Random, number: int) -> dict[str, Any]:
    return {"groups": draw.choice(_GROUPS), "combines": draw.choice((None, *_GROUPS))}


def _rejected(draw: random.Random, number: int) -> dict[str, Any]:
    return {"blocked": "used_up"}


def _few(draw: random.Random, number: int) -> dict[str, Any]:
    return {**_contested(draw, number), "blocked": "used_up" if number >= 12 else None}


_MIXES: dict[str, Callable[[random.Random, int], dict[str, Any]]] = {
    "all go together": lambda draw, number: {},
    "some are exclusive": _exclusive,
    "groups that exclude each other": _contested,
    "12 such candidates, exactly": _few,
    "all are used up": _rejected,
}
