"""Makes a view that stands in the way of its own tables."""

from sqlalchemy import DDL
from sqlalchemy import event
from sqlalchemy import orm

import grc_core as grc


class Model(grc.Model, plugin="bad_purge"):
    """Base of the tables."""


class Kept(Model):
    """A table that others point to."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)


class Purge(grc.Plugin):
    """Put a view on top of a table."""

    name, models = "bad_purge", Model


VIEW = DDL("CREATE VIEW grc_view_of_kept AS SELECT id FROM grc_bad_purge__kept")
event.listen(Model.metadata, "after_create", VIEW.execute_if(dialect="postgresql"))
