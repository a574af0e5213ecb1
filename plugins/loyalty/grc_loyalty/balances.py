"""What is in the books: points or credit that a customer has, spent on an order, or saw move."""

from collections.abc import Collection

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Account
from .models import Lot
from .models import Spent
from .models.points import POINTS


def account_of(session: Session, customer_id: str, unit: str = POINTS) -> Account | None:
    """Return a customer's points or credit, or None before the first."""
    return session.get(Account, (customer_id, unit))


def spent_on(session: Session, order_id: str) -> dict[str, int]:
    """Return how much an order was paid with, by unit, whether it went back or not."""
    query = select(Lot.unit, func.sum(Spent.points)).join(Lot, Lot.id == Spent.lot_id)
    rows = session.execute(query.where(Spent.order_id == order_id).group_by(Lot.unit))
    return {unit: int(points) for unit, points in rows}


def held_by(session: Session, orders: Collection[str], unit: str = POINTS) -> int:
    """Return how much of a unit some orders have spent and not got back."""
    query = select(func.sum(Spent.points - Spent.returned)).join(Lot, Lot.id == Spent.lot_id)
    query = query.where(Spent.order_id.in_(orders), Lot.unit == unit)
    return int(session.scalar(query) or 0) if orders else 0


def owner_of(session: Session, source: str) -> str | None:
    """Return whose points were earned by something, if any were."""
    return session.scalar(select(Lot.customer_id).where(Lot.source == source))
