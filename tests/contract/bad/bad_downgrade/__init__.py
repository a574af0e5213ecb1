"""Cannot go back."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_downgrade"):
    """Base of the tables."""


class Kept(Model):
    """Nobody gets rid of it."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)


class Downgrade(grc.Plugin):
    """Only ever go forward."""

    name, models = "bad_downgrade", Model
