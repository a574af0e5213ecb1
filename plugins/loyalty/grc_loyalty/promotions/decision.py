"""What came of it: prices to the last piece, and what became of each promotion."""

from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

APPLIED, REJECTED, SUPERSEDED = "applied", "rejected", "superseded"


class PricedLine(NamedTuple):
    """A line of the cart with what is off it, in all, per promotion and per piece.

    `runs` are (how many pieces, off each of them), in order; `shares` (promotion, amount).
    """

    sku: str
    unit: int
    quantity: int
    discount: int
    runs: Sequence[tuple[int, int]]
    shares: Sequence[tuple[str, int]] = ()
    tax: int = 0

    @property
    def total(self) -> int:
        """Return what the line costs now, before tax that is not included."""
        return self.unit * self.quantity - self.discount

    def pieces(self) -> Iterator[int]:
        """Yield what is off each piece."""
        for count, off in self.runs:
            for _ in range(count):
                yield off


class Fate(NamedTuple):
    """What became of a promotion, and why.

    `outcome` is `applied`, `rejected` or `superseded`; `amount` what it took off, shipping
    included. `reason` is a code. `missing` says how much more must be bought (minor units or
    pieces, as the reason says); `by` which promotions took its place, and `difference` how much
    more they save than it would have by itself.
    """

    promotion: str
    outcome: str
    reason: str
    amount: int = 0
    missing: int | None = None
    by: Sequence[str] = ()
    difference: int | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a cart costs; every amount is in minor units of `currency`.

    `method` says how the combination was found: `exact`, `greedy` or `sequential`.
    """

    currency: str
    lines: Sequence[PricedLine]
    subtotal: int
    discount: int
    shipping_before: int
    shipping: int
    tax: int
    total: int
    gifts: Sequence[tuple[str, int, str]]
    trace: Sequence[Fate]
    method: str

    @property
    def shipping_discount(self) -> int:
        """Return what is off the shipping."""
        return self.shipping_before - self.shipping

    @property
    def applied(self) -> list[Fate]:
        """Return what was applied, in the order of application."""
        return [fate for fate in self.trace if fate.outcome == APPLIED]

    def fate(self, promotion: str) -> Fate | None:
        """Return what became of a promotion."""
        return next((fate for fate in self.trace if fate.promotion == promotion), None)
