"""What is asked of a model: a basket, and what the person bought before."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from functools import cache
from typing import TypeVar

import numpy as np

from .history import Floats
from .history import Ints
from .history import numbers

T = TypeVar("T")
#: Earlier orders of a person that count, latest first.
ORDERS = 50
#: Lines of earlier orders that count, latest first.
LINES = 250
#: Products of a basket or a past that ask for neighbours; more would cost time and change little.
ASKING = 25
_NOTHING = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Query:
    """Products by number: those at hand, and those of earlier orders with how long ago."""

    #: the cart or the session, oldest first
    basket: Ints = field(default_factory=lambda: _NOTHING)
    #: products of earlier orders, latest order first
    past: Ints = field(default_factory=lambda: _NOTHING)
    #: for each of `past`, how many orders ago it was bought; 0 is the latest
    ago: Ints = field(default_factory=lambda: _NOTHING)

    @classmethod
    def of(cls, basket: Sequence[int], orders: Sequence[Sequence[int]] = ()) -> "Query":
        """Build from the basket and earlier orders, both oldest first."""
        latest = recent(orders)
        sizes = [len(order) for order in latest]
        past = np.array([item for order in latest for item in order], dtype=np.int32)
        return cls(np.array(basket, dtype=np.int32), past, _ago(sizes))

    @classmethod
    def named(
        cls, index: Mapping[str, int], basket: Sequence[str], orders: Sequence[Sequence[str]]
    ) -> "Query":
        """Build from product ids; those that are not in `index` are passed over."""
        latest = recent(orders)
        ago = _ago([len(order) for order in latest])
        found = np.array([index.get(item, -1) for order in latest for item in order], np.int32)
        known = found >= 0
        return cls(np.array(numbers(basket, index), np.int32), found[known], ago[known])

    def asking(self, source: str, decay: float, most: int = ASKING) -> tuple[Ints, Floats]:
        """Return at most so many products of one source that ask for neighbours, with weights.

        Each step back in the basket, and each order back in the past, multiplies by `decay`.
        """
        if source == "past":
            codes, steps = self.past[:most], self.ago[:most]
        else:
            codes = self.basket[-most:]
            steps = np.arange(len(codes) - 1, -1, -1, dtype=np.int32)
        if decay == 1.0:
            return codes, np.ones(len(codes), dtype=np.float32)
        if decay == 0.0:
            last = steps == 0
            return codes[last], np.ones(int(last.sum()), dtype=np.float32)
        return codes, powers(decay)[steps]

    def decayed(self, decay: float) -> Floats:
        """Return the weight of each line of the past."""
        return powers(decay)[self.ago]


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


def _ago(sizes: Sequence[int]) -> Ints:
    return np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
