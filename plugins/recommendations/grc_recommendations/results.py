"""What came of the recommendations: by widget, by model, with and without them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Float
from sqlalchemy import case
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .experiment import HOLDOUT
from .measuring import EVENTS
from .tables import Credit
from .tables import Learnt
from .tables import Outcome
from .tables import Participant
from .tables import Tally
from .tables import Touch

#: The model that answers each widget's question; the others follow from the catalogue and rules.
MODELS: Mapping[str, str] = {
    "bought_together": "cart",
    "complete_cart": "cart",
    "after_search": "cart",
    "also_viewed": "session",
    "for_you": "new",
    "new_categories": "new",
    "buy_again": "repeat",
}
CATALOGUE = "catalogue"
#: Standard errors on each side that hold the truth in 95 of 100 cases.
_SIDE = 1.96


@dataclass(frozen=True, slots=True)
class Mean:
    """Revenue per person in minor units, with the bounds of a 95 % interval."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, people: int, total: float, squares: float) -> "Mean":
        """Compute from sums over people; those who spent nothing count in `people` only."""
        if people < 1:
            return cls(0.0, 0.0, 0.0)
        mean = total / people
        spread = max(squares - people * mean**2, 0.0) / max(people - 1, 1)
        margin = _SIDE * (spread / people) ** 0.5
        return cls(mean, mean - margin, mean + margin)


@dataclass(frozen=True, slots=True)
class Result:
    """What a widget, or all widgets of a model, did; revenue in minor units."""

    name: str
    impressions: int
    clicks: int
    adds: int
    orders: int
    revenue: int
    #: of everybody who takes part and is shown recommendations
    per_person: Mean


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of a model led to; `made_at` is known while the version is kept."""

    name: str
    version: int
    made_at: datetime | None
    taken_up: int
    orders: int
    revenue: int

    @property
    def per_touch(self) -> float:
        """Return the revenue for each recommendation that was taken up."""
        return self.revenue / self.taken_up if self.taken_up else 0.0


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of the experiment."""

    arm: str
    people: int
    orders: int
    revenue: int
    per_person: Mean


def by_widget(session: Session, since: datetime) -> list[Result]:
    """Return what each widget did since a time."""
    return _grouped(session, since, Tally.widget, Credit.widget)


def by_model(session: Session, since: datetime) -> list[Result]:
    """Return what the widgets of each model did since a time."""
    tallied = case(MODELS, value=Tally.widget, else_=CATALOGUE)
    credited = case(MODELS, value=Credit.widget, else_=CATALOGUE)
    return _grouped(session, since, tallied, credited)


def by_version(session: Session, since: datetime) -> list[Version]:
    """Return the revenue of each version of a model, newest first; 0 is the time before any."""
    kind = case(MODELS, value=Credit.widget, else_=CATALOGUE)
    touched = case(MODELS, value=Touch.widget, else_=CATALOGUE)
    taken = {
        (name, version): int(number)
        for name, version, number in session.execute(
            select(touched.label("name"), Touch.version, func.count())
            .where(Touch.at >= since)
            .group_by("name", Touch.version)
        )
    }
    sold = {
        (name, version): (int(orders), int(revenue))
        for name, version, orders, revenue in session.execute(
            select(
                kind.label("name"),
                Credit.version,
                func.count(Credit.order_id.distinct()),
                func.sum(Credit.amount),
            )
            .where(Credit.at >= since)
            .group_by("name", Credit.version)
        )
    }
    rows = session.execute(select(Learnt.version, Learnt.made_at))
    made: dict[int, datetime] = dict(rows.all())
    return [
        Version(
            name,
            version,
            made.get(version),
            taken.get((name, version), 0),
            *sold.get((name, version), (0, 0)),
        )
        for name, version in sorted(taken.keys() | sold.keys(), key=lambda it: (-it[1], it[0]))
    ]


def arms(session: Session, since: datetime) -> list[Arm]:
    """Compare the arms: revenue per person, people without an order included."""
    spent = (
        select(
            Outcome.person,
            func.sum(Outcome.amount).label("amount"),
            func.count().label("orders"),
        )
        .where(Outcome.at >= since)
        .group_by(Outcome.person)
        .subquery()
    )
    amount = cast(spent.c.amount, Float)
    rows = session.execute(
        select(
            Participant.arm,
            func.count(),
            func.coalesce(func.sum(spent.c.orders), 0),
            func.coalesce(func.sum(spent.c.amount), 0),
            func.coalesce(func.sum(amount * amount), 0.0),
        )
        .outerjoin(spent, spent.c.person == Participant.person)
        .group_by(Participant.arm)
        .order_by(Participant.arm)
    )
    return [
        Arm(arm, people, int(orders), int(total), Mean.of(people, float(total), squares))
        for arm, people, orders, total, squares in rows
    ]


def by_day(session: Session, since: datetime) -> dict[str, tuple[int, int, int]]:
    """Return impressions, clicks and adds of each day on which there were any."""
    sums = [func.sum(getattr(Tally, column)) for column in EVENTS.values()]
    rows = session.execute(
        select(Tally.day, *sums)
        .where(Tally.day >= since.date().isoformat(), Tally.arm != HOLDOUT)
        .group_by(Tally.day)
        .order_by(Tally.day)
    )
    return {day: (int(seen), int(clicks), int(adds)) for day, seen, clicks, adds in rows}


def _grouped(session: Session, since: datetime, tallied: Any, credited: Any) -> list[Result]:
    sums = [func.sum(getattr(Tally, column)) for column in EVENTS.values()]
    seen = {
        name: (int(shown), int(clicks), int(adds))
        for name, shown, clicks, adds in session.execute(
            select(tallied.label("name"), *sums)
            .where(Tally.day >= since.date().isoformat(), Tally.arm != HOLDOUT)
            .group_by("name")
        )
    }
    sold = {
        name: (int(orders), int(revenue))
        for name, orders, revenue in session.execute(
            select(
                credited.label("name"),
                func.count(Credit.order_id.distinct()),
                func.sum(Credit.amount),
            )
            .where(Credit.at >= since)
            .group_by("name")
        )
    }
    people = session.scalar(
        select(func.count()).select_from(Participant).where(Participant.arm != HOLDOUT)
    )
    means = _means(session, since, credited, people or 0)
    nothing = Mean(0.0, 0.0, 0.0)
    return [
        Result(
            name,
            *seen.get(name, (0, 0, 0)),
            *sold.get(name, (0, 0)),
            means.get(name, nothing),
        )
        for name in sorted(seen.keys() | sold.keys())
    ]


def _means(session: Session, since: datetime, group: Any, people: int) -> dict[str, Mean]:
    spent = (
        select(group.label("name"), func.sum(Credit.amount).label("amount"))
        .join(Outcome, Outcome.order_id == Credit.order_id)
        .where(Credit.at >= since, Outcome.arm != HOLDOUT)
        .group_by("name", Outcome.person)
        .subquery()
    )
    amount = cast(spent.c.amount, Float)
    rows = session.execute(
        select(spent.c.name, func.sum(amount), func.sum(amount * amount)).group_by(spent.c.name)
    )
    return {name: Mean.of(people, total, squares) for name, total, squares in rows}
