"""What is in the books: points that a customer has, spent on an order, or saw move."""

from collections.abc import Collection

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Account
from .models import Lot
from .models import Spent


def account_of(session: Session, customer_id: str) -> Account | None:
    """Return a customer's points, or None before the first."""
    return session.get(Account, customer_id)


def spent_on(session: Session, order_id: str) -> int:
    """Return how many points an order was paid with, whether they went back or not."""
    query = select(func.sum(Spent.points)).where(Spent.order_id == order_id)
    return int(session.scalar(query) or 0)


def held_by(session: Session, orders: Collection[str]) -> int:
    """Return how many points some orders have spent and not got back."""
    query = select(func.sum(Spent.points - Spent.returned)).where(Spent.order_id.in_(orders))
    return int(session.scalar(query) or 0) if orders else 0


def owner_of(session: Session, source: str) -> str | None:
    """Return whose points were earned by something, if any were."""
    return session.scalar(select(Lot.customer_id).where(Lot.source == source))
