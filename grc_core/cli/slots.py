"""`flask grc slots`: where slots are placed, who fills them, and in which order."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

import click

from ..errors import GRCError
from ..errors import nearest
from ..frequency import LONGEST_DAYS
from ..loading import Contribution
from ..visitor import VISITOR
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import Rooms
from .rooms import rooms

_MARKER = re.compile(r"<grc-slot\b[^>]*\bname=[\"']?([\w.-]+)")
#: A merchant's rules: by widget, then slot.
Rules = dict[str, dict[str, dict[str, Any]]]


@click.group("slots", invoke_without_command=True)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the slots: where each is placed, and the widgets that fill it in their order."""
    if ctx.invoked_subcommand:
        return
    here = rooms()
    here.refresh()
    placed = _places(here)
    found: list[dict[str, Any]] = [
        {
            "slot": slot,
            "known": slot in here.shop.slots,
            "placed": placed.get(slot, []),
            "widgets": [_described(item, rule) for item, rule in _arranged(here, slot)],
        }
        for slot in dict.fromkeys((*here.shop.slots, *placed, *here.tables.slots))
    ]
    if as_json:
        print_json(found)
        return
    rows = [
        (_named(here, item["slot"]), ", ".join(item["placed"]) or "-",
         ", ".join(_short(widget) for widget in item["widgets"]) or "-")
        for item in found
    ]  # fmt: skip
    print_table(("slot", "placed", "filled by"), rows)


def _named(here: Rooms, slot: str) -> str:
    """Return a slot's name; one that the shop does not have is marked, with the nearest."""
    known = here.shop.slots
    return slot if slot in known else f"{slot}: unknown{nearest(slot, known)}"


def _places(here: Rooms) -> dict[str, list[str]]:
    """Return where each slot stands: endpoints of `shop.place`, templates, every page."""
    found: dict[str, list[str]] = {}
    for placement in here.shop.placements:
        where = f"{placement.where} of {placement.selector}"
        names = [f"{endpoint} ({where})" for endpoint in placement.endpoints]
        found.setdefault(placement.slot, []).extend(names)
    for slot in here.shop.slots if here.config.auto_inject else ():
        if slot.startswith("site."):
            found.setdefault(slot, []).append("every page")
    for template in here.app.jinja_env.list_templates():
        for slot in dict.fromkeys(_markers(here, template)):
            found.setdefault(slot, []).append(template)
    return found


def _markers(here: Rooms, template: str) -> list[str]:
    """Return the slots that a template marks; one that cannot be read has none."""
    loader = here.app.jinja_env.loader
    try:
        source = loader.get_source(here.app.jinja_env, template)[0] if loader else ""
    except Exception:
        return []
    return _MARKER.findall(source)


def _rules(here: Rooms) -> Rules:
    stored: Any = here.settings.stored("core").get("widgets")
    return {name: dict(slots) for name, slots in stored.items()} if stored else {}


def _arranged(here: Rooms, slot: str) -> list[tuple[Contribution, dict[str, Any]]]:
    """Return a slot's widgets, hidden ones too, in their order, with the merchant's rules."""
    rules = _rules(here)
    found = [
        (item, rules.get(item.label, {}).get(slot, {})) for item in here.tables.slots.get(slot, ())
    ]
    return sorted(found, key=lambda pair: pair[1].get("position", float("inf")))


def _described(item: Contribution, rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "widget": item.label,
        "on": item.on,
        "hidden": rule.get("hidden", False),
        "position": rule.get("position"),
        "limits": _limit_words(rule),
        "priority": item.options.priority,
        "needs": item.options.needs.labels,
        "public": item.options.public,
        "reason": item.off or item.loaded.off,
    }


def _short(widget: dict[str, Any]) -> str:
    notes = [name for name in widget["needs"] if name != "necessary"]
    notes += ["hidden"] if widget["hidden"] else []
    notes += widget["limits"]
    notes += [] if widget["on"] else ["off"]
    return f"{widget['widget']} ({', '.join(notes)})" if notes else str(widget["widget"])


@command.command()
@click.argument("widget")
@click.argument("slot")
@click.argument("position", type=click.IntRange(min=1))
def move(widget: str, slot: str, position: int) -> None:
    """Move WIDGET (plugin.widget) to a POSITION in SLOT; 1 is the top."""
    here = rooms()
    _slots_of(here, widget, slot)
    labels = [item.label for item, _ in _arranged(here, slot) if item.label != widget]
    labels.insert(position - 1, widget)
    places = {label: place for place, label in enumerate(labels, 1)}
    _store(here, places, [slot], lambda rule, label: rule.update(position=places[label]))
    click.echo(f"{slot}: {', '.join(labels)}")


