"""The settings of each plugin, as a form drawn from its schema."""

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import NotFound

from ...errors import GRCError
from ...plugin import Plugin
from ...settings import is_secret
from ..console import Console
from ..rooms import Rooms
from ..tables import Column

_HIDDEN = "(secret)"


def settings(console: Console, rooms: Rooms) -> Any:
    """List the plugins that can be set."""
    rows = [
        {"name": item.plugin.name, "all": len(item.plugin.Settings().fields),
         "changed": len(rooms.settings.stored(item.plugin.name)),
         "state": "on" if item.on else "off"}
        for item in rooms.tables.plugins
        if item.plugin is not None and item.plugin.Settings().fields
    ]  # fmt: skip
    columns = (
        Column("name", "Plugin", link=lambda row: console.url("setting", name=row["name"])),
        Column("state", "State", "state"),
        Column("all", "Settings", "number"),
        Column("changed", "Changed", "number"),
    )
    table = console.table(columns, rows, empty="No plugin has settings.")
    return "plugins.html", {"found": table}


def setting(console: Console, rooms: Rooms, name: str) -> Any:
    """Show and change the settings of one plugin."""
    loaded = next((item for item in rooms.tables.plugins if item.name == name), None)
    plugin = loaded.plugin if loaded else None
    if loaded is None or plugin is None or not plugin.Settings().fields:
        raise NotFound
    if console.action == "reset":
        return _reset(console, rooms, plugin)
    values = dict(rooms.settings.of(plugin))
    words = rooms.renderer.catalog(loaded, console.locale)
    form = console.form(plugin.Settings, values, translate=words.gettext)
    if form.accepted:
        changes = _changes(plugin, values, form.data)
        try:
            after = dict(rooms.settings.change(plugin, changes)) if changes else values
        except GRCError as error:
            form.refuse(str(error))
        else:
            console.audit("settings changed", f"plugin {name}", _plain(plugin, values),
                          _plain(plugin, after))  # fmt: skip
            return console.done("The settings are saved.")
    changed = sorted(rooms.settings.stored(name))
    return "setting.html", {"form": form, "plugin": name, "changed": changed}


def _reset(console: Console, rooms: Rooms, plugin: Plugin) -> Any:
    before = _plain(plugin, rooms.settings.of(plugin))
    rooms.settings.store(plugin.name, {})
    after = _plain(plugin, rooms.settings.of(plugin))
    console.audit("settings changed", f"plugin {plugin.name}", before, after)
    return console.done("Every setting follows the plugin’s defaults again.")


def _changes(plugin: Plugin, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Return what differs, as it is stored; the rest goes on following the defaults."""
    schema = plugin.Settings()
    dumped = schema.dump(after)
    return {
        name: dumped.get(name, value)
        for name, value in after.items()
        if name not in before or before[name] != value
    }


def _plain(plugin: Plugin, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as the audit may hold them."""
    schema = plugin.Settings()
    found: dict[str, Any] = dict(schema.dump(values))
    secret = {name for name, field in schema.fields.items() if is_secret(name, field)}
    return {name: _HIDDEN if name in secret else value for name, value in found.items()}
