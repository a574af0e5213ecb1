"""Ask the plugin's own models outside a shop, for evaluation on other data."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol

from .history import History
from .training import train


class Recommend(Protocol):
    """A function that ranks products, and whether it wants to be told about the person."""

    wants_context: bool

    def __call__(
        self, items: Sequence[str], k: int, context: Mapping[str, Any] | None = None
    ) -> list[str]:
        """Return up to `k` product ids, best first."""


class _Recommend:
    wants_context = True

    def __init__(self, orders: Iterable[Mapping[str, Any]], kind: str) -> None:
        self.kind = kind
        self.trained = train(History.of(orders), kind)

    def __call__(
        self, items: Sequence[str], k: int, context: Mapping[str, Any] | None = None
    ) -> list[str]:
        past = list(context["h"]) if context else []
        if self.kind in ("cart", "session"):
            return self.trained.recommender.recommend(items, past, k)
        past = past or [[item] for item in items]
        return self.trained.recommender.recommend((), past, k)


def factory(orders: Iterable[Mapping[str, Any]], kind: str) -> Recommend:
    """Train on `orders` (`{"u": person, "t": seconds, "i": product ids}`) for a kind of task.

    `kind` is `cart`, `session`, `new`, `next` or `repeat`. Models, validation and fusion are
    those of the shop's own training.
    """
    return _Recommend(orders, kind)
