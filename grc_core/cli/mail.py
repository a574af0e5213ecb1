"""`flask grc mail`: what was sent, what would be sent, and why something was not."""

from collections.abc import Sequence
from uuid import uuid4

import click

from ..errors import GRCError
from ..mail import ledger
from ..mail.addresses import checked
from ..mail.addresses import masked
from ..mail.settings import why_kept
from .output import json_option
from .output import one_of
from .output import print_json
from .output import print_table
from .rooms import Rooms
from .rooms import rooms
from .rooms import upgraded_rooms


@click.group("mail", invoke_without_command=True)
@click.option("--state", type=click.Choice(ledger.STATES), help="Only messages in this state.")
@click.option("--commercial", is_flag=True, help="Only commercial ones.")
@click.option("--limit", default=20, show_default=True, help="How many messages to list.")
@json_option
@click.pass_context
def command(
    ctx: click.Context, state: str | None, commercial: bool, limit: int, as_json: bool
) -> None:
    """Count the messages and list the latest, addresses masked."""
    if ctx.invoked_subcommand:
        return
    here = rooms()
    totals = ledger.totals(here.database)
    kind = "commercial" if commercial else None
    found = ledger.messages(here.database, state, kind, limit)
    if as_json:
        shown = [_public(message) for message in found]
        print_json({"totals": totals, "kept_because": _kept(here), "messages": shown})
        return
    if _kept(here):
        click.echo(f"Nothing leaves this machine: {_kept(here)}.")
    if not totals:
        click.echo("No message was written yet.")
        return
    click.echo(", ".join(f"{count:,} {name}" for name, count in totals.items()))
    rows = [
        (item.id, item.created_at, item.state, item.kind, masked(item.address), item.locale,
         item.subject or item.template, item.reason or item.note)
        for item in found
    ]  # fmt: skip
    columns = ("id", "written", "state", "kind", "to", "in", "subject", "why")
    print_table(columns, rows)


def _kept(here: Rooms) -> str | None:
    return why_kept(here.app.config)


def _public(message: ledger.Message) -> dict[str, object]:
    fields = {name: getattr(message, name) for name in ledger.Message.__dataclass_fields__}
    return {**fields, "address": masked(message.address)}


@command.command()
@click.argument("id", type=int)
@click.option("--html", "part", flag_value="html", help="Print the HTML alone.")
@click.option("--text", "part", flag_value="text", help="Print the text alone.")
@json_option
def show(id: int, part: str | None, as_json: bool) -> None:
    """Show one message as it was, or would be, sent."""
    found = ledger.show(rooms().database, id)
    if part:
        content = found.html if part == "html" else found.text
        if not content:
            raise GRCError(f"message {id} has no {part}: {_why_empty(found)}")
        click.echo(content)
    elif as_json:
        texts = {"text": found.text, "html": found.html}
        print_json({**_public(found.message), **texts, "unsubscribe_url": found.unsubscribe_url})
    else:
        fields = {**_public(found.message), "unsubscribe_url": found.unsubscribe_url}
        print_table(("field", "value"), [*fields.items()])
        click.echo()
        click.echo(found.text or f"({_why_empty(found)})")


def _why_empty(found: ledger.Detail) -> str:
    if found.message.state == "refused":
        return "it was refused before it was written"
    return "it has this part no longer, or never had it"


@command.command()
@click.argument("ids", type=int, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that failed or wait for the server.")
@json_option
def retry(ids: Sequence[int], everything: bool, as_json: bool) -> None:
    """Send again what bounced, failed or was kept; what was sent stays sent."""
    if bool(ids) == everything:
        raise GRCError("name the messages to send again, or --all for all that failed")
    here = upgraded_rooms()
    found = ledger.retry(here.database, here.outbox, None if everything else ids, here.clock())
    for message in found:
        here.contacts.addresses.revive(message.address)
    if as_json:
        print_json({"retried": len(found)})
    else:
        click.echo(f"{one_of(len(found), 'message waits', 'messages wait')} to be sent again.")


@command.command()
@click.argument("address")
@json_option
def test(address: str, as_json: bool) -> None:
    """Send a test message to an address, with the shop's settings, and say what came of it."""
    here = upgraded_rooms()
    key = f"test {uuid4().hex}"
    with here.adapter.outside():
        here.mailer.send(checked(address), "test", key, "transactional")
        here.drain()
    message = ledger.by_key(here.database, f"core:{key}")
    if message is None:
        raise GRCError("the message is gone")
    if as_json:
        print_json(_public(message))
        return
    why = f": {message.reason}" if message.reason else ""
    click.echo(f"Message {message.id} is {message.state}{why}.")
    if message.state not in ("sent", "kept"):
        raise SystemExit(1)
