"""`flask grc settings`: show and change what plugins may be set to."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import click
import marshmallow
from marshmallow import fields

from ..errors import GRCError
from ..errors import nearest
from ..plugin import Plugin
from ..settings import is_secret
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import Rooms
from .rooms import rooms

_HIDDEN = "(secret)"


@click.command("settings")
@click.argument("plugin", required=False)
@click.argument("changes", nargs=-1, metavar="[NAME=VALUE]...")
@json_option
def command(plugin: str | None, changes: Sequence[str], as_json: bool) -> None:
    """List settings, of PLUGIN alone if named, or change some: values are JSON or plain text."""
    here = rooms()
    chosen = _plugins(here, plugin)
    if changes:
        here.settings.change(chosen[0], _parsed(chosen[0], changes))
    found = [row for item in chosen for row in _described(here, item)]
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo(f"Plugin {plugin} has no settings." if plugin else "No plugin has settings.")
        return
    rows = [
        (row["plugin"], row["name"], _shown(row["value"]), _shown(row["default"]),
         "yes" if row["stored"] else "", row["help"])
        for row in found
    ]  # fmt: skip
    print_table(("plugin", "setting", "value", "default", "changed", "help"), rows)


def _plugins(here: Rooms, name: str | None) -> list[Plugin]:
    found = {item.name: item.plugin for item in here.tables.plugins if item.plugin is not None}
    if name is None:
        return [*found.values()]
    if name not in found:
        raise GRCError(f"no plugin {name!r} is loaded{nearest(name, found)}")
    return [found[name]]


def _described(here: Rooms, plugin: Plugin) -> list[dict[str, Any]]:
    values, stored = here.settings.of(plugin), here.settings.stored(plugin.name)
    return [
        {
            "plugin": plugin.name,
            "name": name,
            "value": _visible(name, field, values.get(name)),
            "default": _visible(name, field, _default(field)),
            "stored": name in stored,
            "help": field.metadata.get("description", ""),
        }
        for name, field in plugin.Settings().fields.items()
    ]


def _default(field: fields.Field[Any]) -> Any:
    value = field.load_default
    if value is marshmallow.missing:
        return None
    return value() if callable(value) else value


def _visible(name: str, field: fields.Field[Any], value: Any) -> Any:
    """Return a value, unless it is a secret that is set."""
    return _HIDDEN if is_secret(name, field) and value else value


def _shown(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False, default=str)


def _parsed(plugin: Plugin, changes: Sequence[str]) -> Mapping[str, Any]:
    known, found = plugin.Settings().fields, {}
    for change in changes:
        name, sign, text = change.partition("=")
        if not sign:
            raise GRCError(f"write {change}=VALUE to change the setting {change!r}")
        found[name] = _value(known.get(name), text)
    return found


def _value(field: fields.Field[Any] | None, text: str) -> Any:
    """Read a value as JSON; for a text setting, as it stands unless it is quoted."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    is_text = isinstance(field, fields.String) and not isinstance(value, str)
    return text if is_text and value is not None else value
