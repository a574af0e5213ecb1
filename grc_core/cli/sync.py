"""`flask grc sync`: read what is new in the shop now, and deliver it."""

from dataclasses import replace

import click

from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import upgraded_rooms


@click.command("sync")
@json_option
def command(as_json: bool) -> None:
    """Pull new and changed orders and customers now, and deliver what is due."""
    here = upgraded_rooms()
    report = here.intake.sync()
    report = replace(report, deliveries=here.drain())
    if as_json:
        print_json(report)
        return
    counts = {
        "orders read": report.orders,
        "sign-ups": report.customers,
        "new events": report.events,
        "deliveries made": report.deliveries,
        "unreadable": report.unreadable,
    }
    print_table(("what", "count"), [*counts.items()])
    if report.unreadable:
        click.echo("Some orders cannot be read; run: flask grc check", err=True)
