"""Relies on the order coming before its refund."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_reordered"):
    """Base of the tables."""


class Sum(Model):
    """What an order brought."""

    __not_personal__ = ("order_id", "cents")
    order_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)
    cents: orm.Mapped[int]


class Reordered(grc.Plugin):
    """Expect to know each order that is refunded."""

    name, models = "bad_reordered", Model

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        self.session.merge(Sum(order_id=order.id[-1:], cents=1))

    @grc.hookimpl
    def on_refund(self, refund: grc.OrderRefunded) -> None:
        self.session.get_one(Sum, refund.order.id[-1:]).cents = 0
