"""`flask grc check`: the adapter against the real shop, and everything around it."""

import json
import sys
from collections.abc import Iterator

import click

from ..intake.check import Report
from ..intake.check import check
from ..intake.trial import LIMIT
from ..intake.trial import Part
from .output import json_option
from .output import plain
from .output import print_json
from .output import print_table
from .rooms import rooms


@click.command("check")
@json_option
def command(as_json: bool) -> None:
    """Call the adapter on real data and say what works; exit status 1 if something failed."""
    here = rooms()
    report = check(here.app, here.shop, here.tables, here.database, here.config)
    if as_json:
        print_json({"failed": report.failed, **plain(report)})
    else:
        _print(report)
    if report.failed:
        sys.exit(1)


def _print(report: Report) -> None:
    rows = [
        (part.name, part.state, _count(part), part.milliseconds, _sample(part))
        for part in report.parts
    ]
    print_table(("part", "state", "values", "ms", "for example"), rows)
    remarks = [remark for part in report.parts for remark in _remarks(part)]
    if remarks:
        click.echo()
        print_table(("part", "kind", "what"), remarks)
    click.echo()
    findings = [(item.level, item.about, item.message) for item in report.findings]
    print_table(("level", "about", "what"), findings)
    click.echo("\nSomething failed; see above." if report.failed else "\nNothing failed.")


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
