"""How good a ranking is: hit rate, recall, NDCG and reciprocal rank, with standard errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import log2
from typing import TypeVar

import numpy as np

T = TypeVar("T")
#: Places that count.
DEPTH = 10


def ndcg(ranking: Sequence[T], wanted: Sequence[T], depth: int = DEPTH) -> float:
    """Return the normalised discounted cumulative gain (Järvelin and Kekäläinen 2002)."""
    goal = set(wanted)
    if not goal:
        return 0.0
    shown = enumerate(ranking[:depth])
    gain = sum(1 / log2(place + 2) for place, item in shown if item in goal)
    return gain / _best(min(depth, len(wanted)))


@cache
def _best(hits: int) -> float:
    return sum(1 / log2(place + 2) for place in range(hits))


@dataclass(frozen=True, slots=True)
class Quality:
    """Means over cases at ten places, with the standard errors of two of them."""

    cases: int
    hit_rate: float
    hit_rate_error: float
    recall: float
    ndcg: float
    ndcg_error: float
    reciprocal_rank: float
    #: share of the catalogue that was shown to anybody
    coverage: float


def measure(
    rankings: Sequence[Sequence[int]], wanted: Sequence[Sequence[int]], catalogue: int
) -> Quality:
    """Measure rankings against what was really taken."""
    if not rankings:
        return Quality(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    hits, recalls, gains, ranks = [], [], [], []
    shown: set[int] = set()
    for ranking, goal in zip(rankings, wanted, strict=True):
        top = list(ranking[:DEPTH])
        shown.update(top)
        taken = set(goal)
        places = [place for place, item in enumerate(top) if item in taken]
        hits.append(float(bool(places)))
        recalls.append(len(places) / max(len(goal), 1))
        gains.append(ndcg(top, goal))
        ranks.append(1 / (places[0] + 1) if places else 0.0)
    root = np.sqrt(len(rankings))
    return Quality(
        len(rankings),
        float(np.mean(hits)),
        float(np.std(hits) / root),
        float(np.mean(recalls)),
        float(np.mean(gains)),
        float(np.std(gains) / root),
        float(np.mean(ranks)),
        len(shown) / max(catalogue, 1),
    )
