"""A learnt model that answers: which products, and because of which."""

from collections.abc import Sequence
from functools import cached_property
from itertools import islice

import numpy as np

from .fused import Fused
from .fusion import Blend
from .history import Ints
from .history import numbers
from .query import ASKING
from .query import Query
from .scorer import Scorer

#: Answers for single products that are kept.
KEPT = 20_000


class Recommender:
    """Rank products for a query; what was learnt never changes, so threads may share it."""

    def __init__(self, items: tuple[str, ...], scorer: Scorer, blend: Blend) -> None:
        self.items = items
        self.scorer = scorer
        self.blend = blend
        self.fused = Fused(scorer, blend)
        self._kept: dict[tuple[str, int, tuple[str, ...], bool], list[str]] = {}

    @cached_property
    def index(self) -> dict[str, int]:
        """Return the number of each product."""
        return {item: number for number, item in enumerate(self.items)}

    @cached_property
    def popular(self) -> Ints:
        """Return products by how often they were sold lately, then ever."""
        ever, lately = self.scorer.popularity[0], self.scorer.popularity[1]
        return np.lexsort((-ever, -lately)).astype(np.int32)

    def recommend(
        self,
        basket: Sequence[str],
        orders: Sequence[Sequence[str]] = (),
        count: int = 10,
        barred: Sequence[str] = (),
        fill: bool = True,
    ) -> list[str]:
        """Return up to `count` product ids, best first; what is popular fills the rest.

        `basket` and `orders` are oldest first; ids that the model does not know are passed over.
        """
        if not orders and len(basket) == 1:  # a product's page, where nobody's past counts
            key = (basket[0], count, tuple(barred), fill)
            if key not in self._kept:
                if len(self._kept) >= KEPT:
                    self._kept.clear()
                self._kept[key] = self._found(basket, orders, count, barred, fill)
            return list(self._kept[key])
        return self._found(basket, orders, count, barred, fill)

    def _found(
        self,
        basket: Sequence[str],
        orders: Sequence[Sequence[str]],
        count: int,
        barred: Sequence[str],
        fill: bool,
    ) -> list[str]:
        index = self.index
        taken = set(numbers(barred, index))
        ranked = self.fused.ranked(Query.named(index, basket, orders), count + len(taken))
        found = [item for item in ranked if item not in taken][:count]
        if fill and len(found) < count:
            taken.update(found)
            extra = (item for item in self.popular.tolist() if item not in taken)
            found.extend(islice(extra, count - len(found)))
        items = self.items
        return [items[item] for item in found]

    @cached_property
    def place(self) -> dict[str, int]:
        """Return each product's place among the best sellers, 0 first."""
        return {self.items[number]: place for place, number in enumerate(self.popular.tolist())}

    def because(self, found: Sequence[str], asked: Sequence[str]) -> dict[str, str]:
        """Return, for each product found, the one asked about that speaks most for it."""
        index = self.index
        codes = numbers(asked[-ASKING:], index)
        wanted = [item for item in found if item in index]
        if not codes or not wanted:
            return {}
        products = np.array([index[item] for item in wanted])
        near, strength = self.scorer.numbers[codes], self.scorer.merged[codes]
        spoken = np.where(near[:, :, None] == products, strength[:, :, None], 0.0).max(axis=1)
        best, most = spoken.argmax(axis=0).tolist(), spoken.max(axis=0).tolist()
        return {
            item: self.items[codes[place]]
            for item, place, value in zip(wanted, best, most, strict=True)
            if value > 0
        }
