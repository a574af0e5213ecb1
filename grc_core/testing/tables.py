"""Give an app its tables: migrated the first time, copied from then on."""

from typing import Any

from flask import Flask
from sqlalchemy import insert
from sqlalchemy import update
from sqlalchemy.schema import CreateTable

from ..loading import Loaded
from ..loading import Tables
from ..storage.models import PluginRow
from ..storage.readiness import core_fingerprint
from ..storage.readiness import fingerprint
from ..storage.readiness import metadata_of
from .databases import Databases


def make_tables(app: Flask, url: str, databases: Databases) -> None:
    """Make the database at `url` what `flask grc db upgrade` would have made it.

    `app` has GRC on it and has not touched its database yet. Templates differ by the plugins
    that have tables; those of the others only need their row.
    """
    runtime = app.extensions["grc"]
    with_tables = [item for item in runtime.tables.plugins if fingerprint(item)]
    key = "\n".join([core_fingerprint(), *map(_state, with_tables)])
    template = databases.templates.find(key)
    databases.create(url, template)
    if template is None:
        _migrate(runtime, with_tables)
        runtime.database.dispose()
        databases.templates.keep(key, url)
    _begin_now(runtime)


def _state(loaded: Loaded) -> str:
    """Return what the tables of a plugin depend on."""
    tables = (str(CreateTable(item)) for item in metadata_of(loaded).sorted_tables)
    indexes = (
        str([item.name, item.unique, [column.name for column in item.columns]])
        for table in metadata_of(loaded).sorted_tables
        for item in sorted(table.indexes, key=str)
    )
    about = (loaded.name, loaded.version, loaded.off, loaded.folder, fingerprint(loaded))
    return "\n".join([str(about), *tables, *indexes])


def _migrate(runtime: Any, plugins: list[Loaded]) -> None:
    from ..storage.upgrade import upgrade

    done = upgrade(runtime.database, Tables(plugins=plugins), runtime.clock())
    errors = [f"{item.plugin}: {item.error}" for item in done if item.error]
    if errors:
        raise AssertionError("not upgraded: " + "; ".join(errors))


def _begin_now(runtime: Any) -> None:
    """Let the baseline be now, and make known what the shop holds already."""
    since = runtime.clock().replace(microsecond=0)
    rows = [
        {"name": item.name, "since": since, "version": item.version, "revisions": ""}
        for item in runtime.tables.plugins
        if item.plugin is not None and item.off is None and not fingerprint(item)
    ]
    with runtime.database.write() as connection:
        connection.execute(update(PluginRow).values(since=since))
        if rows:
            connection.execute(insert(PluginRow), rows)
    runtime.refresh()
    runtime.intake.prime()
