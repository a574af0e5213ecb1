"""`flask grc keys`: who may use the API, and for what."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from ..access.keys import ApiKey
from ..access.keys import ApiKeys
from ..access.scopes import SCOPES
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import upgraded_rooms


def _keys() -> ApiKeys:
    here = upgraded_rooms()
    return ApiKeys(here.database, here.clock, here.tables.scopes)


@click.group("keys")
def command() -> None:
    """Create, list and revoke keys to the JSON API."""


@command.command()
@click.option("--name", required=True, help="Who uses the key, such as `till in Québec`.")
@click.option(
    "--scope", "scopes", multiple=True, required=True, metavar="SCOPE",
    help=f"What it allows; may be given again. One of: {', '.join(SCOPES)}, or one of a plugin's.",
)  # fmt: skip
@click.option("--days", type=float, help="After how many days it ends; never unless given.")
@json_option
def create(name: str, scopes: Sequence[str], days: float | None, as_json: bool) -> None:
    """Make a key; it is shown here and never again."""
    key, text = _keys().create(name, scopes, days)
    if as_json:
        print_json({**asdict(key), "key": text})
        return
    click.echo(text)
    click.echo(
        "Keep it now: only a hash of it is stored. Send it as: Authorization: Bearer <key>",
        err=True,
    )


@command.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """List the keys with their last use, the newest first."""
    now, found = upgraded_rooms().clock(), _keys().all()
    rows = [{**asdict(key), "state": key.state(now)} for key in found]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("There is no key yet; make one with: flask grc keys create")
    else:
        columns = ("id", "name", "state", "scopes", "created", "expires", "last use")
        print_table(columns, [_line(row) for row in rows])


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    words = " ".join(row["scopes"])
    times = (row["created_at"], row["expires_at"], row["used_at"])
    return (row["id"], row["name"], row["state"], words, *times)


@command.command()
@click.argument("key", metavar="ID")
@json_option
def revoke(key: str, as_json: bool) -> None:
    """Shut a key out at once and for good; name it by its id or its name."""
    revoked: ApiKey = _keys().revoke(key)
    if as_json:
        print_json({"revoked": revoked.id})
    else:
        click.echo(f"The key {revoked.name!r} ({revoked.id}) opens nothing any more.")
