"""What came of the recommendations: seen, clicked, put in the cart, ordered."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from grc_core import Order

from .tables import Credit
from .tables import Outcome
from .tables import Participant
from .tables import Tally
from .tables import Touch

#: A recommendation counts for an order that is placed so soon after it was taken up.
WINDOW = timedelta(days=7)
EVENTS = {"impression": "impressions", "click": "clicks", "add": "adds"}


def tally(session: Session, day: str, widget: str, arm: str, what: str) -> None:
    """Count one thing that happened to a widget."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    column = EVENTS[what]
    row: dict[str, Any] = dict.fromkeys(EVENTS.values(), 0) | {column: 1}
    table: Any = Tally.__table__
    statement = insert(table).values(day=day, widget=widget, arm=arm, **row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "widget", "arm"], set_={column: table.c[column] + 1}
        )
    )


def take_part(session: Session, person: str, arm: str, at: datetime) -> None:
    """Note that somebody takes part in the experiment; the first time stands."""
    if session.get(Participant, person) is None:
        session.add(Participant(person=person, arm=arm, first_at=at))


def credit(session: Session, order: Order, people: Sequence[str]) -> int:
    """Credit an order's lines to what its buyer last took up within the window.

    `people` are all names that the buyer goes by. Return the number of lines credited.
    """
    if not people or session.get(Outcome, order.id) is not None:
        return 0
    total = sum(line.unit_price.amount * line.quantity for line in order.lines)
    known = session.scalars(select(Participant).where(Participant.person.in_(people))).first()
    if known is not None and known.first_at <= order.placed_at:
        session.add(
            Outcome(order_id=order.id, person=known.person, arm=known.arm, amount=total,
                    at=order.placed_at)
        )  # fmt: skip
    touches = session.scalars(
        select(Touch)
        .where(
            Touch.person.in_(people),
            Touch.at <= order.placed_at,
            Touch.at >= order.placed_at - WINDOW,
        )
        .order_by(Touch.at)
    ).all()
    last = {touch.product_id: touch for touch in touches}
    lines: dict[str, int] = {}
    for line in order.lines:
        if line.quantity > 0 and line.product_id in last:
            amount = line.unit_price.amount * line.quantity
            lines[line.product_id] = lines.get(line.product_id, 0) + amount
    for product, amount in lines.items():
        touch = last[product]
        session.merge(
            Credit(order_id=order.id, product_id=product, widget=touch.widget, arm=touch.arm,
                   version=touch.version, amount=amount, at=order.placed_at)
        )  # fmt: skip
    return len(lines)


def take_back(session: Session, order_id: str) -> None:
    """Forget the revenue of an order that was given back in full."""
    session.execute(delete(Credit).where(Credit.order_id == order_id))
    session.execute(delete(Outcome).where(Outcome.order_id == order_id))


@dataclass(frozen=True, slots=True)
class WidgetResult:
    """One widget since a day."""

    widget: str
    impressions: int
    clicks: int
    adds: int
    orders: int
    #: minor units
    revenue: int


@dataclass(frozen=True, slots=True)
class ArmResult:
    """One arm of the experiment: revenue per person with the bounds of a 95 % interval."""

    arm: str
    people: int
    orders: int
    revenue: int
    mean: float
    low: float
    high: float


def widgets(session: Session, since: datetime) -> list[WidgetResult]:
    """Return what each widget did since a time."""
    sums = [func.sum(getattr(Tally, column)) for column in EVENTS.values()]
    seen = session.execute(
        select(Tally.widget, *sums)
        .where(Tally.day >= since.date().isoformat(), Tally.arm != "holdout")
        .group_by(Tally.widget)
    ).all()
    sold = {
        widget: (orders, revenue)
        for widget, orders, revenue in session.execute(
            select(Credit.widget, func.count(Credit.order_id.distinct()), func.sum(Credit.amount))
            .where(Credit.at >= since)
            .group_by(Credit.widget)
        )
    }
    names = sorted({row[0] for row in seen} | sold.keys())
    counted = {row[0]: (int(row[1]), int(row[2]), int(row[3])) for row in seen}
    return [
        WidgetResult(name, *counted.get(name, (0, 0, 0)), *sold.get(name, (0, 0))) for name in names
    ]


def arms(session: Session, since: datetime) -> list[ArmResult]:
    """Compare the arms: revenue per person, people without an order included."""
    spent: dict[str, dict[str, list[int]]] = {}
    rows: Iterable[Any] = session.execute(
        select(Participant.arm, Participant.person, Outcome.amount)
        .outerjoin(Outcome, (Outcome.person == Participant.person) & (Outcome.at >= since))
        .order_by(Participant.arm)
    )
    for arm, person, amount in rows:
        amounts = spent.setdefault(arm, {}).setdefault(person, [])
        if amount is not None:
            amounts.append(amount)
    return [_arm(arm, list(people.values())) for arm, people in sorted(spent.items())]


def _arm(arm: str, amounts: list[list[int]]) -> ArmResult:
    sums = [sum(of_person) for of_person in amounts]
    mean = sum(sums) / len(sums)
    spread = sum((value - mean) ** 2 for value in sums) / max(len(sums) - 1, 1)
    margin = 1.96 * (spread / len(sums)) ** 0.5
    orders = sum(len(of_person) for of_person in amounts)
    return ArmResult(arm, len(sums), orders, sum(sums), mean, mean - margin, mean + margin)
