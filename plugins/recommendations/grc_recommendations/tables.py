"""What the plugin stores, and nothing more."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy import Index
from sqlalchemy import orm

import grc_core


class Model(grc_core.Model, plugin="recommendations"):
    """Base of this plugin's tables, named `grc_recommendations__…`."""


class Basket(Model):
    """An order that was counted; the person stands here only with consent."""

    order_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    #: `customer:42`, for those who agreed to personalisation
    person: orm.Mapped[str | None] = orm.mapped_column(index=True)
    placed_at: orm.Mapped[datetime]
    #: product ids, each once
    products: orm.Mapped[list[str]] = orm.mapped_column(JSON)


class Pair(Model):
    """How many orders held both of two products; identifies nobody."""

    __not_personal__ = frozenset({"one", "other", "orders"})

    #: the smaller id of the two
    one: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    other: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    orders: orm.Mapped[int]

    __table_args__ = (Index("ix_grc_recommendations__pair_other", "other"),)


class Sold(Model):
    """How many orders held a product; identifies nobody."""

    __not_personal__ = frozenset({"product_id", "orders"})

    product_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    orders: orm.Mapped[int]


class Viewed(Model):
    """A product page that somebody looked at who agreed to personalisation."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    person: orm.Mapped[str] = orm.mapped_column(index=True)
    product_id: orm.Mapped[str]
    at: orm.Mapped[datetime] = orm.mapped_column(index=True)


class Learnt(Model):
    """A trained model; the highest version of a kind is in use."""

    __not_personal__ = frozenset({"kind", "made_at", "report", "blob"})

    version: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    kind: orm.Mapped[str] = orm.mapped_column(index=True)
    made_at: orm.Mapped[datetime]
    #: how each way of ranking did on orders that it had not seen
    report: orm.Mapped[dict[str, Any]] = orm.mapped_column(JSON)
    blob: orm.Mapped[bytes] = orm.mapped_column(deferred=True)


class Rule(Model):
    """What a merchant decided; see `rules.py` for what each action does."""

    __not_personal__ = frozenset(
        {"name", "action", "when", "then", "strength", "segment", "months", "active"}
    )

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    name: orm.Mapped[str]
    action: orm.Mapped[str]
    #: product and category ids at which it applies; empty: everywhere
    when: orm.Mapped[list[str]] = orm.mapped_column(JSON)
    #: product and category ids that it is about
    then: orm.Mapped[list[str]] = orm.mapped_column(JSON)
    #: per cent of reduction, or how much a boost weighs
    strength: orm.Mapped[int] = orm.mapped_column(default=0)
    #: a stage or tag of contacts for whom it holds; empty: everybody
    segment: orm.Mapped[str] = orm.mapped_column(default="")
    #: months of the year, 1 to 12; empty: all year
    months: orm.Mapped[list[int]] = orm.mapped_column(JSON, default=list)
    active: orm.Mapped[bool] = orm.mapped_column(default=True)


class Tally(Model):
    """What happened to a widget on a day, by arm of the experiment; identifies nobody."""

    __not_personal__ = frozenset({"day", "widget", "arm", "impressions", "clicks", "adds"})

    day: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    widget: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    arm: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    impressions: orm.Mapped[int] = orm.mapped_column(default=0)
    clicks: orm.Mapped[int] = orm.mapped_column(default=0)
    adds: orm.Mapped[int] = orm.mapped_column(default=0)


class Touch(Model):
    """A recommendation that somebody took up who agreed to analytics."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    person: orm.Mapped[str] = orm.mapped_column(index=True)
    product_id: orm.Mapped[str]
    widget: orm.Mapped[str]
    arm: orm.Mapped[str]
    version: orm.Mapped[int] = orm.mapped_column(default=0)
    at: orm.Mapped[datetime] = orm.mapped_column(index=True)


class Credit(Model):
    """A line of an order that a recommendation led to; goes with whoever placed it."""

    #: rows go when the order's buyer is erased or takes consent back: see `measuring`
    __not_personal__ = frozenset(
        {"order_id", "product_id", "widget", "arm", "version", "amount", "at"}
    )

    order_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    product_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    widget: orm.Mapped[str]
    arm: orm.Mapped[str]
    version: orm.Mapped[int] = orm.mapped_column(default=0)
    #: minor units of the shop's currency
    amount: orm.Mapped[int]
    at: orm.Mapped[datetime] = orm.mapped_column(index=True)


class Outcome(Model):
    """An order of somebody who takes part in the experiment, for revenue per visitor."""

    order_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    person: orm.Mapped[str] = orm.mapped_column(index=True)
    arm: orm.Mapped[str]
    amount: orm.Mapped[int]
    at: orm.Mapped[datetime] = orm.mapped_column(index=True)


class Participant(Model):
    """Somebody who was shown a widget, or would have been, and agreed to analytics."""

    person: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    arm: orm.Mapped[str]
    first_at: orm.Mapped[datetime]
