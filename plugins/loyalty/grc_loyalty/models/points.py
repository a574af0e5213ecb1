"""The books of points: accounts, lots, the ledger, and what was spent."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Model

#: What an account holds: points, or store credit in minor units of the shop's currency.
POINTS, CREDIT = "points", "credit"


class CartPoints(Model):
    """That somebody wants to pay part of a cart with points, with store credit, or with both."""

    __not_personal__ = ("cart_id", "points", "credit", "at")
    cart_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    points: Mapped[bool] = mapped_column(default=True)
    credit: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(index=True)


class Account(Model):
    """A customer's points, or store credit: spendable, pending, and owed after a refund."""

    __not_personal__ = ("unit",)
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True, default=POINTS)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    pending: Mapped[int] = mapped_column(BigInteger, default=0)
    debt: Mapped[int] = mapped_column(BigInteger, default=0)

    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("pending >= 0", name="pending"),
        CheckConstraint("debt >= 0", name="debt"),
    )


class Lot(Model):
    """Points, or credit, that came together and expire together; spent first in, first out.

    `state` is `pending`, `open` or `expired`; `clawed` what refunds took back so far.
    """

    __not_personal__ = ("unit", "state", "unpaid", "opens_at", "expires_at")
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str] = mapped_column(default=POINTS)
    source: Mapped[str] = mapped_column(unique=True)
    earned: Mapped[int] = mapped_column(BigInteger)
    remaining: Mapped[int] = mapped_column(BigInteger)
    clawed: Mapped[int] = mapped_column(BigInteger, default=0)
    state: Mapped[str]
    #: that the order has not been paid yet: until then it stays pending
    unpaid: Mapped[bool] = mapped_column(default=False)
    opens_at: Mapped[datetime] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (CheckConstraint("remaining >= 0", name="remaining"),)


class Entry(Model):
    """A line of the ledger, never changed: `key` makes each happen once."""

    __not_personal__ = ("key", "unit", "kind", "points", "order_id", "at", "made_by")
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    unit: Mapped[str] = mapped_column(default=POINTS)
    kind: Mapped[str]
    #: how many points, or minor units of credit
    points: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[str | None] = mapped_column(index=True)
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    made_by: Mapped[str] = mapped_column(default="")


class Spent(Model):
    """How many points an order took from a lot, and how many of them went back."""

    __not_personal__ = ("order_id", "lot_id", "points", "returned")
    order_id: Mapped[str] = mapped_column(primary_key=True)
    lot_id: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int] = mapped_column(BigInteger)
    returned: Mapped[int] = mapped_column(BigInteger, default=0)
