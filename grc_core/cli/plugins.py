"""`flask grc plugins`: which are on, and why others are not."""

from dataclasses import asdict

import click

from ..inventory import baselines
from ..inventory import describe
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
    since = baselines(here.database) if ready else {}
    found = [asdict(describe(item, here.tables, since)) for item in here.tables.plugins]
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
