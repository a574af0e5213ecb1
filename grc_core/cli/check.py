"""`flask grc check`: the adapter against the real shop, and everything around it."""

import json
import sys
from collections.abc import Iterator

import click

from ..intake.check import Report
from ..intake.check import check
from ..intake.forecast import forecast
from ..intake.trial import LIMIT
from ..intake.trial import Part
from ..slots.placing import places
from .output import json_option
from .output import plain
from .output import print_json
from .output import print_table
from .rooms import rooms
from .rooms import upgraded_rooms


@click.command("check")
@click.option(
    "--report",
    "installing",
    is_flag=True,
    help="Say what GRC would receive, store and show today, plugin by plugin.",
)
@json_option
def command(installing: bool, as_json: bool) -> None:
    """Call the adapter on real data and say what works; exit status 1 if something failed."""
    here = rooms()
    if installing:
        _print_forecast(as_json)
        return
    placed = places(here.app, here.shop, here.config)
    report = check(here.app, here.shop, here.tables, here.database, here.config, placed)
    if as_json:
        print_json({"failed": report.failed, **plain(report)})
    else:
        _print(report)
    if report.failed:
        sys.exit(1)


def _print(report: Report) -> None:
    rows = [
        (part.name, part.state, _count(part), part.milliseconds, part.queries, _sample(part))
        for part in report.parts
    ]
    columns = ("part", "state", "values", "ms", "queries", "for example")
    print_table(columns, rows, brief=("for example",))
    remarks = [remark for part in report.parts for remark in _remarks(part)]
    if remarks:
        click.echo()
        print_table(("part", "kind", "what"), remarks)
    click.echo()
    findings = [(item.level, item.about, item.message) for item in report.findings]
    print_table(("level", "about", "what"), findings)
    click.echo("\nSomething failed; see above." if report.failed else "\nNothing failed.")


def _print_forecast(as_json: bool) -> None:
    here = upgraded_rooms()
    found = forecast(here.tables, here.database, here.calls, here.shop, here.clock())
    if as_json:
        print_json(found)
        return
    receives = [
        (one.plugin, one.hook, one.needs, one.last_day, one.waiting, "yes" if one.past else "no")
        for one in found.receives
    ]
    columns: tuple[str, ...]
    columns = ("plugin", "hook", "needs", "in 24 h", "waiting", "asks for the past")
    print_table(columns, receives, "Receives")
    stores = [
        (one.plugin, one.table, ", ".join(one.fields), one.purpose, one.basis,
         "no limit" if one.keep_days is None else f"{one.keep_days} days", one.rows)
        for one in found.stores
    ]  # fmt: skip
    columns = ("plugin", "table", "fields", "purpose", "basis", "kept", "rows")
    print_table(columns, stores, "\nStores about people")
    shows = [
        (one.slot, f"{one.plugin}.{one.widget}", one.needs, "yes" if one.public else "no")
        for one in found.shows
    ]
    print_table(("slot", "widget", "needs", "same for everybody"), shows, "\nShows")
    repeats = [(plugin, name, hours) for plugin, name, hours in found.repeats]
    if repeats:
        print_table(("plugin", "work", "hours between"), repeats, "\nRepeats")


def _count(part: Part) -> str:
    if part.state == "absent":
        return ""
    return f"{part.count} or more" if part.count == LIMIT else str(part.count)


def _sample(part: Part) -> str:
    return json.dumps(part.sample, ensure_ascii=False) if part.sample else ""


def _remarks(part: Part) -> Iterator[tuple[str, str, str]]:
    for message in part.failures:
        yield part.name, "failed", message
    for message in part.warnings:
        yield part.name, "warning", message
    for note, count in part.converted.items():
        yield part.name, "converted", f"{note} ({count} times)" if count > 1 else note
