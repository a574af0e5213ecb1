"""Promotions with their versions, codes, and what orders hold of them."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Model


class Promotion(Model):
    """A promotion; what it says is in its versions, which never change."""

    __not_personal__ = ("*",)
    key: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    is_on: Mapped[bool] = mapped_column(default=True)
    needs_code: Mapped[bool] = mapped_column(default=False)
    #: how often it may be used in all, and by one customer; None is without limit
    limit_total: Mapped[int | None]
    limit_customer: Mapped[int | None]
    #: counted only where there is a limit
    used: Mapped[int] = mapped_column(default=0)


class Wording(Model):
    """What a promotion said from a moment on: titles and the definition as JSON."""

    __not_personal__ = ("*",)
    id: Mapped[int] = mapped_column(primary_key=True)
    promotion: Mapped[str] = mapped_column(index=True)
    version: Mapped[int]
    title_en: Mapped[str]
    title_fr: Mapped[str]
    definition: Mapped[str]
    made_at: Mapped[datetime]
    made_by: Mapped[str]

    __table_args__ = (UniqueConstraint("promotion", "version"),)


class Code(Model):
    """A coupon code as a keyed hash; the code itself is shown once and kept nowhere.

    `public` is the text of a code that is no secret; `prefix` helps support to find one.
    """

    __not_personal__ = (
        "promotion",
        "digest",
        "prefix",
        "public",
        "limit",
        "used",
        "batch",
        "made_at",
        "expires_at",
        "points",
        "credit",
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    promotion: Mapped[str] = mapped_column(index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str] = mapped_column(index=True)
    public: Mapped[str | None]
    customer_id: Mapped[str | None] = mapped_column(index=True)
    #: how often it may be used; None is without limit
    limit: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    batch: Mapped[str] = mapped_column(default="", index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    #: what a gift card puts on an account: credit in minor units; None for a coupon
    credit: Mapped[int | None] = mapped_column(BigInteger)
    #: the same of cards from before there was credit: points
    points: Mapped[int | None] = mapped_column(BigInteger)
    #: who passes this code on to friends
    referrer_id: Mapped[str | None] = mapped_column(unique=True)

    # Orders and campaigns remember the id of a code that is deleted: no other code may get it.
    __table_args__ = ({"sqlite_autoincrement": True},)


class CartCode(Model):
    """A code that somebody typed for a cart."""

    __not_personal__ = ("cart_id", "code_id", "at")
    cart_id: Mapped[str] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Hold(Model):
    """What an order takes of something limited: held, then committed or released.

    `what` is `promotion:<key>`, `code:<id>` or `points`.
    """

    __not_personal__ = (
        "order_id",
        "what",
        "promotion",
        "code_id",
        "cart_id",
        "state",
        "amount",
        "currency",
        "held_at",
        "expires_at",
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(index=True)
    what: Mapped[str]
    promotion: Mapped[str | None]
    code_id: Mapped[int | None]
    customer_id: Mapped[str | None] = mapped_column(index=True)
    cart_id: Mapped[str | None] = mapped_column(index=True)
    state: Mapped[str]
    #: what was taken off, in minor units
    amount: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(default="")
    held_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (UniqueConstraint("order_id", "what"),)


class Slot(Model):
    """One of the times that a customer may use a promotion; the key makes it exact."""

    __not_personal__ = ("promotion", "order_id")
    promotion: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[str] = mapped_column(index=True)


class Attempt(Model):
    """Wrong codes lately, by a keyed hash of an address, a cart or a customer."""

    __not_personal__ = ("bucket", "count", "until")
    bucket: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    until: Mapped[datetime] = mapped_column(index=True)
