"""Orders with their lines, taxes, shipments and refunds."""

from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint
from sqlalchemy import ForeignKey
from sqlalchemy import Index
from sqlalchemy import Numeric
from sqlalchemy import String
from sqlalchemy import text
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column
from sqlalchemy.orm import relationship

from ..clock import now
from .base import Base
from .base import UTCDateTime
from .catalogue import Product
from .returns import ReturnRequest

if TYPE_CHECKING:
    from .people import User


class Order(Base):
    """A placed order; ``updated_at`` moves forward at every later change."""

    __tablename__ = "order"
    __table_args__ = (
        CheckConstraint("refunded <= total", name="refunded"),
        # of a cart, one order at a time waits for its payment
        Index(
            "uq_order_awaiting_cart",
            "cart_id",
            unique=True,
            sqlite_where=text("state = 'awaiting'"),
            postgresql_where=text("state = 'awaiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: Unguessable: it opens a guest's order page.
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    #: The cart that it was placed from.
    cart_id: Mapped[str | None] = mapped_column(String(64))
    email: Mapped[str] = mapped_column(String(254), index=True)
    locale: Mapped[str] = mapped_column(String(5))
    #: One of ``shop.fulfilment.STATES``.
    state: Mapped[str] = mapped_column(String(20), index=True)
    placed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    currency: Mapped[str] = mapped_column(String(3), default="CAD")
    subtotal: Mapped[int]
    #: What is off the products.
    discount: Mapped[int] = mapped_column(default=0, server_default="0")
    shipping_price: Mapped[int]
    tax_total: Mapped[int]
    total: Mapped[int]
    #: Everything paid back so far.
    refunded: Mapped[int] = mapped_column(default=0)
    shipping_method: Mapped[str] = mapped_column(String(40))
    #: ``card``, ``cheque`` or ``purchase_order``.
    payment_method: Mapped[str] = mapped_column(String(20))
    payment_reference: Mapped[str] = mapped_column(String(80), default="")
    ship_name: Mapped[str] = mapped_column(String(160))
    ship_company: Mapped[str] = mapped_column(String(120), default="")
    ship_line1: Mapped[str] = mapped_column(String(160))
    ship_line2: Mapped[str] = mapped_column(String(160), default="")
    ship_city: Mapped[str] = mapped_column(String(80))
    ship_region: Mapped[str] = mapped_column(String(40), default="")
    ship_postcode: Mapped[str] = mapped_column(String(12))
    ship_country: Mapped[str] = mapped_column(String(2))
    ship_phone: Mapped[str] = mapped_column(String(30), default="")

    user: Mapped["User | None"] = relationship(back_populates="orders")
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", lazy="selectin", order_by="OrderLine.id"
    )
    taxes: Mapped[list["OrderTax"]] = relationship(lazy="selectin", order_by="OrderTax.id")
    shipments: Mapped[list["Shipment"]] = relationship(lazy="selectin", order_by="Shipment.id")
    refunds: Mapped[list["Refund"]] = relationship(lazy="selectin", order_by="Refund.id")
    returns: Mapped[list[ReturnRequest]] = relationship(
        back_populates="order", order_by="ReturnRequest.id"
    )

    @property
    def number(self) -> str:
        """Return the number that people say on the phone."""
        return f"N{100_000 + self.id}"

    @property
    def refundable(self) -> int:
        """Return what can still be paid back, in cents."""
        return self.total - self.refunded

    @property
    def gave_nothing_back(self) -> bool:
        """Tell whether it was cancelled before it was paid."""
        return self.state == "cancelled" and not self.refunds

    @property
    def delivered_at(self) -> datetime | None:
        """Return when the last parcel arrived; None while one is on its way."""
        moments = [shipment.delivered_at for shipment in self.shipments]
        arrived = [moment for moment in moments if moment is not None]
        return max(arrived) if arrived and len(arrived) == len(moments) else None

    @property
    def card_reference(self) -> str | None:
        """Return the payment provider's reference; None when no card paid."""
        return self.payment_reference.partition(" ")[0] if self.payment_method == "card" else None


class OrderLine(Base):
    """What was bought, at the price and under the name of that day."""

    __tablename__ = "order_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    quantity: Mapped[int]
    unit_price: Mapped[int]
    tax: Mapped[int] = mapped_column(default=0)
    #: What is off the whole line.
    discount: Mapped[int] = mapped_column(default=0, server_default="0")
    #: How many of the pieces wait for a delivery to the shop, and the day promised for it.
    backordered: Mapped[int] = mapped_column(default=0, server_default="0")
    expected_on: Mapped[date | None]

    order: Mapped[Order] = relationship(back_populates="lines")
    product: Mapped[Product] = relationship(lazy="selectin")

    @property
    def total(self) -> int:
        """Return quantity times unit price, in cents, before tax."""
        return self.quantity * self.unit_price


class OrderTax(Base):
    """One tax of an order, with the rate of that day."""

    __tablename__ = "order_tax"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    #: ``GST``, ``HST``, ``QST`` or ``PST``.
    name: Mapped[str] = mapped_column(String(10))
    percent: Mapped[Decimal] = mapped_column(Numeric(6, 3))
    amount: Mapped[int]


class Shipment(Base):
    """A parcel on its way."""

    __tablename__ = "shipment"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    #: ``canada_post``, ``purolator`` or ``fedex``.
    carrier: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(40))
    shipped_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    delivered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Refund(Base):
    """Money paid back, in cents."""

    __tablename__ = "refund"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    amount: Mapped[int]
    reason: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
