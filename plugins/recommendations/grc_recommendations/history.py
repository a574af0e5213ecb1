"""Orders as arrays: what every model is trained on."""

from array import array
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
#: Numbers that index.
Places = NDArray[np.int64]

#: More lines than this in one order say little about what goes together, and cost their square.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class History:
    """Orders or sessions, oldest first; people and products are numbers.

    `codes[starts[n]:starts[n + 1]]` are the products of order `n` in the order of its lines.
    """

    #: product ids by number
    items: tuple[str, ...]
    #: person of each order, -1 where nobody is known
    people: Ints
    #: seconds since 1970 of each order
    times: NDArray[np.float64]
    starts: NDArray[np.int64]
    codes: Ints

    @classmethod
    def of(cls, orders: Iterable[Mapping[str, Any]]) -> "History":
        """Build from `{"u": person or None, "t": seconds, "i": product ids}` in any order.

        A stream will do: of each order only its numbers are kept, four bytes per line.
        """
        known: dict[str, int] = {}
        names: dict[Any, int] = {}
        people, times, sizes, codes = array("i"), array("d"), array("q"), array("i")
        for order in orders:
            lines = order["i"][:LONGEST]
            if not lines:
                continue
            codes.extend([known.setdefault(item, len(known)) for item in lines])
            person = order["u"]
            people.append(-1 if person is None else names.setdefault(person, len(names)))
            times.append(float(order["t"]))
            sizes.append(len(lines))
        return cls._by_time(
            tuple(known),
            np.array(people, dtype=np.int32),
            np.array(times, dtype=np.float64),
            np.array(sizes, dtype=np.int64),
            np.array(codes, dtype=np.int32),
        )

    @classmethod
    def _by_time(
        cls,
        items: tuple[str, ...],
        people: Ints,
        times: NDArray[np.float64],
        sizes: NDArray[np.int64],
        codes: Ints,
    ) -> "History":
        """Sort by time, and number the products by when they were first ordered."""
        order = np.argsort(times, kind="stable")
        starts = np.cumsum(sizes) - sizes
        codes = codes[ragged(starts[order], sizes[order])]
        _, first = np.unique(codes, return_index=True)
        oldest = np.argsort(first)
        number = np.empty(len(items), dtype=np.int32)
        number[oldest] = np.arange(len(items), dtype=np.int32)
        starts = np.concatenate([[0], np.cumsum(sizes[order])]).astype(np.int64)
        named = tuple(items[place] for place in oldest.tolist())
        return cls(named, people[order], times[order], starts, number[codes])

    @property
    def size(self) -> int:
        """Return the number of orders."""
        return len(self.people)

    def order(self, number: int) -> Ints:
        """Return the products of an order."""
        return self.codes[self.starts[number] : self.starts[number + 1]]

    def sold(self, since: float, share: float = 1.0) -> dict[str, float]:
        """Return the orders of each product since a time (seconds), multiplied by a share."""
        codes = self.codes[np.repeat(self.times >= since, np.diff(self.starts))]
        counted = np.bincount(codes, minlength=len(self.items))
        return {self.items[code]: float(counted[code] * share) for code in np.unique(codes)}

    def keep(self, orders: NDArray[np.bool_]) -> "History":
        """Return the orders that a mask names; products keep their numbers."""
        sizes = np.diff(self.starts)
        starts = np.concatenate([[0], np.cumsum(sizes[orders])]).astype(np.int64)
        codes = self.codes[np.repeat(orders, sizes)]
        return History(self.items, self.people[orders], self.times[orders], starts, codes)

    def by_person(self) -> "History":
        """Return one long row per person, oldest product first; strangers' orders stay alone."""
        number = np.arange(self.size)
        owner = np.where(self.people >= 0, self.people, self.people.max(initial=0) + 1 + number)
        last = np.full(int(owner.max(initial=0)) + 1, -1)
        last[owner] = number  # the latest order of each wins
        ends, row = np.unique(last[owner], return_inverse=True)
        order = np.lexsort((number, row))
        sizes = np.diff(self.starts)
        lines = ragged(self.starts[order], sizes[order])
        per_row = np.bincount(row, weights=sizes, minlength=len(ends)).astype(np.int64)
        starts = np.concatenate([[0], np.cumsum(per_row)]).astype(np.int64)
        return History(self.items, self.people[ends], self.times[ends], starts, self.codes[lines])

    def matrix(self) -> sparse.csr_matrix:
        """Return orders x products, 1 where a product is in an order."""
        shape = (self.size, len(self.items))
        found = sparse.csr_matrix(
            (np.ones(len(self.codes), dtype=np.float32), self.codes, self.starts),
            shape=shape,
            copy=True,  # duplicates are summed in place
        )
        found.sum_duplicates()
        found.data[:] = 1.0
        return found


def ragged(starts: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the positions of several stretches, one after the other."""
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    return np.repeat(starts - ends + sizes, sizes) + np.arange(total)


def numbers(items: Sequence[str], index: Mapping[str, int]) -> list[int]:
    """Return the numbers of the products that are known."""
    return [index[item] for item in items if item in index]
