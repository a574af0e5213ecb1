"""`flask grc plugins`: which are on, and why others are not."""

from typing import Any

import click
from sqlalchemy import select

from ..loading import Contribution
from ..loading import Loaded
from ..loading import Tables
from ..storage.models import PluginRow
from ..storage.readiness import MEND
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import rooms


@click.command("plugins")
@json_option
def command(as_json: bool) -> None:
    """List the plugins: on or off and why, version, hooks, widgets."""
    here = rooms()
    here.refresh()
    ready = here.ready()
    since = _baselines(here.database) if ready else {}
    found = [_describe(item, here.tables, since) for item in here.tables.plugins]
    for item in found if not ready else ():
        item.update(on=False, reason=item["reason"] or f"the core has no tables yet; {MEND}")
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("No plugin is installed.")
        return
    rows = [
        (item["name"], item["version"], "on" if item["on"] else "off",
         ", ".join(item["hooks"]), ", ".join(item["widgets"]), item["reason"])
        for item in found
    ]  # fmt: skip
    print_table(("plugin", "version", "state", "hooks", "widgets", "why"), rows)


def _baselines(database: Any) -> dict[str, Any]:
    with database.read() as connection:
        rows = connection.execute(select(PluginRow.name, PluginRow.since))
        return {row.name: row.since for row in rows}


def _describe(loaded: Loaded, tables: Tables, since: dict[str, Any]) -> dict[str, Any]:
    def mine(items: Any) -> list[Contribution]:
        return [item for item in items if item.loaded is loaded]

    return {
        "name": loaded.name,
        "version": loaded.version,
        "on": loaded.on,
        "reason": loaded.off,
        "since": since.get(loaded.name),
        "hooks": [name for name, items in tables.hooks.items() if mine(items)],
        "widgets": sorted({item.name for items in tables.slots.values() for item in mine(items)}),
        "routes": [item.name for item in mine(tables.routes)],
        "commands": [item.name for item in mine(tables.commands)],
        "repeated": [item.name for item in mine(tables.repeated)],
        "partly_off": _partly_off(loaded, tables),
    }


def _partly_off(loaded: Loaded, tables: Tables) -> dict[str, str]:
    """Return the methods that are off alone, with the reason."""
    groups = (*tables.hooks.values(), *tables.slots.values())
    found = (item for items in groups for item in items if item.loaded is loaded)
    return {item.name: item.off for item in found if item.off}
