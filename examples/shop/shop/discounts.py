"""Who decides on discounts, if anybody does: the shop itself has none."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from typing import Protocol

from flask import current_app

from .cart import Item


class PriceChanged(Exception):
    """A discount that was promised is gone; the new price has to be looked at again."""


def _nothing(order_id: str) -> None:
    """Hold nothing."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """What is off a cart, in cents.

    ``hold`` keeps it for an order that is being placed, or raises `PriceChanged`; ``let_go`` ends
    that.
    """

    #: what is off each line, by product id
    lines: Mapping[int, int] = field(default_factory=dict)
    #: what shipping costs now; None: as before
    shipping: int | None = None
    hold: Callable[[str], None] = _nothing
    let_go: Callable[[str], None] = _nothing


NOTHING = Reduction()


class Decider(Protocol):
    """Whoever was put at ``app.extensions["discounts"]``."""

    def __call__(self, items: Sequence[Item], shipping: int, country: str) -> Reduction:
        """Return what is off a cart that goes to a country."""


def let_go(order_id: str) -> None:
    """End what was held for an order that came to nothing."""
    release: Callable[[str], None] = current_app.extensions.get("discounts_let_go", _nothing)
    release(order_id)


def reduction(items: Sequence[Item], shipping: int, country: str) -> Reduction:
    """Return what is off a cart."""
    decider: Decider | None = current_app.extensions.get("discounts")
    return decider(items, shipping, country) if decider and items else NOTHING
