"""Stores an address, and does not say so."""

from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_declared"):
    """Base of the tables."""


class Reader(Model):
    """Somebody who wants news."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    email: orm.Mapped[str]


class Declared(grc.Plugin):
    """Collect addresses."""

    name, models = "bad_declared", Model
