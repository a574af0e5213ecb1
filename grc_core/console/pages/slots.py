"""Where widgets stand: their order, hidden or shown, limited to whom."""

from typing import Any

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import NotFound

from ...errors import GRCError
from ...frequency import LONGEST_DAYS
from ...loading import Contribution
from ...rendering import current_locale
from ...slots.arrangement import Arrangement
from ...slots.arrangement import limits_of
from ...slots.placing import known_slots
from ...slots.placing import places
from ...visitor import VISITOR
from ..console import Console
from ..rooms import Rooms


def slots(console: Console, rooms: Rooms) -> Any:
    """Show the slots with their widgets, and move, hide or show one."""
    arrangement = Arrangement(rooms.tables, rooms.settings)
    if console.action is not None:
        return _changed(console, arrangement)
    placed = places(rooms.app, rooms.shop, rooms.config)
    found = [
        {
            "name": slot,
            "placed": placed.get(slot, []),
            "widgets": [_described(*pair) for pair in arrangement.of(slot)],
        }
        for slot in known_slots(rooms.shop, placed, rooms.tables)
    ]
    filled = [item for item in found if item["widgets"]]
    return "slots.html", {"filled": filled, "bare": [s for s in found if not s["widgets"]]}


def _described(item: Contribution, rule: dict[str, Any]) -> dict[str, Any]:
    said = (item.call.__doc__ or "").strip().partition("\n")[0]
    return {
        "label": item.label,
        "says": said,
        "on": item.on,
        "reason": item.off or item.loaded.off,
        "hidden": bool(rule.get("hidden")),
        "rule": rule,
        "needs": [name for name in item.options.needs.labels if name != "necessary"],
    }


def _changed(console: Console, arrangement: Arrangement) -> Any:
    """Do what a button of the page says; each is undone by its opposite."""
    form = console.request.form
    widget, slot = form.get("widget", ""), form.get("slot", "")
    try:
        before = [item.label for item, _ in arrangement.of(slot)]
        if console.action == "move":
            wanted = form.get("position", "")
            number = int(wanted) if wanted.isdecimal() and len(wanted) < 4 else 1
            after = arrangement.move(widget, slot, max(1, number))
            back = {"_action": "move", "position": str(before.index(widget) + 1)}
            console.audit("widget moved", f"{widget} in {slot}", before, after)
            text = "%(widget)s is number %(number)s in %(slot)s now."
            text = console.translate(text, widget=widget, slot=slot, number=after.index(widget) + 1)
        elif console.action == "hide":
            arrangement.hide(widget, slot)
            back = {"_action": "show"}
            console.audit("widget hidden", f"{widget} in {slot}")
            text = console.translate("%(widget)s is hidden in %(slot)s.", widget=widget, slot=slot)
        else:
            arrangement.show(widget, slot)
            back = {"_action": "hide"}
            console.audit("widget shown", f"{widget} in {slot}")
            text = console.translate("%(widget)s shows in %(slot)s.", widget=widget, slot=slot)
    except GRCError:
        raise NotFound from None
    return console.done(text, undo={**back, "widget": widget, "slot": slot})


def limit(console: Console, rooms: Rooms, slot: str, widget: str) -> Any:
    """Say on which pages, in which languages, to whom and how often a widget shows."""
    arrangement = Arrangement(rooms.tables, rooms.settings)
    try:
        arrangement.slots_of(widget, slot)
    except GRCError:
        raise NotFound from None
    before = arrangement.rule(widget, slot)
    form = console.form(_schema(rooms), {"days": 1, **before})
    if form.accepted:
        data = form.data
        limits = limits_of(data["endpoints"], data["locales"], data["kinds"], data["most"],
                           data["days"])  # fmt: skip
        arrangement.limit(widget, slot, limits)
        after = arrangement.rule(widget, slot)
        console.audit("widget limited", f"{widget} in {slot}", before, after)
        return console.done("The limits are saved.", to=console.url("slots"))
    return "limit.html", {"form": form, "slot": slot, "widget": widget}


def _language(tag: str) -> str:
    """Return a language's name in the language of the page."""
    from babel import Locale

    return Locale.parse(tag, sep="-").get_display_name(current_locale().replace("-", "_")) or tag


def _schema(rooms: Rooms) -> Schema:
    """Return the form's schema; what may be chosen is the shop's."""
    pages = sorted(name for name in rooms.app.view_functions if not name.startswith("grc."))
    locales = list(rooms.shop.locales)
    names = [_language(tag) for tag in locales]
    kinds = [VISITOR, *rooms.contacts.kinds]
    several: dict[str, Any] = {"load_default": list}

    def given(label: str, help: str) -> dict[str, str]:
        return {"label": label, "description": help}

    return Schema.from_dict(
        {
            "locales": fields.List(
                fields.Str(validate=validate.OneOf(locales, names)), **several,
                metadata=given("Languages", "None chosen: all."),
            ),
            "kinds": fields.List(
                fields.Str(validate=validate.OneOf(kinds)), **several,
                metadata=given("Who sees it", "None chosen: everybody. A visitor is who is no "
                               "contact yet."),
            ),
            "endpoints": fields.List(
                fields.Str(validate=validate.OneOf(pages)), **several,
                metadata={**given("Pages", "Names of pages as the shop’s developer knows them; "
                                  "empty: all pages of the slot."), "lines": True},
            ),
            "most": fields.Int(
                load_default=None, allow_none=True, validate=validate.Range(1, 999),
                metadata=given("At most so many times to one browser", "Empty: each time. Counted "
                               "only where the visitor agreed to preferences."),
            ),
            "days": fields.Int(
                load_default=1, validate=validate.Range(1, LONGEST_DAYS),
                metadata=given("In so many days", ""),
            ),
        }
    )()  # fmt: skip
