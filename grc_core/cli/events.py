"""`flask grc events`: what was delivered, what waits, and what needs a person."""

from collections.abc import Sequence
from datetime import timedelta

import click

from ..errors import GRCError
from ..mail.ledger import purge as purge_mail
from ..outbox import ledger
from .output import json_option
from .output import one_of
from .output import plain
from .output import print_json
from .output import print_table
from .rooms import rooms

_IDS = click.argument("ids", type=int, nargs=-1)


@click.group("events", invoke_without_command=True)
@click.option("--state", type=click.Choice(ledger.STATES), help="Only deliveries in this state.")
@click.option("--plugin", help="Only deliveries to this plugin.")
@click.option("--hook", help="Only deliveries of this event, such as `order`.")
@click.option("--limit", default=20, show_default=True, help="How many deliveries to list.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    state: str | None,
    plugin: str | None,
    hook: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Count the deliveries of events and list the latest."""
    if ctx.invoked_subcommand:
        return
    database = rooms().database
    totals = ledger.totals(database)
    found = ledger.deliveries(database, state, plugin, hook, limit)
    if as_json:
        print_json({"totals": totals, "deliveries": found})
    elif not totals:
        click.echo("No event was delivered yet; place an order, or run: flask grc sync")
    else:
        _print_totals(totals)
        _print_deliveries(found)


def _print_totals(totals: Sequence[ledger.Total]) -> None:
    now = rooms().clock()
    rows = [
        (item.subscriber, item.state, item.count, _age(now - item.oldest) if item.oldest else "")
        for item in totals
    ]
    print_table(("plugin", "state", "deliveries", "oldest waits"), rows)


def _age(waited: timedelta) -> str:
    """Return a time in its largest unit: `3 d`, `2 h`, `40 s`."""
    seconds = max(0, int(waited.total_seconds()))
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def _print_deliveries(found: Sequence[ledger.Delivery]) -> None:
    rows = [
        (item.id, item.occurred_at, item.hook, item.key, item.subscriber, item.state,
         item.attempts, item.error)
        for item in found
    ]  # fmt: skip
    columns = ("id", "happened", "event", "key", "plugin", "state", "attempts", "error")
    print_table(columns, rows, elided=("key",))


@command.command()
@click.argument("id", type=int)
@json_option
def show(id: int, as_json: bool) -> None:
    """Show one delivery with the payload of its event."""
    found = ledger.show(rooms().database, id)
    if as_json:
        print_json(found)
        return
    fields = {name: getattr(found.delivery, name) for name in ledger.Delivery.__dataclass_fields__}
    fields |= {"event": found.event_id, "version": found.version, "payload": found.payload}
    print_table(("field", "value"), [*fields.items()])


@command.command()
@_IDS
@click.option("--all", "everything", is_flag=True, help="Retry all that are dead.")
@json_option
def retry(ids: Sequence[int], everything: bool, as_json: bool) -> None:
    """Try dead or dropped deliveries again; what is done stays done."""
    if bool(ids) == everything:
        raise GRCError("name the deliveries to retry, or --all for all that are dead")
    here = rooms()
    count = ledger.retry(here.database, None if everything else ids, here.clock())
    _tell({"retried": count}, f"{one_of(count, 'delivery waits', 'deliveries wait')}.", as_json)


@command.command()
@_IDS
@json_option
def drop(ids: Sequence[int], as_json: bool) -> None:
    """Give up on dead or pending deliveries."""
    if not ids:
        raise GRCError("name the deliveries to drop; list them with: flask grc events")
    here = rooms()
    count = ledger.drop(here.database, ids, here.clock())
    _tell({"dropped": count}, f"{one_of(count, 'delivery', 'deliveries')} dropped.", as_json)


@command.command()
@click.option("--days", default=30, show_default=True, help="Keep what is younger.")
@json_option
def purge(days: int, as_json: bool) -> None:
    """Remove old deliveries, payloads and texts of mail; the keys stay, against repetition."""
    here = rooms()
    before = here.clock() - timedelta(days=days)
    found = ledger.purge(here.database, before)
    texts = purge_mail(here.database, before)
    words = (
        f"{one_of(found.deliveries, 'delivery', 'deliveries')}, "
        f"{one_of(found.payloads, 'payload', 'payloads')}, "
        f"{one_of(texts, 'text of mail', 'texts of mail')}"
    )
    _tell({**plain(found), "texts": texts}, f"Removed {words}.", as_json)


def _tell(answer: object, sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        click.echo(sentence)
