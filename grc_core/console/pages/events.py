"""What was delivered, what waits, and what needs a person: dead letters."""

import json
from typing import Any

from werkzeug.exceptions import NotFound

from ...errors import GRCError
from ...outbox import ledger
from ...staff import OWNER
from ..console import Console
from ..rooms import Rooms
from ..tables import Action
from ..tables import Column

_ACTIONS = (
    Action("retry", "Try again"),
    Action("drop", "Drop", "What is dropped is never delivered, unless you try it again by hand.",
           dangerous=True),
)  # fmt: skip


def events(console: Console, rooms: Rooms) -> Any:
    """List deliveries; retry or drop chosen ones."""
    if console.action in ("retry", "drop"):
        return _changed(console, rooms, _numbers(console.chosen))
    totals = ledger.totals(rooms.database)
    columns = (
        Column("id", "Number", "id", link=lambda row: console.url("event", id=row.id)),
        Column("occurred_at", "Happened", "time"),
        Column("type", "Event", search=True, choices=sorted(rooms.tables.events)),
        Column("subscriber", "Plugin", search=True,
               choices=sorted({item.subscriber for item in totals})),
        Column("state", "State", "state", choices=ledger.STATES),
        Column("attempts", "Attempts", "number"),
        Column("error", "Error", search=True),
        Column("key", "Key", search=True, sort=False),
    )  # fmt: skip
    table = console.table(columns, ledger.listed(), actions=_ACTIONS, sort="-id",
                          empty="No event was delivered yet.")  # fmt: skip
    return "events.html", {"found": table, "totals": totals}


def event(console: Console, rooms: Rooms, id: int) -> Any:
    """Show one delivery with what its event says; retry or drop it."""
    try:
        found = ledger.show(rooms.database, id)
    except GRCError:
        raise NotFound from None
    if console.action in ("retry", "drop"):
        return _changed(console, rooms, [id])
    payload = _indented(found.payload) if OWNER in console.roles else None
    return "event.html", {"found": found, "payload": payload, "may_read": OWNER in console.roles}


def _indented(payload: str | None) -> str | None:
    if payload is None:
        return None
    try:
        return json.dumps(json.loads(payload), indent=2, ensure_ascii=False)
    except ValueError:
        return payload


def _changed(console: Console, rooms: Rooms, ids: list[int]) -> Any:
    now = rooms.clock()
    if console.action == "retry":
        count = ledger.retry(rooms.database, ids, now) if ids else 0
        text = "Deliveries tried again: %(count)s."
    else:
        count = ledger.drop(rooms.database, ids, now) if ids else 0
        text = "Deliveries dropped: %(count)s."
    if count:
        console.audit(f"deliveries {'retried' if console.action == 'retry' else 'dropped'}",
                      f"deliveries {', '.join(map(str, ids))}")  # fmt: skip
    undo = {"_action": "retry", "_id": [str(id) for id in ids]}
    may_undo = console.action == "drop" and count
    return console.done(console.translate(text, count=count), undo=undo if may_undo else None,
                        undo_url=console.url("events"))  # fmt: skip


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]
