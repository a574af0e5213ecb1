"""Find people and companies."""

from typing import Any
from urllib.parse import urlencode

from ...errors import InvalidContact
from ...people.stages import STAGES
from ..console import Console
from ..rooms import Rooms

_SIZE = 25


def contacts(console: Console, rooms: Rooms) -> Any:
    """Search by words of names and addresses, an order's number, kind, stage and tag."""
    asked = {
        name: console.request.args.get(name, "").strip()[:200]
        for name in ("q", "kind", "stage", "tag", "after")
    }
    found, following = _search(rooms, {name: value or None for name, value in asked.items()})
    shared = {name: value for name, value in asked.items() if value and name != "after"}
    later = urlencode({**shared, "after": following or ""})
    return "contacts.html", {
        "found": found,
        "asked": asked,
        "kinds": rooms.contacts.kinds,
        "stages": STAGES,
        "next": f"{console.path}?{later}" if following else None,
    }


def _search(rooms: Rooms, asked: dict[str, Any]) -> tuple[list[Any], str | None]:
    people = rooms.contacts
    text = asked.pop("q")
    try:
        page = people.search(text, **asked, limit=_SIZE)
    except InvalidContact:  # an address that somebody changed by hand
        return [], None
    found = list(page.contacts)
    if not found and text and (buyer := people.by_order(text)):
        found = [buyer]
    return found, page.next
