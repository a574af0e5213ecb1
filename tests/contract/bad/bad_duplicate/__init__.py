"""Cannot see an order twice."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_duplicate"):
    """Base of the tables."""


class Counted(Model):
    """An order that was counted."""

    __not_personal__ = ("order_id",)
    order_id: orm.Mapped[str] = orm.mapped_column(primary_key=True)


class Duplicate(grc.Plugin):
    """Insert without looking."""

    name, models = "bad_duplicate", Model

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        self.session.add(Counted(order_id=order.id.replace("grcwitness", "order")))
