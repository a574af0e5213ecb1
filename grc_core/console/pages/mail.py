"""What was sent, what would be sent, and why something was not."""

from typing import Any

from flask import Response
from werkzeug.exceptions import NotFound

from ...errors import GRCError
from ...mail import ledger
from ...mail.addresses import masked
from ...mail.settings import why_kept
from ...staff import OWNER
from ..console import Console
from ..rooms import Rooms
from ..tables import Action
from ..tables import Column

#: A message may carry styles of its own; it may do nothing else, nor fetch anything.
_FRAME = ("sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
          "frame-ancestors 'self'")  # fmt: skip
_ACTIONS = (Action("retry", "Send again", "They are sent once more, to who has them already too."),)


def mail(console: Console, rooms: Rooms) -> Any:
    """List messages; send chosen ones again."""
    if console.action == "retry":
        ids = [int(text) for text in console.chosen if text.isdecimal() and len(text) < 19]
        return _again(console, rooms, ids)
    columns = (
        Column("id", "Number", "id", link=lambda row: console.url("message", id=row.id)),
        Column("created_at", "Written", "time"),
        Column("state", "State", "state", choices=ledger.STATES),
        Column("kind", "Kind", choices=("transactional", "commercial"),
               value=lambda row: console.translate(row.kind)),
        Column("address", "To", value=lambda row: masked(row.address), sort=False),
        Column("subject", "Subject", search=True),
        Column("reason", "Why", search=True),
    )  # fmt: skip
    table = console.table(columns, ledger.listed(), actions=_ACTIONS, sort="-id",
                          empty="No message was written yet.")  # fmt: skip
    totals = ledger.totals(rooms.database)
    return "mail.html", {"found": table, "totals": totals, "kept": why_kept(rooms.app.config)}


def message(console: Console, rooms: Rooms, id: int) -> Any:
    """Show one message as it was, or would be, sent.

    Its text holds links that act for their reader: others of the staff see the rest only.
    """
    found = _found(rooms, id)
    if console.action == "retry":
        return _again(console, rooms, [id])
    context = {"found": found, "address": masked(found.message.address)}
    return "message.html", {**context, "may_read": OWNER in console.roles}


def message_html(console: Console, rooms: Rooms, id: int) -> Any:
    """Answer with a message's HTML alone, for the frame that shows it."""
    html = _found(rooms, id).html
    if not html or OWNER not in console.roles:
        raise NotFound
    response = Response(html, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = _FRAME
    return response


def _found(rooms: Rooms, id: int) -> ledger.Detail:
    try:
        return ledger.show(rooms.database, id)
    except GRCError:
        raise NotFound from None


def _again(console: Console, rooms: Rooms, ids: list[int]) -> Any:
    found = ledger.retry(rooms.database, rooms.outbox, ids, rooms.clock()) if ids else []
    for item in found:
        rooms.contacts.addresses.revive(item.address)
    if found:
        numbers = ", ".join(str(item.id) for item in found)
        console.audit("messages sent again", f"messages {numbers}")
    return console.done(
        console.translate("Messages to be sent again: %(count)s.", count=len(found))
    )