@command.command()
@click.argument("widget")
@click.argument("slot", required=False)
def hide(widget: str, slot: str | None) -> None:
    """Hide WIDGET (plugin.widget) in SLOT, or everywhere."""
    here = rooms()
    slots = _slots_of(here, widget, slot)
    _store(here, [widget], slots, lambda rule, label: rule.update(hidden=True))
    click.echo(f"{widget} is hidden in {', '.join(slots)}")


@command.command()
@click.argument("widget")
@click.argument("slot", required=False)
def show(widget: str, slot: str | None) -> None:
    """Show WIDGET (plugin.widget) again in SLOT, or everywhere."""
    here = rooms()
    slots = _slots_of(here, widget, slot)
    _store(here, [widget], slots, lambda rule, label: rule.pop("hidden", None))
    click.echo(f"{widget} shows in {', '.join(slots)}")


@command.command()
@click.argument("widget")
@click.argument("slot", required=False)
@click.option(
    "--page",
    "endpoints",
    multiple=True,
    metavar="ENDPOINT",
    help="Show it on pages of this endpoint only; may be given again.",
)
@click.option("--language", "locales", multiple=True, help="Show it in this language only.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Show it to contacts of this kind only; `visitor` is who is no contact.",
)
@click.option("--most", type=click.IntRange(min=1), help="Show it so often to one browser…")
@click.option(
    "--days", type=click.IntRange(1, LONGEST_DAYS), help="…in so many days; 1 unless given."
)
def limit(
    widget: str,
    slot: str | None,
    endpoints: tuple[str, ...],
    locales: tuple[str, ...],
    kinds: tuple[str, ...],
    most: int | None,
    days: int | None,
) -> None:
    """Limit WIDGET (plugin.widget) in SLOT, or everywhere; without an option, lift its limits."""
    here = rooms()
    slots = _slots_of(here, widget, slot)
    _check_names("endpoint", endpoints, here.app.view_functions)
    _check_names("language", locales, here.shop.locales)
    _check_names("kind", kinds, [VISITOR, *here.contacts.kinds])
    if days is not None and most is None:
        raise GRCError("--days goes with --most: how often in so many days")
    given = {
        "endpoints": list(endpoints),
        "locales": list(locales),
        "kinds": list(kinds),
        "most": most,
        "days": (days or 1) if most else None,
    }
    limits = {name: value for name, value in given.items() if value}

    def replace(rule: dict[str, Any], label: str) -> None:
        for name in given:
            rule.pop(name, None)
        rule.update(limits)

    _store(here, [widget], slots, replace)
    said = ", ".join(_limit_words(limits)) or "no limit"
    click.echo(f"{widget} in {', '.join(slots)}: {said}")


def _check_names(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for name in given:
        if name not in names:
            raise GRCError(f"there is no {what} {name!r}{nearest(name, names)}")


def _limit_words(rule: Mapping[str, Any]) -> list[str]:
    """Return a rule's limits in words."""
    words = {"endpoints": "on", "locales": "in", "kinds": "for"}
    found = [f"{word} {' and '.join(rule[name])}" for name, word in words.items() if rule.get(name)]
    if rule.get("most"):
        found.append(f"at most {rule['most']} times in {rule.get('days', 1)} days")
    return found


def _slots_of(here: Rooms, widget: str, slot: str | None) -> list[str]:
    """Return the widget's slots, or the one that was named; raise naming the nearest."""
    filled: dict[str, list[str]] = {}
    for name, items in here.tables.slots.items():
        for item in items:
            filled.setdefault(item.label, []).append(name)
    if widget not in filled:
        raise GRCError(f"there is no widget {widget!r}{nearest(widget, filled)}")
    if slot is not None and slot not in filled[widget]:
        hint = nearest(slot, filled[widget])
        raise GRCError(f"{widget} does not fill {slot!r}, but {', '.join(filled[widget])}{hint}")
    return [slot] if slot else filled[widget]


def _store(
    here: Rooms,
    widgets: Any,
    slots: list[str],
    change: Callable[[dict[str, Any], str], object],
) -> None:
    """Change the rules of widgets in slots, for every process; other settings stay."""
    rules = _rules(here)
    for label in widgets:
        for slot in slots:
            rule = dict(rules.setdefault(label, {}).get(slot) or {})
            change(rule, label)
            rules[label][slot] = rule
    here.settings.store("core", {**here.settings.stored("core"), "widgets": rules})
