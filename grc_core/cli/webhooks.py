"""`flask grc webhooks`: which addresses are told of events, and what they answered."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

import click

from ..access.addresses import refuse_private
from ..access.attempts import latest_attempts
from ..access.webhooks import EVENTS
from ..access.webhooks import Webhook
from ..errors import GRCError
from .output import json_option
from .output import one_of
from .output import print_json
from .output import print_table
from .rooms import Rooms
from .rooms import upgraded_rooms

_ID = click.argument("id")


@click.group("webhooks")
def command() -> None:
    """Tell other systems of events, and see what they answered."""


@command.command()
@click.argument("url")
@click.option(
    "--event", "events", multiple=True, required=True, metavar="EVENT",
    help=f"What it is told of; may be given again. One of: {', '.join(EVENTS)}.",
)  # fmt: skip
@click.option("--description", default="", help="What is behind the address.")
@json_option
def add(url: str, events: Sequence[str], description: str, as_json: bool) -> None:
    """Add a webhook; the key that signs its messages is shown here and never again."""
    here = upgraded_rooms()
    refuse_private(url, here.loopback)
    with here.database.write() as connection:
        webhook, key = here.webhooks.add(connection, url, events, description, here.loopback)
    if as_json:
        print_json({**asdict(webhook), "key": key})
        return
    click.echo(f"webhook {webhook.id}")
    click.echo(f"key {key}")
    click.echo(f"See whether it answers: flask grc webhooks test {webhook.id}", err=True)


@command.command("list")
@json_option
def list_webhooks(as_json: bool) -> None:
    """List the webhooks with their last answer."""
    here = upgraded_rooms()
    found = here.webhooks.all()
    if as_json:
        print_json([{**asdict(item), "state": _state(here, item)} for item in found])
    elif not found:
        click.echo("There is no webhook yet; add one with: flask grc webhooks add")
    else:
        rows = [(item.id, _state(here, item), " ".join(item.events), item.url, _last(here, item))
                for item in found]  # fmt: skip
        print_table(("id", "state", "events", "address", "last answer"), rows)


def _state(here: Rooms, webhook: Webhook) -> str:
    if webhook.paused_at is not None:
        return "paused"
    waits = webhook.wait_until is not None and webhook.wait_until > here.clock()
    return "waiting" if waits else "on"


def _last(here: Rooms, webhook: Webhook) -> str:
    for attempt in latest_attempts(here.database, webhook.id, 1):
        said = attempt.error or f"answered {attempt.status}"
        return f"{attempt.at:%Y-%m-%d %H:%M:%S} {said}"
    return ""


@command.command()
@_ID
@click.option("--limit", default=20, show_default=True, help="How many attempts to show.")
@json_option
def show(id: str, limit: int, as_json: bool) -> None:
    """Show one webhook with its latest messages and what was answered."""
    here = upgraded_rooms()
    webhook = here.webhooks.get(id)
    attempts = latest_attempts(here.database, id, limit)
    if as_json:
        print_json({**asdict(webhook), "state": _state(here, webhook), "attempts": attempts})
        return
    print_table(
        ("field", "value"), [(name, _text(value)) for name, value in asdict(webhook).items()]
    )
    rows = [(item.at, item.type, item.message, item.status, item.milliseconds, item.error,
             item.answer) for item in attempts]  # fmt: skip
    print_table(("at", "event", "message", "status", "ms", "error", "answer"), rows)


def _text(value: object) -> object:
    return " ".join(value) if isinstance(value, tuple) else value


@command.command()
@_ID
@json_option
def test(id: str, as_json: bool) -> None:
    """Send a message of the type `test` now, and show what is answered."""
    here = upgraded_rooms()
    answer = here.teller.test(here.webhooks.get(id))
    if as_json:
        print_json(answer)
    elif answer.good:
        click.echo(f"The receiver took it: answered {answer.status} in {answer.milliseconds} ms.")
    if not answer.good:
        raise GRCError(f"the receiver did not take it: {answer.error}")


@command.command()
@_ID
def pause(id: str) -> None:
    """Send nothing until resumed; what happens meanwhile is not told later."""
    _change(id, paused=True)
    click.echo(f"Paused; go on with: flask grc webhooks resume {id}")


@command.command()
@_ID
def resume(id: str) -> None:
    """Go on after a pause, with what waited when it began."""
    _change(id, paused=False)
    here = upgraded_rooms()
    count = here.teller.hurry(id)
    click.echo(f"On again; {one_of(count, 'message waits', 'messages wait')}.")


def _change(id: str, paused: bool) -> None:
    here = upgraded_rooms()
    with here.database.write() as connection:
        here.webhooks.change(connection, id, paused=paused, loopback=here.loopback)


@command.command()
@_ID
@click.option("--hours", default=24.0, show_default=True, help="How long the old key signs too.")
@json_option
def rotate(id: str, hours: float, as_json: bool) -> None:
    """Make a new key; it is shown here and never again, and the old one stays valid a while."""
    if not 0 <= hours <= 24 * 365:
        raise GRCError("the old key signs for 0 hours to a year longer")
    here = upgraded_rooms()
    with here.database.write() as connection:
        key, _ = here.webhooks.rotate(connection, id, timedelta(hours=hours))
    if as_json:
        print_json({"id": id, "key": key})
    else:
        click.echo(key)


@command.command()
@_ID
def remove(id: str) -> None:
    """Remove a webhook with its answers; what waits for it is never sent."""
    here = upgraded_rooms()
    with here.database.write() as connection:
        here.webhooks.remove(connection, id)
    click.echo("Removed.")
