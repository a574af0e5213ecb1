"""What a campaign changed: buyers among those treated and those left out, with an interval."""

from dataclasses import dataclass
from datetime import timedelta
from math import sqrt

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Grant
from .models import Hold
from .models import Purchase

#: A campaign is judged by what is bought in so many days.
WINDOW = timedelta(days=30)
#: Two-sided 95 %.
_Z = 1.959964


@dataclass(frozen=True, slots=True)
class Effect:
    """How many of each arm bought; `lift` is the difference of the shares, with its interval.

    `cost` are the discounts given, in minor units.
    """

    treated: int
    treated_buyers: int
    held_out: int
    held_out_buyers: int
    cost: int

    @property
    def lift(self) -> float | None:
        """Return the difference of the shares of buyers, or None without both arms."""
        if not self.treated or not self.held_out:
            return None
        return self.treated_buyers / self.treated - self.held_out_buyers / self.held_out

    @property
    def interval(self) -> tuple[float, float] | None:
        """Return the 95 % interval of the lift (Newcombe 1998, method 10: from Wilson's scores)."""
        lift = self.lift
        if lift is None:
            return None
        low1, high1 = _wilson(self.treated_buyers, self.treated)
        low2, high2 = _wilson(self.held_out_buyers, self.held_out)
        share1, share2 = self.treated_buyers / self.treated, self.held_out_buyers / self.held_out
        below = sqrt((share1 - low1) ** 2 + (high2 - share2) ** 2)
        above = sqrt((high1 - share1) ** 2 + (share2 - low2) ** 2)
        return lift - below, lift + above


def effect_of(session: Session, campaign: str) -> Effect:
    """Return what a campaign changed so far."""
    rows = session.execute(
        select(Grant.arm, Grant.customer_id, Grant.at, func.min(Purchase.at))
        .outerjoin(
            Purchase, (Purchase.customer_id == Grant.customer_id) & (Purchase.at >= Grant.at)
        )
        .where(Grant.campaign == campaign)
        .group_by(Grant.key, Grant.arm, Grant.customer_id, Grant.at)
    ).all()
    people = {"treated": 0, "held_out": 0, "refused": 0}
    buyers = dict(people)
    for arm, _, granted_at, first in rows:
        people[arm] += 1
        if first is not None:
            buyers[arm] += int(first < granted_at + WINDOW)
    cost = session.scalar(
        select(func.sum(Hold.amount))
        .join(Grant, Grant.code_id == Hold.code_id)
        .where(Grant.campaign == campaign, Hold.state == "committed")
    )
    return Effect(
        people["treated"],
        buyers["treated"],
        people["held_out"],
        buyers["held_out"],
        int(cost or 0),
    )


def _wilson(hits: int, of: int) -> tuple[float, float]:
    share, z2 = hits / of, _Z * _Z
    middle = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z * sqrt(share * (1 - share) / of + z2 / (4 * of * of)) / (1 + z2 / of)
    return max(0.0, middle - half), min(1.0, middle + half)
