"""Hands out nothing of what it declares."""

from typing import Any

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_exported"):
    """Base of the tables."""


class Wish(Model):
    """What somebody looked at, under a number of the plugin's own."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    who: orm.Mapped[str]
    wish: orm.Mapped[str]


class Exported(grc.Plugin):
    """Know what people want, under a name that only this plugin understands."""

    name, models = "bad_exported", Model

    @grc.hookimpl(needs=grc.Purpose.PERSONALISATION)
    def on_order(self, order: grc.Order) -> None:
        self.session.add(Wish(who=f"buyer/{order.customer_id}", wish="a longer putter"))

    @grc.hookimpl
    def personal_data(self) -> list[grc.Personal]:
        purpose = grc.Purpose.PERSONALISATION
        return [grc.Personal(Wish, ("wish",), "who", purpose, "consent")]

    @grc.hookimpl
    def erase_personal_data(self, subject: grc.Subject) -> int:
        mine = self.session.query(Wish).filter_by(who=f"buyer/{subject.id}")
        removed: Any = mine.delete()
        return int(removed)
