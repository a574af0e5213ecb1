"""Keeps a second copy of who bought."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_erased"):
    """Base of the tables."""


class Log(Model):
    """Lines for the author alone, who believes that nobody is in them."""

    __not_personal__ = ("line",)
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    line: orm.Mapped[str]


class Erased(grc.Plugin):
    """Log every order with its buyer."""

    name, models = "bad_erased", Model

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        self.session.add(Log(line=f"{order.email} bought"))
