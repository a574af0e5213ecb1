"""The tables: promotions and their codes, holds, points, and what was bought.

`__not_personal__` names columns that are about nobody once the customer's id is gone: amounts,
times, ids of orders and carts, keyed hashes, and the shop's own staff in `made_by`.
"""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy import CheckConstraint
from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

import grc_core as grc


class Model(grc.Model, plugin="loyalty"):
    """Base of this plugin's tables."""


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


class CartCode(Model):
    """A code that somebody typed for a cart."""

    __not_personal__ = ("cart_id", "code_id", "at")
    cart_id: Mapped[str] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


class CartPoints(Model):
    """That somebody wants to pay part of a cart with points."""

    __not_personal__ = ("cart_id", "at")
    cart_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
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


class Grant(Model):
    """What a campaign gave, or for comparison did not give, to a customer.

    `arm` is `treated`, `held_out` (drawn not to get it) or `refused` (may not be written to).
    """

    __not_personal__ = ("campaign", "arm", "code_id", "at")
    key: Mapped[str] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(index=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    arm: Mapped[str]
    code_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)


class Purchase(Model):
    """An order's sum, for tiers and for knowing regulars; without what was in it."""

    __not_personal__ = ("order_id", "at", "amount", "refunded", "is_paid", "checked_at")
    order_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    #: whether it counts for tiers; `checked_at` is when the shop was last asked
    is_paid: Mapped[bool] = mapped_column(default=True)
    checked_at: Mapped[datetime | None]
