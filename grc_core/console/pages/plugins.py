"""Which plugins are on, why others are not, and the switch."""

from typing import Any

from werkzeug.exceptions import NotFound

from ...inventory import baselines
from ...inventory import describe
from ..console import Console
from ..rooms import Rooms
from ..tables import Action
from ..tables import Column

_ACTIONS = (
    Action("on", "Switch on"),
    Action("off", "Switch off", "Visitors then see nothing of these plugins. What happens "
           "meanwhile waits for them.", dangerous=True),
)  # fmt: skip


def plugins(console: Console, rooms: Rooms) -> Any:
    """List the plugins, and switch chosen ones on or off."""
    if console.action in ("on", "off"):
        return switched(console, rooms, console.chosen)
    rooms.refresh()
    since = baselines(rooms.database)
    rows = [describe(item, rooms.tables, since) for item in rooms.tables.plugins]
    columns = (
        Column(
            "name", "Plugin", search=True, link=lambda row: console.url("plugin", name=row.name)
        ),
        Column("state", "State", "state", value=lambda row: "on" if row.on else "off"),
        Column("reason", "Why", value=lambda row: console.translate(row.reason or "")),
        Column("version", "Version"),
        Column("since", "Since", "time"),
        Column("widgets", "Widgets", search=True, value=lambda row: ", ".join(row.widgets)),
    )  # fmt: skip
    table = console.table(columns, rows, row_id="name", actions=_ACTIONS,
                          empty="No plugin is installed.")  # fmt: skip
    return "plugins.html", {"found": table}


def plugin(console: Console, rooms: Rooms, name: str) -> Any:
    """Show one plugin, and switch it on or off."""
    loaded = next((item for item in rooms.tables.plugins if item.name == name), None)
    if loaded is None:
        raise NotFound
    if console.action in ("on", "off"):
        return switched(console, rooms, [name])
    rooms.refresh()
    found = describe(loaded, rooms.tables, baselines(rooms.database))
    has_settings = loaded.plugin is not None and bool(loaded.plugin.Settings().fields)
    context = {"found": found, "switched": name in rooms.switches.off, "settings": has_settings}
    return "plugin.html", context


def switched(console: Console, rooms: Rooms, names: list[str]) -> Any:
    """Switch plugins on or off, and offer the way back."""
    on = console.action == "on"
    known = {item.name for item in rooms.tables.plugins}
    off = rooms.switches.off
    chosen = [name for name in names if name in known and (name in off) == on]
    for name in chosen:
        rooms.switches.switch(name, on, console.staff.name, rooms.clock())
        console.audit("switched on" if on else "switched off", f"plugin {name}",
                      {"on": not on}, {"on": on})  # fmt: skip
    rooms.refresh()
    if not chosen:
        return console.done("Nothing was changed: choose a plugin that is not so already.")
    text = "%(names)s: on." if on else "%(names)s: off."
    undo = {"_action": "off" if on else "on", "_id": chosen}
    return console.done(console.translate(text, names=", ".join(chosen)), undo=undo)
