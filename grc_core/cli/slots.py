"""`flask grc slots`: where slots are placed, who fills them, and in which order."""

from collections.abc import Iterable
from typing import Any

import click

from ..errors import GRCError
from ..errors import nearest
from ..frequency import LONGEST_DAYS
from ..loading import Contribution
from ..slots.arrangement import Arrangement
from ..slots.arrangement import limit_words
from ..slots.arrangement import limits_of
from ..slots.placing import known_slots
from ..slots.placing import places
from ..visitor import VISITOR
from .output import json_option
from .output import print_json
from .output import print_table
from .rooms import Rooms
from .rooms import rooms


@click.group("slots", invoke_without_command=True)
@json_option
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List the slots: where each is placed, and the widgets that fill it in their order."""
    if ctx.invoked_subcommand:
        return
    here = rooms()
    here.refresh()
    placed = places(here.app, here.shop, here.config)
    arrangement = _arrangement(here)
    found: list[dict[str, Any]] = [
        {
            "slot": slot,
            "known": slot in here.shop.slots,
            "placed": placed.get(slot, []),
            "widgets": [_described(item, rule) for item, rule in arrangement.of(slot)],
        }
        for slot in known_slots(here.shop, placed, here.tables)
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


def _described(item: Contribution, rule: dict[str, Any]) -> dict[str, Any]:
    return {
        "widget": item.label,
        "on": item.on,
        "hidden": rule.get("hidden", False),
        "position": rule.get("position"),
        "limits": limit_words(rule),
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
    labels = _arrangement(rooms()).move(widget, slot, position)
    click.echo(f"{slot}: {', '.join(labels)}")


@command.command()
@click.argument("widget")
@click.argument("slot", required=False)
def hide(widget: str, slot: str | None) -> None:
    """Hide WIDGET (plugin.widget) in SLOT, or everywhere."""
    slots = _arrangement(rooms()).hide(widget, slot)
    click.echo(f"{widget} is hidden in {', '.join(slots)}")


@command.command()
@click.argument("widget")
@click.argument("slot", required=False)
def show(widget: str, slot: str | None) -> None:
    """Show WIDGET (plugin.widget) again in SLOT, or everywhere."""
    slots = _arrangement(rooms()).show(widget, slot)
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
    arrangement = _arrangement(here)
    arrangement.slots_of(widget, slot)
    _check_names("endpoint", endpoints, here.app.view_functions)
    _check_names("language", locales, here.shop.locales)
    _check_names("kind", kinds, [VISITOR, *here.contacts.kinds])
    if days is not None and most is None:
        raise GRCError("--days goes with --most: how often in so many days")
    limits = limits_of(endpoints, locales, kinds, most, days)
    slots = arrangement.limit(widget, slot, limits)
    said = ", ".join(limit_words(limits)) or "no limit"
    click.echo(f"{widget} in {', '.join(slots)}: {said}")


def _check_names(what: str, given: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for name in given:
        if name not in names:
            raise GRCError(f"there is no {what} {name!r}{nearest(name, names)}")


def _arrangement(here: Rooms) -> Arrangement:
    return Arrangement(here.tables, here.settings)
