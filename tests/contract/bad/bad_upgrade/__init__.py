"""Has a column that no revision makes."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_upgrade"):
    """Base of the tables."""


class Note(Model):
    """A note without its text in the tables."""

    __not_personal__ = ("text",)
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    text: orm.Mapped[str]


class Upgrade(grc.Plugin):
    """Forget to write a revision."""

    name, models = "bad_upgrade", Model
