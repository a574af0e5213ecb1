"""Makes a table that belongs to nobody."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_prefix"):
    """Base of the tables."""


class Mine(Model):
    """The table that is declared."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)


class Prefix(grc.Plugin):
    """Keep a table on the side."""

    name, models = "bad_prefix", Model
