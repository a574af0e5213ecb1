"""The books of points: accounts, lots, the ledger, and what was spent."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Model


class CartPoints(Model):
    """That somebody wants to pay part of a cart with points."""

    __not_personal__ = ("cart_id", "at")
    cart_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Account(Model):
    """A customer's points: spendable, pending, and owed after a refund."""

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    pending: Mapped[int] = mapped_column(BigInteger, default=0)
    debt: Mapped[int] = mapped_column(BigInteger, default=0)

    __table_args__ = (
        CheckConstraint("balance >= 0", name="balance"),
        CheckConstraint("pending >= 0", name="pending"),
        CheckConstraint("debt >= 0", name="debt"),
    )


class Lot(Model):
    """Points that were earned together and expire together; spent first in, first out.

    `state` is `pending`, `open` or `expired`; `clawed` what refunds took back so far.
    """

    __not_personal__ = ("state", "unpaid", "opens_at", "expires_at")
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
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

    __not_personal__ = ("key", "kind", "points", "order_id", "at", "made_by")
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
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
