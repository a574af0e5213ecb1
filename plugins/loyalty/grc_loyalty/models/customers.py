"""What is known of customers besides their points."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped
from sqlalchemy.orm import mapped_column

from .base import Model


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


class Seen(Model):
    """When a customer who agreed to be recognised was last there, and on the visit before."""

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[datetime]
    before: Mapped[datetime | None]


class Preference(Model):
    """What a customer told the shop to remember of them.

    `called` is how they like to be called, empty for the name of the account; `favourites` JSON
    with ids of categories; `mail` how often offers may be written: `all`, `monthly` or `none`.
    """

    customer_id: Mapped[str] = mapped_column(primary_key=True)
    called: Mapped[str] = mapped_column(default="")
    greeted: Mapped[bool] = mapped_column(default=True)
    favourites: Mapped[str] = mapped_column(default="[]")
    mail: Mapped[str] = mapped_column(default="all")
    at: Mapped[datetime]


class Purchase(Model):
    """An order's sum, for tiers and for knowing regulars; without what was in it."""

    __not_personal__ = ("order_id", "at", "amount", "refunded", "undone", "is_paid", "checked_at")
    order_id: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    #: how many refunds did not arrive; who knows of more of them knows better what was refunded
    undone: Mapped[int] = mapped_column(default=0, server_default="0")
    #: whether it counts for tiers; `checked_at` is when the shop was last asked
    is_paid: Mapped[bool] = mapped_column(default=True)
    checked_at: Mapped[datetime | None]
