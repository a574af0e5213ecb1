"""What is put aside for somebody, and how much of each product is."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Model


class Aside(Model):
    """Pieces that are kept for a customer until a time.

    `state` is `kept`, then `bought`, `declined` (by the customer), `released` (by staff) or
    `expired`; `why` is `asked` (by staff, at the customer's wish) or `usual` (they buy it often).
    """

    __not_personal__ = ("made_by",)
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    product_id: Mapped[str] = mapped_column(index=True)
    quantity: Mapped[int]
    state: Mapped[str] = mapped_column(index=True)
    why: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(default="")
    #: the last day, as the shop's clocks have it, and its end
    day: Mapped[str]
    until: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        UniqueConstraint("customer_id", "product_id"),
        CheckConstraint("quantity > 0", name="quantity"),
    )


class Promised(Model):
    """How many pieces of a product are put aside: one row decides who gets the last one."""

    __not_personal__ = ("*",)
    product_id: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int] = mapped_column(default=0)

    __table_args__ = (CheckConstraint("pieces >= 0", name="pieces"),)
