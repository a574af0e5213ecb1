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
from .history import Places
from .history import numbers

T = TypeVar("T")
#: Earlier orders of a person that count, latest first.
ORDERS = 50
#: Lines of earlier orders that count, latest first.
LINES = 250
#: Products of a basket or a past that ask for neighbours; more would cost time and change little.
ASKING = 15
#: What asks for neighbours, by kind of task: a source, its decays, and how many products of it.
VIEWS: dict[str, tuple[tuple[str, tuple[float, ...], int], ...]] = {
    "cart": (("basket", (1.0,), ASKING), ("past", (0.9,), ASKING)),
    "session": (("basket", (0.85, 0.0), ASKING),),
    "new": (("past", (1.0, 0.7), LINES),),
    "next": (("past", (1.0, 0.7), LINES),),
    "repeat": (("past", (0.9,), ASKING),),
}
_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Query:
    """Products by number: those at hand, and those of earlier orders with how long ago."""

    #: the cart or the session, oldest first
    basket: Places = field(default_factory=lambda: _NOTHING)
    #: products of earlier orders, latest order first
    past: Places = field(default_factory=lambda: _NOTHING)
    #: for each of `past`, how many orders ago it was bought; 0 is the latest
    ago: Places = field(default_factory=lambda: _NOTHING)

    @classmethod
    def of(cls, basket: Sequence[int], orders: Sequence[Sequence[int]] = ()) -> "Query":
        """Build from the basket and earlier orders, both oldest first; below 0 is unknown."""
        at_hand = np.array(basket, dtype=np.int64)
        if not orders:
            return cls(at_hand)
        latest = recent(orders)
        return cls._past(at_hand, list(chain.from_iterable(latest)), latest)

    @classmethod
    def named(
        cls, index: Mapping[str, int], basket: Sequence[str], orders: Sequence[Sequence[str]]
    ) -> "Query":
        """Build from product ids; those that are not in `index` are passed over."""
        at_hand = np.array(numbers(basket, index), dtype=np.int64)
        if not orders:
            return cls(at_hand)
        latest = recent(orders)
        return cls._past(
            at_hand, list(map(index.get, chain.from_iterable(latest), repeat(-1))), latest
        )

    @classmethod
    def _past(cls, basket: Places, bought: list[int], latest: Sequence[Sequence[T]]) -> "Query":
        past = np.array(bought, dtype=np.int64)
        ago = np.arange(len(latest)).repeat(list(map(len, latest)))
        if past.size and past.min() < 0:
            known = past >= 0
            past, ago = past[known], ago[known]
        return cls(basket, past, ago)

    def asking(self, kind: str, facts: int) -> tuple[Places, Floats, Places]:
        """Return the products that ask for neighbours, and a table of them x decays.

        Beside them the column of a view's first fact, where each view has so many `facts`.
        Each step back in the basket, and each order back in the past, multiplies by the decay.
        """
        views = VIEWS[kind]
        if len(views) == 1:
            codes, weights = self._asking(*views[0])
            return codes, weights, np.zeros(len(codes), dtype=np.int64)
        parts = [self._asking(*view) for view in views]
        sizes = [len(part[0]) for part in parts]
        columns = np.arange(0, len(parts) * facts, facts).repeat(sizes)
        codes = np.concatenate([part[0] for part in parts])
        return codes, np.concatenate([part[1] for part in parts]), columns

    def _asking(self, source: str, decays: tuple[float, ...], most: int) -> tuple[Places, Floats]:
        if source == "past":
            codes, weights = self.past[:most], table(decays).take(self.ago[:most], axis=0)
        else:
            codes = self.basket[-most:]
            weights = table(decays)[: len(codes)][::-1]
        if most <= ASKING:
            return codes, weights
        # what was bought again and again asks once, with all its weight
        known, row = np.unique(codes, return_inverse=True)
        joined = [np.bincount(row, column, minlength=len(known)) for column in weights.T]
        return known, np.array(joined, dtype=np.float32).T


@cache
def table(decays: tuple[float, ...]) -> Floats:
    """Return the powers of several decays, steps x decays."""
    return np.array([powers(decay) for decay in decays], dtype=np.float32).T.copy()


@cache
def powers(decay: float) -> Floats:
    """Return the powers of a decay, 0 first."""
    return np.power(decay, np.arange(ORDERS + ASKING)).astype(np.float32)


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
