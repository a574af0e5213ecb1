"""Asks the database once for each order."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_budget_sql"):
    """Base of the tables."""


class Entry(Model):
    """An order that was seen."""

    __not_personal__ = ("number",)
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    number: orm.Mapped[int]


class BudgetSql(grc.Plugin):
    """Add up in a loop."""

    name, models = "bad_budget_sql", Model

    @grc.hookimpl
    def on_order(self, order: grc.Order) -> None:
        self.session.add(Entry(number=len(order.lines)))

    @grc.widget("home.main", public=True)
    def total(self, page: grc.Page) -> str:
        entries = [id for (id,) in self.session.query(Entry.id)]
        numbers = (self.session.query(Entry.number).filter_by(id=id).scalar() for id in entries)
        return str(sum(numbers))
