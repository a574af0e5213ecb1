"""What alembic's autogenerate sees: a plugin its own tables, the shop everything but ours."""

from collections.abc import Callable
from typing import Any
from typing import Literal

from sqlalchemy.types import TypeDecorator

from .base import UTCDateTime
from .base import table_prefix

#: What alembic calls a filter of names with: name, type, names of the parents.
NameFilter = Callable[[str | None, str, Any], bool]


def include_name(name: str | None, type_: str, parent_names: Any) -> bool:
    """Make the shop's own alembic pass over the tables of GRC.

    Give it to `context.configure(include_name=…)` in the shop's `env.py`; without it, a shop
    that shares its database would find `drop_table("grc_…")` in its next revision.
    """
    del parent_names
    return not (type_ == "table" and name is not None and name.startswith("grc_"))


def only(plugin: str) -> NameFilter:
    """Return a filter that shows alembic the tables of one plugin alone."""
    prefix = table_prefix(plugin)

    def own(name: str | None, type_: str, parent_names: Any) -> bool:
        del parent_names
        return type_ != "table" or (name is not None and name.startswith(prefix))

    return own


def render_item(type_: str, item: Any, context: Any) -> str | Literal[False]:
    """Write our time type as plain SQLAlchemy, so that old revisions outlive our code."""
    if type_ == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if type_ == "type" and isinstance(item, TypeDecorator):
        context.imports.add(f"import {type(item).__module__}")
    return False
