"""What is kept of Stripe: events once, and where each payment and each order stands."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import true
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core

#: States of events that somebody should look at: they wait for their order, or say what is odd.
OPEN = ("review", "waiting")


class StripeModel(grc_core.Model, plugin="stripe"):
    """The base of the tables `grc_stripe__*`."""


class EventRow(StripeModel):
    """An event as it was understood; nothing of it names a person."""

    __tablename__ = "grc_stripe__event"
    __not_personal__ = ("*",)
    id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    means: Mapped[str]
    at: Mapped[datetime]
    object_id: Mapped[str] = mapped_column(index=True)
    payment_id: Mapped[str | None] = mapped_column(index=True)
    order_id: Mapped[str | None] = mapped_column(index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    status: Mapped[str | None]
    received_at: Mapped[datetime] = mapped_column(index=True)
    #: `new`, `done`, `passed over`, or one of `OPEN`
    state: Mapped[str] = mapped_column(default="new", index=True)
    note: Mapped[str] = mapped_column(default="")


class PaymentRow(StripeModel):
    """A payment intent; a session that never had one stands here under its own id."""

    __tablename__ = "grc_stripe__payment"
    __not_personal__ = ("*",)
    id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[str | None] = mapped_column(index=True)
    currency: Mapped[str | None]
    #: both only ever grow, so that late and repeated events change nothing; `refunded` counts
    #: what failed later, too
    paid: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    is_paid: Mapped[bool] = mapped_column(default=False)
    is_ended: Mapped[bool] = mapped_column(default=False)


class RefundRow(StripeModel):
    """One refund, as its latest event states it."""

    __tablename__ = "grc_stripe__refund"
    __not_personal__ = ("*",)
    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[str] = mapped_column(index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]


class OrderRow(StripeModel):
    """What was told of an order so far."""

    __tablename__ = "grc_stripe__order"
    __not_personal__ = ("id", "told", "undone", "label")
    id: Mapped[str] = mapped_column(primary_key=True)
    #: the sum of refunds that plugins were told of, and how many had failed by then
    told: Mapped[int] = mapped_column(BigInteger, default=0)
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    customer_id: Mapped[str | None] = mapped_column(index=True)
    #: what people call it, where that is not its id
    label: Mapped[str | None]


class MirrorRow(StripeModel):
    """A coupon of ours that stands in Stripe too."""

    __tablename__ = "grc_stripe__mirror"
    __not_personal__ = ("*",)
    code: Mapped[str] = mapped_column(primary_key=True)
    #: what the coupon grants, to see whether it has changed since
    terms: Mapped[str]
    coupon_id: Mapped[str]
    promotion_code_id: Mapped[str]
    #: False once the coupon was withdrawn here, and the code switched off there
    is_on: Mapped[bool] = mapped_column(default=True, server_default=true())
    at: Mapped[datetime]
