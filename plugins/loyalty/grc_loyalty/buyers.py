"""What is known of a buyer's past: orders, spending, tier, and who the best customers are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

#: Spending of so long makes a tier.
WINDOW = timedelta(days=365)
Tiers = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Past:
    """Orders that were not given back, and the spending of the last twelve months."""

    orders: int = 0
    spent: int = 0
    #: points earned meanwhile and not taken back
    earned: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's tier, and how much is missing for the next one."""

    tier: str | None
    next_tier: str | None
    missing: int


def standing(past: Past, tiers: Tiers, by_points: bool = False) -> Standing:
    """Return the tier that spending makes, or points earned do."""
    spent = past.earned if by_points else past.spent
    tier: str | None = None
    for name, least in sorted(tiers, key=lambda pair: pair[1]):
        if spent < least:
            return Standing(tier, name, least - spent)
        tier = name
    return Standing(tier, None, 0)
