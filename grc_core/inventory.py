"""What each plugin is and contributes, on or off, for people to see."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from .loading import Contribution
from .loading import Loaded
from .loading import Tables
from .storage.engine import Database
from .storage.models import PluginRow


@dataclass(frozen=True, slots=True)
class Described:
    """A plugin as it is now; `partly_off` are the methods that are off alone, with the reason."""

    name: str
    version: str
    on: bool
    reason: str | None
    since: datetime | None
    hooks: list[str]
    widgets: list[str]
    routes: list[str]
    commands: list[str]
    repeated: list[str]
    partly_off: dict[str, str]
    description: str


def describe(loaded: Loaded, tables: Tables, since: Mapping[str, datetime]) -> Described:
    """Return what a plugin is; `since` are the times of first upgrade that `baselines` returns."""

    def mine(items: Iterable[Contribution]) -> list[Contribution]:
        return [item for item in items if item.loaded is loaded]

    groups = (*tables.hooks.values(), *tables.slots.values())
    return Described(
        name=loaded.name,
        version=loaded.version,
        on=loaded.on,
        reason=loaded.off,
        since=since.get(loaded.name),
        hooks=[name for name, items in tables.hooks.items() if mine(items)],
        widgets=sorted({item.name for items in tables.slots.values() for item in mine(items)}),
        routes=[item.name for item in mine(tables.routes)],
        commands=[item.name for item in mine(tables.commands)],
        repeated=[item.name for item in mine(tables.repeated)],
        partly_off={item.name: item.off for items in groups for item in mine(items) if item.off},
        description=_first_line(loaded),
    )


def baselines(database: Database) -> dict[str, datetime]:
    """Return since when each plugin's tables are there."""
    with database.read() as connection:
        rows = connection.execute(select(PluginRow.name, PluginRow.since))
        return {name: at for name, at in rows}  # noqa: C416 - rows are no pairs


def _first_line(loaded: Loaded) -> str:
    said = type(loaded.plugin).__doc__ if loaded.plugin else None
    return (said or "").strip().partition("\n")[0]
