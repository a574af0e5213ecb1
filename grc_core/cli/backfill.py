"""`flask grc backfill`: give plugins the past of the shop."""

import click

from .output import json_option
from .output import print_json
from .output import print_table
from .output import progress_bar
from .rooms import upgraded_rooms


@click.command("backfill")
@click.argument("plugin", required=False)
@json_option
def command(plugin: str | None, as_json: bool) -> None:
    """Stream the past to PLUGIN, or to all that ask for it; goes on where it stopped."""
    from ..intake.backfill import backfill

    here = upgraded_rooms()
    so_far: dict[str, int] = {}
    with progress_bar("giving") as show:

        def progress(what: str, count: int) -> None:
            so_far[what] = so_far.get(what, 0) + count
            show(what, so_far[what])

        done = backfill(here, plugin, progress)
    if as_json:
        print_json(done)
    elif done:
        rows = [(item.plugin, item.hook, item.count, item.failed or None) for item in done]
        print_table(("plugin", "hook", "given", "failed"), rows)
    else:
        click.echo("No plugin asks for the past (@hookimpl(history=True)).")
