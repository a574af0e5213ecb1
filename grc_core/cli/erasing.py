"""`flask grc contacts export` and `forget`: all that is stored about a person, given or erased."""

import sys

import click

from ..errors import GRCError
from ..people.contact import Contact
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import Rooms
from .rooms import upgraded_rooms


@click.command()
@click.argument("id")
def export(id: str) -> None:
    """Write everything that GRC and its plugins store about a contact, as JSON.

    Exit status 1 if a plugin failed; its error is in its place.
    """
    here = upgraded_rooms()
    contact = _known(here, id)
    parts = list(here.privacy.export_of(contact))
    print_json({"contact": contact.id, "parts": parts})
    if any(part.error for part in parts):
        sys.exit(1)


@click.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def forget(id: str, yes: bool, as_json: bool) -> None:
    """Erase a contact in every table, for good; exit status 1 while something is left to do."""
    here = upgraded_rooms()
    contact = _known(here, id)
    if not yes:
        whom = contact.name or contact.email or "somebody without a name"
        click.confirm(f"Erase contact {contact.id} ({whom}) for good?", abort=True, err=as_json)
    done = here.privacy.forget(contact)
    if as_json:
        print_json({"complete": done.complete, "outcomes": done.outcomes})
    else:
        rows = [(one.plugin, one.result, one.rows, one.reason, one.until) for one in done.outcomes]
        print_table(("plugin", "did", "rows", "why", "until"), rows)
    if not done.complete:
        click.echo("Not complete: what failed is tried again every five minutes.", err=True)
        sys.exit(1)


def _known(here: Rooms, id: str) -> Contact:
    found = here.contacts.by_id(id)
    if found is None:
        raise GRCError(f"there is no contact {id!r}; find one with: flask grc contacts find")
    return found
