"""What is asked of a model: a basket, and what the person bought before."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from itertools import chain
from itertools import repeat
from typing import TypeVar

import numpy as np

from .history import Floats
from .history import numbers

T = TypeVar("T")
#: Earlier orders of a person that count, latest first.
ORDERS = 50
#: Lines of earlier orders that count, latest first.
LINES = 250
#: Products of a basket or a past that ask for neighbours; more would cost time and change little.
ASKING = 15
#: Who weighs less than this asks nobody.
_LITTLE = 0.01
_UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class View:
    """One way to ask for neighbours: by what, how much less each step back, by how many."""

    source: str
    decay: float
    most: int = ASKING

    @property
    def name(self) -> str:
        """Return how it is called in reports."""
        return f"{self.source} {self.decay:g}"


VIEWS: dict[str, tuple[View, ...]] = {
    "cart": (View("basket", 1.0), View("past", 0.9)),
    "session": (View("basket", 0.85), View("basket", 0.0, 1)),
    "new": (View("past", 1.0, LINES), View("past", 0.7, LINES)),
    "next": (View("past", 1.0, LINES), View("past", 0.7, LINES)),
    "repeat": (View("past", 0.9),),
}


@dataclass(frozen=True, slots=True)
class Query:
    """Products by number: those at hand, and those of earlier orders with how long ago."""

    #: the cart or the session, oldest first
    basket: list[int] = field(default_factory=list)
    #: products of earlier orders, latest order first
    past: list[int] = field(default_factory=list)
    #: for each of `past`, how many orders ago it was bought; 0 is the latest
    ago: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, basket: Sequence[int], orders: Sequence[Sequence[int]] = ()) -> "Query":
        """Build from the basket and earlier orders, both oldest first."""
        latest = recent(orders) if orders else ()
        past = [item for order in latest for item in order]
        ago = [step for step, order in enumerate(latest) for _ in order]
        return cls(list(basket), past, ago)

    @classmethod
    def named(
        cls, index: Mapping[str, int], basket: Sequence[str], orders: Sequence[Sequence[str]]
    ) -> "Query":
        """Build from product ids; those that are not in `index` are passed over."""
        at_hand = numbers(basket, index)
        if not orders:
            return cls(at_hand)
        latest = recent(orders)
        past = list(map(index.get, chain.from_iterable(latest), repeat(_UNKNOWN)))
        ago = [step for step, order in enumerate(latest) for _ in order]
        if _UNKNOWN in past:
            known = [place for place, code in enumerate(past) if code != _UNKNOWN]
            past, ago = [past[place] for place in known], [ago[place] for place in known]
        return cls(at_hand, past, ago)

    def asking(self, view: View) -> tuple[list[int], list[float]]:
        """Return the products that ask for neighbours, and how much each weighs.

        Each step back in the basket, and each order back in the past, multiplies by the decay.
        """
        steps = powers(view.decay)
        if view.source == "basket":
            codes = self.basket[-view.most :]
            return codes, steps[: len(codes)][::-1]
        codes, weights = self.past[: view.most], [steps[step] for step in self.ago[: view.most]]
        if view.most <= ASKING:
            return codes, weights
        # what was bought again and again asks once, with all its weight
        joined = dict.fromkeys(codes, 0.0)
        for code, weight in zip(codes, weights, strict=True):
            joined[code] += weight
        kept = {code: weight for code, weight in joined.items() if weight >= _LITTLE}
        return list(kept), list(kept.values())


@cache
def powers(decay: float) -> list[float]:
    """Return the powers of a decay, 0 first."""
    found: list[float] = np.power(decay, np.arange(ORDERS + ASKING)).tolist()
    return found


@cache
def table(decays: tuple[float, ...]) -> Floats:
    """Return the powers of several decays, steps x decays."""
    return np.array([powers(decay) for decay in decays], dtype=np.float32).T.copy()


def recent(orders: Sequence[Sequence[T]]) -> list[Sequence[T]]:
    """Return the orders that count, latest first."""
    found: list[Sequence[T]] = []
    lines = 0
    for order in reversed(orders):
        if lines >= LINES or len(found) >= ORDERS:
            break
        found.append(order)
        lines += len(order)
    return found
