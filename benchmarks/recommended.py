"""Recommendations: an answer, an order counted, a model trained."""

import random
from collections.abc import Callable
from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core.events import Event
from grc_core.storage.sessions import writing
from grc_recommendations import Recommendations
from grc_recommendations.groups import preset
from grc_recommendations.history import History
from grc_recommendations.models import pairs
from grc_recommendations.recommender import Recommender
from grc_recommendations.training import fit
from grc_recommendations.training import train
from grc_recommendations.warehouse import duck

from .databases import one_row
from .databases import open_database
from .past_orders import history
from .past_orders import many
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .results import Skipped
from .small_app import rooms
from .small_app import small_app
from .timing import CPU
from .timing import WALL
from .timing import Samples
from .timing import timed

#: As many products as the budgets speak of, and lines of a past.
PRODUCTS, PAST = 11_000, 30
#: Milliseconds of CPU: an answer at p50 and p99, an order at p99; seconds to train.
ANSWER, WORST, ORDER, TRAINED = 0.2, 1.0, 5.0, 10.0
#: Carts, no two of them kept from before, that are answered before the anchor has its turn.
_BLOCK = 50


def measure(run: Run) -> Iterator[Found]:
    """CPU of an answer beside raw co-counts by scipy, of an order beside one row, of training."""
    past = history(run.rounds(60_000, 8_000), PRODUCTS)
    yield from _answers(run, past)
    yield from _orders(run)
    yield _trained(run)
    yield _counted(run)


def _answers(run: Run, past: History) -> Iterator[Line]:
    """Ask about carts of 1 to 8 products, with and without what the person bought before."""
    scorer = fit(past, "cart")
    recommender = Recommender(past.items, scorer, preset("cart", scorer.names))
    rows = past.matrix()
    counts = (rows.T @ rows).tocsr()
    draw = random.Random(3)

    def question() -> tuple[list[str], list[list[str]]]:
        basket, *bought = (
            [past.items[code] for code in past.order(draw.randrange(past.size // 2, past.size))][:8]
            for _ in range(1 + PAST // 5)
        )
        return basket, bought

    def naive(basket: list[str]) -> object:
        codes = [recommender.index[item] for item in basket]
        total = np.asarray(counts[codes].sum(axis=0)).ravel()
        return np.argpartition(total, -10)[-10:]

    asked = [question() for _ in range(run.rounds(1500, 300))]
    kinds: dict[str, Callable[[list[str], list[list[str]]], object]] = {
        "a cart, a past of 30 lines": lambda basket, bought: recommender.recommend(basket, bought),
        "a cart of somebody unknown": lambda basket, bought: recommender.recommend(basket),
    }
    for name, work in kinds.items():
        ours, theirs = list[float](), list[float]()
        for first in range(0, len(asked), _BLOCK):  # in turns, but as a busy process answers
            block = asked[first : first + _BLOCK]
            ours += [timed(partial(work, basket, bought), CPU) for basket, bought in block]
            theirs += [timed(partial(naive, basket), CPU) for basket, _ in block]
        taken, anchor = Samples(ours), Anchor("co-counts by scipy", Samples(theirs).p50 * 1e3)
        yield Line(f"{name}, p50", taken.p50 * 1e3, "ms", anchor, Budget(ANSWER), taken.spread())
        yield Line(f"{name}, p99", taken.quantile(0.99) * 1e3, "ms", anchor, Budget(WORST))


def _orders(run: Run) -> Iterator[Line]:
    """Count orders in a transaction each, in a database where nobody else writes."""
    folder = run.place("recommended")
    grc = rooms(small_app(folder, [Recommendations]))
    grc.runner.stop()
    plugin: Any = getattr(grc.tables.find("recommendations"), "plugin", None)
    draw = random.Random(4)

    def take(number: int, lines: int) -> None:
        now = datetime.now(UTC)
        chosen = dict[str, None]()
        while len(chosen) < lines:
            chosen[str(int(draw.paretovariate(0.6)) % PRODUCTS)] = None
        goods = tuple(OrderLine(product, 1, Money(1250, "CAD")) for product in chosen)
        order = Order(f"new{number}", goods, now, "paid", number, str(number), currency="CAD")
        event = Event(str(number), "on_order", 1, now)
        with writing(grc.database):
            plugin.on_orders([(order, event)])

    row = one_row(open_database(folder))
    for lines in (5, 30):
        ours, theirs = [], []
        for number in range(run.rounds(600, 120)):
            ours.append(timed(partial(take, 1000 * lines + number, lines), CPU))
            theirs.append(timed(row, CPU))
        taken, anchor = (
            Samples(ours[5:]),
            Anchor("a row in a transaction", Samples(theirs).p50 * 1e3),
        )
        yield Line(f"on_order, {lines} lines, p99", taken.quantile(0.99) * 1e3, "ms", anchor,
                   Budget(ORDER), taken.spread())  # fmt: skip
    grc.close()


def _trained(run: Run) -> Line:
    """Train the cart's model on as many orders as the example shop has."""
    past = history(run.rounds(12_000, 3_000), 200)
    rows = past.matrix()
    anchor = Anchor("co-counts by scipy", timed(lambda: rows.T @ rows, CPU))
    seconds = timed(lambda: [train(past, kind) for kind in ("cart", "new", "repeat")], CPU)
    return Line(f"three models of {past.size:,} orders", seconds, "s", anchor, Budget(TRAINED))


def _counted(run: Run) -> Found:
    """Count a long history by DuckDB in one pass; the anchor is scipy's rate for a part of it."""
    if not find_spec("duckdb"):
        return Skipped("orders counted by DuckDB", "duckdb is not installed")
    orders, products = run.rounds(10_000_000, 200_000), run.rounds(100_000, 10_000)
    part = many(orders // 50, products)
    anchor = Anchor("scipy, a fiftieth", part.size / timed(lambda: pairs.together(part), WALL))
    past = many(orders, products)
    rate = past.size / timed(lambda: duck.strongest(past, least=duck.LEAST), WALL)
    what = f"{orders:,} orders of {products:,} products, counted by DuckDB"
    return Line(what, rate, "/s", anchor, detail=f"{past.size / rate:.0f} s wall")
