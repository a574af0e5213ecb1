"""`flask grc db`: the tables of the core and of plugins."""

from typing import Any

import click

from .output import json_option
from .output import one_of
from .output import print_json
from .output import print_table
from .output import progress_bar
from .rooms import Rooms
from .rooms import rooms


@click.group("db")
def command() -> None:
    """Make, change and remove the tables of GRC and its plugins."""


@command.command()
@json_option
def upgrade(as_json: bool) -> None:
    """Bring all tables up to date; what was placed before the first time is the past."""
    from ..storage.upgrade import upgrade as upgrade_tables

    here = rooms()
    done = upgrade_tables(here.database, here.tables, here.clock())
    failed = [item for item in done if item.error]
    here.refresh()
    primed, problem = _prime(here) if here.ready() else ({}, None)
    if as_json:
        print_json({"upgraded": done, "known": primed, "problem": problem})
    else:
        rows = [
            (item.plugin, item.before or "-", item.after or "-", item.seconds,
             item.error or item.note or _result(item.before, item.after))
            for item in done
        ]  # fmt: skip
        print_table(("plugin", "from", "to", "seconds", "result"), rows)
        for part, count in primed.items():
            known = one_of(count, f"{part[:-1]} was", f"{part} were")
            click.echo(f"{known} there before GRC: history from now on.")
        if problem:
            click.echo(f"{problem}; run: flask grc check", err=True)
    if failed:
        names = ", ".join(item.plugin for item in failed)
        others = "" if len(failed) == len(done) else "; the others are up to date"
        raise click.ClickException(f"not upgraded: {names}{others}")


def _result(before: str | None, after: str | None) -> str:
    if before == after:
        return "up to date" if after else "has no tables"
    return "upgraded"


def _prime(here: Rooms) -> tuple[dict[str, int], str | None]:
    """Make what the shop already holds known; return counts, and what could not be read.

    A shop that cannot be read yet, such as one whose own tables come later, does not stop the
    upgrade: the next pull tries again.
    """
    counts: dict[str, int] = {}
    try:
        with progress_bar("reading") as show:

            def progress(part: str, count: int) -> None:
                counts[part] = count
                show(part, count)

            here.intake.prime(progress)
    except Exception as error:
        return counts, f"the shop cannot be read yet: {type(error).__name__}: {error}"
    return counts, None


@command.command()
@json_option
def current(as_json: bool) -> None:
    """Show which revision each plugin's tables have, and which are to come."""
    from ..storage.upgrade import current as current_revisions

    here = rooms()
    found = current_revisions(here.database, here.tables)
    if as_json:
        print_json(found)
        return
    rows = [
        (item.plugin, item.applied or "-", item.head or "-",
         item.error or ", ".join(item.pending) or "-")
        for item in found
    ]  # fmt: skip
    print_table(("plugin", "applied", "newest", "pending"), rows)


@command.command()
@click.argument("plugin")
@click.option("-m", "--message", required=True, help="What changes, in a few words.")
@json_option
def revision(plugin: str, message: str, as_json: bool) -> None:
    """Write PLUGIN's next revision from what its models and its tables differ in."""
    from ..storage.authoring import revision as write_revision

    here = rooms()
    path = write_revision(here.database, here.tables, plugin, message)
    if as_json:
        print_json({"plugin": plugin, "file": path})
    elif path is None:
        click.echo(f"Nothing changed: the tables of {plugin} are those of its models.")
    else:
        click.echo(f"{path}\nRead it, then run: flask grc db upgrade")


@command.command()
@click.argument("plugin")
@click.argument("target")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def downgrade(plugin: str, target: str, yes: bool, as_json: bool) -> None:
    """Take PLUGIN's tables back to a revision: `base`, `-1` or its number."""
    from ..storage.upgrade import check_downgrade
    from ..storage.upgrade import downgrade as downgrade_tables

    here = rooms()
    check_downgrade(here.database, here.tables, plugin, target)
    _confirm(f"Take the tables of {plugin} back to {target}? Rows may be lost.", yes)
    done = downgrade_tables(here.database, here.tables, plugin, target, here.clock())
    here.refresh()
    if as_json:
        print_json(done)
    else:
        click.echo(f"{plugin} went from {done.before or 'base'} to {done.after or 'base'}.")


@command.command()
@click.argument("plugin")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def purge(plugin: str, yes: bool, as_json: bool) -> None:
    """Remove everything that PLUGIN stored, also when it is no longer installed."""
    from ..storage.purge import purge as purge_plugin
    from ..storage.purge import purgeable

    here = rooms()
    found: Any = purgeable(here.database, plugin)
    rows = {table: count for table, count in found.rows.items() if count}
    if not yes:
        print_table(("to be removed", "rows"), [*((name, "all") for name in found.tables),
                                                *rows.items()])  # fmt: skip
    _confirm(f"Remove all this of {plugin} for good?", yes)
    done = purge_plugin(here.database, plugin)
    here.refresh()
    if as_json:
        print_json(done)
    else:
        click.echo(f"Removed {len(done.tables)} tables and {sum(done.rows.values())} rows.")


def _confirm(question: str, yes: bool) -> None:
    """Ask before something that cannot be taken back."""
    if not yes:
        click.confirm(question, abort=True)
