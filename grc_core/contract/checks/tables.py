"""The plugin's tables: made, changed, taken back and removed, on each database."""

from collections.abc import Iterable

from sqlalchemy import inspect

from ...storage.base import table_prefix
from ...storage.history import find_history
from ...storage.upgrade import downgrade
from ...storage.upgrade import upgrade
from ...testing.app import ShopApp
from ..acting import live
from ..check import check
from ..stage import Stage


@check(
    "upgrade",
    proves="Its revisions make the tables that its models state, from nothing.",
    mend="Write the missing revision: flask grc db revision NAME -m '…', and read it.",
    both=True,
    first=True,
)
def upgrades(stage: Stage) -> Iterable[str]:
    """Upgrade an empty database, and compare."""
    app = stage.shop().make_app([stage.source], upgrade=False)
    yield from _upgrade(app)
    runtime = app.extensions["grc"]
    history = find_history(runtime.tables, stage.name)
    with runtime.database.read() as connection:
        for difference in history.differences(connection):
            yield f"tables and models differ: {_shown(difference)}"


def _shown(difference: object) -> str:
    return " ".join(str(difference).split())[:200]


def _upgrade(app: ShopApp) -> Iterable[str]:
    runtime = app.extensions["grc"]
    for item in upgrade(runtime.database, runtime.tables, runtime.clock()):
        if item.error:
            yield f"{item.plugin}: {item.error}"
    runtime.refresh()


@check(
    "prefix",
    proves="It makes no table outside of its own prefix, so none is left behind or overwritten.",
    mend="Name every table grc_<plugin>__…, also in revisions that are written by hand.",
    both=True,
)
def prefix(stage: Stage) -> Iterable[str]:
    """Compare the tables with those of a shop without the plugin."""
    own = table_prefix(stage.name)
    for table in sorted(_tables(stage.app()) - _tables(stage.app(alone=False))):
        if not table.startswith(own):
            yield f"table {table} does not begin with {own}"


@check(
    "downgrade",
    proves="A shop that does not like a new version can go back, and forward again.",
    mend="Write the downgrade() of each revision so that it undoes its upgrade().",
    both=True,
)
def downgrades(stage: Stage) -> Iterable[str]:
    """Go back to nothing with rows in the tables, then forward."""
    app = stage.app()
    runtime = app.extensions["grc"]
    if not find_history(runtime.tables, stage.name).has_revisions:
        return
    live(app, stage.name)
    try:
        downgrade(runtime.database, runtime.tables, stage.name, "base", runtime.clock())
    except Exception as error:
        yield f"downgrade to base: {error}"
        return
    left = _mine(app, stage.name) - {f"{table_prefix(stage.name)}version"}
    for table in sorted(left):
        yield f"table {table} is still there after the downgrade"
    for finding in () if left else _upgrade(app):
        yield f"forward again: {finding}"


@check(
    "purge",
    proves="A shop that removes it keeps nothing of it, and may install it again.",
    mend="Keep rows in tables of the plugin's prefix only; do not write to the core's tables.",
    both=True,
)
def purges(stage: Stage) -> Iterable[str]:
    """Remove everything, then install again."""
    app = stage.app()
    live(app, stage.name)
    if not _mine(app, stage.name):
        return
    app.flask("grc", "db", "purge", stage.name, "--yes")
    for table in sorted(_mine(app, stage.name)):
        yield f"table {table} is still there after the purge"
    for finding in _upgrade(app):
        yield f"installed again: {finding}"


def _mine(app: ShopApp, name: str) -> set[str]:
    return {table for table in _tables(app) if table.startswith(table_prefix(name))}


def _tables(app: ShopApp) -> set[str]:
    with app.extensions["grc"].database.read() as connection:
        return set(inspect(connection).get_table_names())


CHECKS = (prefix, downgrades, purges)
