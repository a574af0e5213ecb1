"""How well recommendations foresee, beside popularity, raw co-counts, and implicit's models."""

import gzip
import json
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from grc_recommendations.history import History
from grc_recommendations.history import numbers
from grc_recommendations.metrics import DEPTH
from grc_recommendations.metrics import ndcg
from grc_recommendations.offline import factory
from grc_recommendations.validation import cut

from .past_orders import drawn
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .results import Skipped

#: Real orders beside the checkout, by what is asked of them; without them orders are drawn.
DATA = Path(__file__).parents[2] / "shared/data/recommendations"
TASKS = {
    "retail_cart": "cart",
    "cj_cart": "cart",
    "serenade_session": "session",
    "retail_new": "new",
    "cj_repeat": "repeat",
}
#: Neighbours that implicit keeps of each product; its own default is 20.
_WIDTH = 200
#: Ranks products by number for what is at hand or was bought, oldest first.
Ranking = Callable[[list[int]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Case:
    """What is at hand, what was bought before, and what was taken then."""

    basket: list[str]
    past: list[list[str]]
    wanted: list[str]

    def asked(self, kind: str) -> list[str]:
        """Return the products that may be asked about."""
        return self.basket if kind in ("cart", "session") else list(chain(*self.past))

    def barred(self, kind: str) -> set[str]:
        """Return the products that may not be proposed."""
        return set(self.asked(kind)) if kind in ("cart", "new") else set()


def measure(run: Run) -> Iterator[Found]:
    """NDCG@10 of what the plugin chooses by itself beside what others would have said."""
    if not find_spec("implicit"):
        how = "run: pip install 'grc-recommendations[benchmark]'"
        yield Skipped("recommendations beside implicit's", how)
    tasks = TASKS if DATA.is_dir() else {"drawn orders": "cart"}
    for task, kind in list(tasks.items())[: 1 if run.quick else None]:
        orders, cases = _given(task) if task in TASKS else _drawn(run)
        yield _compared(task, kind, orders, cases[: run.rounds(3000, 300)])


def _compared(task: str, kind: str, orders: list[dict[str, Any]], cases: list[Case]) -> Line:
    history = History.of(orders)
    index = {item: number for number, item in enumerate(history.items)}
    rows = history.by_person() if kind == "new" else history
    found: dict[str, list[float]] = {}
    for name, rank in _others(rows).items():
        found[name] = [_gain(case, kind, rank, index, history.items) for case in cases]
    recommend = factory(orders, kind)
    ours = []
    for case in cases:
        asked, barred = case.asked(kind), case.barred(kind)
        said = recommend(asked, DEPTH + len(barred), {"h": case.past})
        ours.append(ndcg([item for item in said if item not in barred], case.wanted))
    best = max(found, key=lambda name: float(np.mean(found[name])))
    error = float(np.std(found[best]) / len(cases) ** 0.5)
    rest = ", ".join(f"{name} {1000 * np.mean(gains):.1f}" for name, gains in found.items())
    return Line(
        f"{task}, {len(cases)} cases: NDCG@10, thousandths",
        1000 * float(np.mean(ours)),
        "",
        Anchor(best, 1000 * float(np.mean(found[best]))),
        Budget(1000 * (float(np.mean(found[best])) - error), least=True),
        f"± {1000 * np.std(ours) / len(cases) ** 0.5:.1f}; {rest}",
    )


def _gain(
    case: Case, kind: str, rank: Ranking, index: Mapping[str, int], items: Sequence[str]
) -> float:
    barred = set(numbers(list(case.barred(kind)), index))
    said = [number for number in rank(numbers(case.asked(kind), index)) if number not in barred]
    return ndcg(said, [index.get(item, -1) for item in case.wanted])


def _others(rows: History) -> dict[str, Ranking]:
    matrix = rows.matrix()
    sold = np.asarray(matrix.sum(axis=0)).ravel()
    counts = (matrix.T @ matrix).tocsr()
    counts.setdiag(0)
    depth = 20 * DEPTH

    def best(scores: np.ndarray) -> Sequence[int]:
        top = np.argsort(-scores, kind="stable")[:depth]
        found: list[int] = top[scores[top] > 0].tolist()
        return found

    popular = best(sold)

    def counted(asked: list[int]) -> Sequence[int]:
        return best(np.asarray(counts[asked].sum(axis=0)).ravel()) if asked else popular

    found: dict[str, Ranking] = {"popularity": lambda asked: popular, "raw co-counts": counted}
    if find_spec("implicit"):
        nearest = import_module("implicit.nearest_neighbours")
        for name, model in (
            ("implicit's TFIDF", nearest.TFIDFRecommender(K=_WIDTH)),
            ("implicit's BM25", nearest.BM25Recommender(K=_WIDTH)),
        ):
            model.fit(matrix, show_progress=False)
            found[name] = _asking(model.similarity.tocsr(), best, popular)
    return found


def _asking(
    similar: Any, best: Callable[[np.ndarray], Sequence[int]], popular: Sequence[int]
) -> Ranking:
    """Sum the neighbours of what is asked about, each time it is: what `recommend` does."""

    def rank(asked: list[int]) -> Sequence[int]:
        return best(np.asarray(similar[asked].sum(axis=0)).ravel()) if asked else popular

    return rank


def _given(task: str) -> tuple[list[dict[str, Any]], list[Case]]:
    cases = [Case(row["b"], row["h"], row["y"]) for row in _rows(task, "cases")]
    return list(_rows(task, "fit")), cases


def _rows(task: str, part: str) -> Iterator[dict[str, Any]]:
    with gzip.open(DATA / f"{task}_{part}.jsonl.gz", "rt") as file:
        yield from map(json.loads, file)


def _drawn(run: Run) -> tuple[list[dict[str, Any]], list[Case]]:
    """Draw orders and hold the newest back, as the plugin does to choose."""
    orders: list[dict[str, Any]] = list(drawn(run.rounds(20_000, 4_000), 800))
    history = History.of(orders)
    rest, questions = cut(history, "cart", 3000)
    names = history.items
    cases = [
        Case([names[n] for n in it.query.basket], [], [names[n] for n in it.wanted])
        for it in questions
    ]
    return orders[: rest.size], cases
