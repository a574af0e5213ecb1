"""Who the best customers are, by recency, frequency and money, and what share they make."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Purchase


@dataclass(frozen=True, slots=True)
class Buyer:
    """A customer with what they bought, net of refunds, in minor units.

    `score` is the sum of three quintiles, 0 to 12: how lately, how often, how much.
    """

    id: str
    last: datetime
    orders: int
    spent: int
    score: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """The best fifth of the customers, and the share of revenue that they make."""

    customers: tuple[str, ...]
    of: int
    share: float


def ranked(session: Session, now: datetime) -> list[Buyer]:
    """Return all customers who bought and did not give everything back, the best first."""
    net = func.sum(Purchase.amount - Purchase.refunded)
    rows = session.execute(
        select(Purchase.customer_id, func.max(Purchase.at), func.count(), net)
        .where(Purchase.at <= now, Purchase.is_paid, ~Purchase.customer_id.startswith("erased:"))
        .group_by(Purchase.customer_id)
    )
    return scored([Buyer(id, last, orders, int(spent)) for id, last, orders, spent in rows])


def scored(buyers: Sequence[Buyer]) -> list[Buyer]:
    """Score buyers by quintiles and return them, the best first; ties go by spending, then id."""
    scores = dict.fromkeys([buyer.id for buyer in buyers], 0)
    for column in ("last", "orders", "spent"):
        ordered = sorted(getattr(buyer, column) for buyer in buyers)
        for buyer in buyers:
            scores[buyer.id] += 5 * bisect_left(ordered, getattr(buyer, column)) // len(ordered)
    found = [
        Buyer(buyer.id, buyer.last, buyer.orders, buyer.spent, scores[buyer.id]) for buyer in buyers
    ]
    return sorted(found, key=lambda buyer: (-buyer.score, -buyer.spent, buyer.id))


def best_of(buyers: Sequence[Buyer]) -> Best:
    """Return the best fifth of ranked buyers with their measured share of revenue."""
    if not buyers:
        return Best((), 0, 0.0)
    best = buyers[: max(1, round(len(buyers) / 5))]
    total = sum(buyer.spent for buyer in buyers)
    share = sum(buyer.spent for buyer in best) / total if total else 0.0
    return Best(tuple(buyer.id for buyer in best), len(buyers), share)


def best_fifth(session: Session, now: datetime) -> Best:
    """Return the best 20 % by the sum of three quintiles, with their measured share of revenue."""
    return best_of(ranked(session, now))


def pareto(buyers: Sequence[Buyer], points: int = 20) -> list[tuple[int, float]]:
    """Return (percent of the customers, percent of the revenue), those who spent most first."""
    spent = sorted((buyer.spent for buyer in buyers), reverse=True)
    total = sum(spent)
    if not total:
        return []
    found = []
    for step in range(points + 1):
        count = round(len(spent) * step / points)
        found.append((100 * step // points, round(100 * sum(spent[:count]) / total, 1)))
    return found
