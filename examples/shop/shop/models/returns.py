"""Goods that customers wish to give back."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import String
from sqlalchemy import Text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from ..clock import now
from .base import Base
from .base import UTCDateTime

if TYPE_CHECKING:
    from .orders import Order
    from .orders import OrderLine


class ReturnRequest(Base):
    """A customer's wish to return part of an order, and what became of it."""

    __tablename__ = "return_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    #: One of ``shop.returns.STATES``.
    state: Mapped[str] = mapped_column(String(20), default="requested", index=True)
    #: One of ``shop.returns.REASONS``, with what the customer adds.
    reason: Mapped[str] = mapped_column(String(30))
    comment: Mapped[str] = mapped_column(Text, default="")
    #: ``parcel``, or ``store`` with its key (``shop.stores``).
    way: Mapped[str] = mapped_column(String(10))
    store: Mapped[str] = mapped_column(String(40), default="")
    #: What the staff tells the customer.
    answer: Mapped[str] = mapped_column(Text, default="")
    #: Paid back when the goods arrived, in cents.
    refunded: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    received_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    order: Mapped["Order"] = relationship(back_populates="returns")
    lines: Mapped[list["ReturnLine"]] = relationship(lazy="selectin", order_by="ReturnLine.id")

    @property
    def number(self) -> str:
        """Return the number that people write on the parcel."""
        return f"R{10_000 + self.id}"


class ReturnLine(Base):
    """How many pieces of an order line come back."""

    __tablename__ = "return_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("return_request.id"), index=True)
    order_line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"), index=True)
    quantity: Mapped[int]

    order_line: Mapped["OrderLine"] = relationship(lazy="selectin")
