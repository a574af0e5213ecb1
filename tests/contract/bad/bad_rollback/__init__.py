"""Remembers in memory what a rollback undoes."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_rollback"):
    """Base of the tables."""


class Once(Model):
    """Something that is to be noted once."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)


class Rollback(grc.Plugin):
    """Keep a list of what was done beside the database."""

    name, models = "bad_rollback", Model

    def __init__(self) -> None:
        self.done: set[str] = set()

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        if order.id not in self.done:
            self.done.add(order.id)
            self.session.add(Once())
