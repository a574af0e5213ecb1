"""Take note of what came of the recommendations: seen, clicked, put in the cart, ordered."""

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import literal
from sqlalchemy import select
from sqlalchemy.orm import Session

from grc_core import Order
from grc_core.storage.upsert import upsert

from .tables import Credit
from .tables import Outcome
from .tables import Participant
from .tables import Tally
from .tables import Touch

#: A recommendation counts for an order that is placed so soon after it was taken up.
WINDOW = timedelta(days=7)
EVENTS = {"impression": "impressions", "click": "clicks", "add": "adds"}
_PERSON: Any = Participant.__table__
_TALLY: Any = Tally.__table__
_TOUCH: Any = Touch.__table__
_ANYBODY = select(literal(1)).select_from(_PERSON).limit(1)


def tally(session: Session, day: str, widget: str, arm: str, what: str) -> None:
    """Count one thing that happened to a widget."""
    column = EVENTS[what]
    row: dict[str, Any] = dict.fromkeys(EVENTS.values(), 0) | {column: 1}
    statement = _insert(session, Tally).values(day=day, widget=widget, arm=arm, **row)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["day", "widget", "arm"], set_={column: _TALLY.c[column] + 1}
        )
    )


def take_part(session: Session, person: str, arm: str, at: datetime) -> None:
    """Note that somebody takes part in the experiment; the first time stands."""
    new = _insert(session, Participant).values(person=person, arm=arm, first_at=at)
    session.execute(new.on_conflict_do_nothing())


def underway(session: Session) -> bool:
    """Tell whether anybody takes part; until then orders need not be looked at."""
    return session.connection().execute(_ANYBODY).first() is not None


def credit(session: Session, orders: Sequence[tuple[Order, Sequence[str]]]) -> int:
    """Credit orders to what their buyers last took up within the window.

    Beside each order stand all names that its buyer goes by. Return the number of lines credited.
    """
    names = {name for _, people in orders for name in people}
    if not names:
        return 0
    known, taken = _taken_up(session, names, min(order.placed_at for order, _ in orders) - WINDOW)
    outcomes, credits = [], []
    for order, people in orders:
        person = next((name for name in people if name in known), None)
        if person is not None and known[person][1] <= order.placed_at:
            outcomes.append(
                {"order_id": order.id, "person": person, "arm": known[person][0],
                 "amount": total_of(order), "at": order.placed_at}
            )  # fmt: skip
        touches = [touch for name in people for touch in taken.get(name, ())]
        credits += _credits(order, sorted(touches, key=lambda touch: touch.at))
    for model, rows in ((Outcome, outcomes), (Credit, credits)):
        if rows:  # an order that is told again changes nothing
            session.connection().execute(_insert(session, model).on_conflict_do_nothing(), rows)
    return len(credits)


def _taken_up(
    session: Session, people: set[str], since: datetime
) -> tuple[dict[str, tuple[str, datetime]], dict[str, list[Any]]]:
    """Return who takes part, with arm and first time, and what each took up since a time."""
    person, touch = _PERSON.c, _TOUCH.c
    joined = _PERSON.outerjoin(_TOUCH, and_(touch.person == person.person, touch.at >= since))
    rows = session.connection().execute(
        select(person.person, person.arm.label("drawn"), person.first_at, touch.product_id,
               touch.widget, touch.arm, touch.version, touch.at)
        .select_from(joined)
        .where(person.person.in_(sorted(people)))
    )  # fmt: skip
    known: dict[str, tuple[str, datetime]] = {}
    taken: dict[str, list[Any]] = {}
    for row in rows:
        known[row.person] = (row.drawn, row.first_at)
        if row.product_id is not None:
            taken.setdefault(row.person, []).append(row)
    return known, taken


def _credits(order: Order, touches: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the rows of an order's lines that one of the touches, oldest first, led to."""
    last = {
        touch.product_id: touch
        for touch in touches
        if order.placed_at - WINDOW <= touch.at <= order.placed_at
    }
    amounts: dict[str, int] = {}
    for line in order.lines:
        if line.quantity > 0 and line.product_id in last:
            amount = line.unit_price.amount * line.quantity
            amounts[line.product_id] = amounts.get(line.product_id, 0) + amount
    return [
        {"order_id": order.id, "product_id": product, "widget": last[product].widget,
         "arm": last[product].arm, "version": last[product].version, "amount": amount,
         "at": order.placed_at}
        for product, amount in amounts.items()
    ]  # fmt: skip


def take_back(session: Session, order_ids: Sequence[str]) -> None:
    """Forget the revenue of orders that were given back in full, or whose buyer is forgotten."""
    session.execute(delete(Credit).where(Credit.order_id.in_(order_ids)))
    session.execute(delete(Outcome).where(Outcome.order_id.in_(order_ids)))


def give_back(session: Session, order: Order, kept: Sequence[str] | None) -> None:
    """Lower an order's revenue by what was given back of it; products not `kept` earn nothing."""
    outcome = session.get(Outcome, order.id)
    if outcome is not None:
        given = order.refunded.amount if order.refunded else 0
        outcome.amount = max(total_of(order) - given, 0)
    if kept is not None:
        gone = delete(Credit).where(Credit.order_id == order.id, Credit.product_id.not_in(kept))
        session.execute(gone)


def total_of(order: Order) -> int:
    """Return what the lines of an order cost, in minor units."""
    return sum(line.unit_price.amount * line.quantity for line in order.lines)


def forget_person(session: Session, person: str) -> int:
    """Forget what somebody took up and bought; return how many rows went."""
    orders = session.scalars(select(Outcome.order_id).where(Outcome.person == person)).all()
    take_back(session, orders)
    rows = len(orders)
    for model in (Touch, Participant):
        found: Any = session.execute(delete(model).where(model.person == person))
        rows += found.rowcount
    return rows


def _insert(session: Session, model: type[Any]) -> Any:
    return upsert(session.get_bind().dialect.name, model)
