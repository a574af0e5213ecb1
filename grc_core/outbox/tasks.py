"""Deferred work: a plugin's method, run outside any transaction, at least once."""

import json
from collections.abc import Callable
from typing import Any

from ..adapter import Adapter
from ..errors import GRCError
from ..errors import NotUpgraded
from ..loading import Tables
from ..plugin import Plugin
from ..storage.engine import Database
from ..storage.sessions import writing
from .accept import TASK
from .claim import Claimed


def task_name(plugin: Plugin, task: Callable[..., None]) -> str:
    """Return the stored name of a plugin's method; refuse what cannot be found again."""
    name = getattr(task, "__name__", "")
    if getattr(type(plugin), name, None) is None:
        raise GRCError(f"self.defer takes a method of plugin {plugin.name!r}, not {task!r}")
    return f"{plugin.name}.{name}"


def run_task(tables: Tables, database: Database, adapter: Adapter, row: Claimed) -> None:
    """Call the method; its session begins at first touch and is committed at the end."""
    plugin_name, _, method = row.type.removeprefix(TASK).partition(".")
    loaded = tables.find(plugin_name)
    if loaded is None or loaded.plugin is None or not loaded.on:
        raise NotUpgraded(f"plugin {plugin_name} is off; its task {method} waits")
    arguments: dict[str, Any] = json.loads(row.payload or "{}")
    with writing(database), adapter.outside():
        getattr(loaded.plugin, method)(**arguments)
