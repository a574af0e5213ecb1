"""`flask grc <plugin> <name>`: the methods that a plugin marks with `@command`."""

import inspect
from typing import Any

import click

from ..errors import GRCError
from ..loading import Contribution
from ..storage.sessions import writing
from .rooms import Rooms
from .rooms import rooms


def group_of(item: Contribution) -> str:
    """Return the group in which a plugin's command is found."""
    group: str = item.options.group or item.loaded.name
    return group


def commands_of(here: Rooms, name: str) -> click.Group:
    """Return one group of plugins' commands."""
    found = [item for item in here.tables.commands if group_of(item) == name]
    plugin = found[0].loaded.plugin if found else None
    group = click.Group(name, help=inspect.getdoc(type(plugin)) if plugin else None)
    for item in found:
        group.add_command(_command(item))
    return group


def _command(item: Contribution) -> click.Command:
    """Return the method as a command; `click.option` left its options on the function."""
    function = inspect.unwrap(getattr(item.call, "__func__", item.call))
    params = list(reversed(getattr(function, "__click_params__", [])))
    name = item.options.name or item.name.replace("_", "-")

    def run(**arguments: Any) -> Any:
        return _run(item, arguments)

    return click.Command(name, callback=run, params=params, help=inspect.getdoc(item.call))


def _run(item: Contribution, arguments: dict[str, Any]) -> Any:
    """Call the method; what it writes with `self.session` is committed unless it raises."""
    here = rooms()
    here.refresh()
    if not item.on:
        raise GRCError(f"plugin {item.loaded.name} is off: {item.loaded.off or item.off}")
    with here.adapter.outside(), writing(here.database):
        return item.call(**arguments)
