"""What is known of a buyer's past: orders, spending, tier, and who the best customers are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Purchase

#: Spending of so long makes a tier.
WINDOW = timedelta(days=365)
Tiers = Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Past:
    """Orders that were not given back, and the spending of the last twelve months."""

    orders: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's tier, and how much is missing for the next one."""

    tier: str | None
    next_tier: str | None
    missing: int


def past_of(session: Session, customer_id: str, now: datetime) -> Past:
    """Return what a customer bought."""
    net = Purchase.amount - Purchase.refunded
    query = select(
        func.count(),
        func.coalesce(func.sum(net).filter(Purchase.at > now - WINDOW, Purchase.is_paid), 0),
    ).where(Purchase.customer_id == customer_id, Purchase.refunded < Purchase.amount)
    row = session.execute(query).one()
    return Past(int(row[0]), int(row[1]))


def standing(spent: int, tiers: Tiers) -> Standing:
    """Return the tier that a spending makes."""
    tier: str | None = None
    for name, least in sorted(tiers, key=lambda pair: pair[1]):
        if spent < least:
            return Standing(tier, name, least - spent)
        tier = name
    return Standing(tier, None, 0)
