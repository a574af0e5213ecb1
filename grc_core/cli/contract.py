"""`flask grc contract PLUGIN`: the checklist for plugins, as a report."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from typing import Any

import click

from ..errors import GRCError
from ..errors import nearest
from .output import json_option
from .output import one_of
from .output import print_json
from .output import print_table
from .output import progress_bar
from .rooms import Rooms
from .rooms import rooms

if TYPE_CHECKING:  # the contract is imported when it is asked for
    from ..contract import Result


@click.command("contract")
@click.argument("plugin")
@json_option
def command(plugin: str, as_json: bool) -> None:
    """Check what a shop may expect of PLUGIN, in shops in memory; exit status 1 if it fails."""
    from ..contract import inspect_plugin

    source = _source(rooms(), plugin)
    done: list[str] = []

    def note(result: "Result") -> None:
        done.append(result.check)
        show(plugin, len(done))

    with _silent(), progress_bar("checking") as show:
        results = inspect_plugin(source, note)
    if as_json:
        print_json([_described(result) for result in results])
    else:
        _report(results)
    failed = {result.check for result in results if result.findings}
    if failed:
        raise click.ClickException(f"{plugin} fails {one_of(len(failed), 'check', 'checks')}")


@contextmanager
def _silent() -> Iterator[None]:
    """Log nothing meanwhile: plugins are made to fail."""
    log = logging.getLogger("grc")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def _source(here: Rooms, name: str) -> Any:
    """Return the plugin's class, or its name where it does not even load."""
    loaded = here.tables.find(name)
    if loaded is None:
        known = [item.name for item in here.tables.plugins]
        raise GRCError(f"no plugin {name!r} is loaded{nearest(name, known)}")
    return type(loaded.plugin) if loaded.plugin is not None else loaded.name


def _described(result: "Result") -> dict[str, Any]:
    return {
        "check": result.check,
        "database": result.database,
        "state": result.state,
        "findings": result.findings,
        "skipped": result.skipped,
    }


def _report(results: "list[Result]") -> None:
    from ..contract import CHECKS

    about = {check.id: check for check in CHECKS}
    rows = [
        (result.check, result.database, result.state,
         result.skipped or "; ".join(result.findings) or about[result.check].proves)
        for result in results
    ]  # fmt: skip
    print_table(("check", "database", "result", "what"), rows)
    for id in dict.fromkeys(result.check for result in results if result.findings):
        click.echo(f"{id}: {about[id].mend}")
