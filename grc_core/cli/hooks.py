"""`flask grc hooks`: every hook, what it is for, and who implements it."""

import inspect
from collections.abc import Callable
from typing import Any

import click

from .. import hookspecs
from ..loading import Contribution
from ..loading import Tables
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import rooms


@click.command("hooks")
@json_option
def command(as_json: bool) -> None:
    """List the hooks that plugins may implement, and those that do."""
    here = rooms()
    here.refresh()
    found = described(here.tables)
    if as_json:
        print_json(found)
        return
    rows = [
        (item["name"] + item["signature"], item["sentence"],
         ", ".join(_short(one) for one in item["implementations"]))
        for item in found
    ]  # fmt: skip
    print_table(("hook", "for", "implemented by"), rows)


def described(tables: Tables) -> list[dict[str, Any]]:
    """Return every hook in the order of `hookspecs`, then the events of plugins."""
    found = [
        _hook(name, _signature(item), item, tables)
        for name, item in vars(hookspecs).items()
        if hasattr(item, "grc_spec")
    ]
    known = {item["name"] for item in found}
    for name, kind in tables.events.items():
        if name not in known:
            found.append(_hook(name, f"({name.removeprefix('on_')}, event)", kind, tables))
    return found


def _hook(name: str, signature: str, documented: Any, tables: Tables) -> dict[str, Any]:
    sentence = (inspect.getdoc(documented) or "").partition("\n\n")[0].replace("\n", " ")
    implementations = [_implementation(item) for item in tables.hooks.get(name, ())]
    return {
        "name": name,
        "signature": signature,
        "sentence": sentence,
        "implementations": implementations,
    }


def _signature(function: Callable[..., Any]) -> str:
    """Return the names of the arguments; their types are in the documentation."""
    return f"({', '.join(inspect.signature(function).parameters)})"


def _implementation(item: Contribution) -> dict[str, Any]:
    return {
        "plugin": item.loaded.name,
        "on": item.on,
        "needs": item.options.needs.labels,
        "requires": list(item.options.requires),
        "history": item.options.history,
        "priority": item.options.priority,
        "reason": item.off or item.loaded.off,
    }


def _short(found: dict[str, Any]) -> str:
    notes = [name for name in found["needs"] if name != "necessary"]
    notes += ["history"] if found["history"] else []
    notes += [] if found["on"] else ["off"]
    return f"{found['plugin']} ({', '.join(notes)})" if notes else str(found["plugin"])
