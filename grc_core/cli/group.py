"""The group `flask grc`: the core's commands and those of plugins, imported when they are used."""

from importlib import import_module
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError

from ..errors import GRCError
from ..errors import nearest
from .rooms import Rooms

#: Each is a module of this package with a `command`.
BUILT_IN = (
    "backfill",
    "check",
    "contacts",
    "contract",
    "db",
    "events",
    "hooks",
    "keys",
    "mail",
    "new-plugin",
    "plugins",
    "settings",
    "slots",
    "sync",
    "webhooks",
)


class Commands(AppGroup):
    """Find commands by name, and turn errors into one line and exit status 1."""

    def __init__(self, rooms: Rooms) -> None:
        super().__init__("grc", help="Customer relations: see, mend and fill what GRC keeps.")
        self._rooms = rooms

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands; a plugin's are under its own name."""
        del ctx
        from .contributed import group_of

        contributed = {group_of(item) for item in self._rooms.tables.commands}
        return sorted({*BUILT_IN, *contributed})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; the core's win over a plugin of the same name."""
        if cmd_name in BUILT_IN:
            found: click.Command = import_module(
                f".{cmd_name.replace('-', '_')}", __package__
            ).command
            return found
        if cmd_name in self.list_commands(ctx):
            from .contributed import commands_of

            return commands_of(self._rooms, cmd_name)
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command where there is none of this name."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            ctx.fail(f"No such command {args[0]!r}{nearest(args[0], known)}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command in the app's context."""
        try:
            with self._rooms.app.app_context():
                return super().invoke(ctx)
        except GRCError as error:
            raise click.ClickException(str(error)) from error
        except DatabaseError as error:
            raise click.ClickException(_explain(error)) from error


def _explain(error: DatabaseError) -> str:
    """Return one line for what the database said, with the command that mends it."""
    said = str(error.orig).strip().partition("\n")[0]
    missing = "no such table" in said or "no such column" in said or "does not exist" in said
    return f"{said}; run: flask grc db upgrade" if missing else f"the database said: {said}"


def make_group(rooms: Rooms) -> AppGroup:
    """Return the commands of one app's GRC, for `app.cli`."""
    return Commands(rooms)
