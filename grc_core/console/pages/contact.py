"""One contact: who they are, what happened, and what staff may do."""

import logging
from collections.abc import Callable
from typing import Any

from markupsafe import Markup
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import NotFound

from ...errors import InvalidContact
from ...people.contact import Contact
from ...values import Subject
from ..console import Console
from ..rooms import Rooms

log = logging.getLogger("grc")
_SHOWN = 25


class NoteForm(Schema):
    """A note of somebody who was in contact."""

    channel = fields.Str(required=True, metadata={"label": "Channel"})
    summary = fields.Str(
        required=True,
        validate=validate.Length(1, 500),
        metadata={"label": "Note", "lines": True},
    )


def contact(console: Console, rooms: Rooms, id: str) -> Any:
    """Show one contact, and do what a button says."""
    found = rooms.contacts.by_id(id)
    if found is None:
        raise NotFound
    if console.action in _ACTIONS:
        return _ACTIONS[console.action](console, rooms, found)
    form = _note_form(console, rooms)
    if form.accepted:
        data = form.data
        rooms.timeline.add(found, data["channel"], "note", summary=data["summary"],
                           operator=console.staff.name)  # fmt: skip
        console.audit("note added", f"contact {found.id}", about=_about(found))
        return console.done("The note is kept.")
    after = console.request.args.get("after")
    try:
        page = rooms.timeline.of(found, after=after, limit=_SHOWN)
    except InvalidContact:
        raise NotFound from None
    return "contact.html", {"found": found, "form": form, "page": page, "after": after,
                            "panels": _panels(rooms, found)}  # fmt: skip


def _note_form(console: Console, rooms: Rooms) -> Any:
    schema = NoteForm()
    schema.fields["channel"].validators.append(validate.OneOf(list(rooms.timeline.channels)))
    return console.form(schema, {"channel": "phone"}, name="note", submit="Keep the note")


def _panels(rooms: Rooms, found: Contact) -> list[tuple[str, Any]]:
    """Return what plugins show: each a title and markup, or markup below the plugin's name."""
    panels: list[tuple[str, Any]] = []
    for name, answer in rooms.calls.collect_named("contact_panels", contact=found):
        for item in [answer] if isinstance(answer, str) else answer or ():
            panels.append(_panel(name.replace("_", " ").capitalize(), item))
    return panels


def _panel(name: str, item: Any) -> tuple[str, Any]:
    if isinstance(item, tuple) and len(item) == 2:
        name, item = str(item[0]), item[1]
    return name, item if isinstance(item, Markup) else str(item)


def _suppress(console: Console, rooms: Rooms, found: Contact) -> Any:
    reason = console.request.form.get("reason", "").strip()[:200]
    if not reason:
        return console.done("Nothing was changed: say why.")
    rooms.contacts.suppress(found, reason)
    console.audit("suppressed", f"contact {found.id}", None, {"reason": reason}, _about(found))
    return console.done("No promotion reaches this contact now.", undo={"_action": "lift"})


def _lift(console: Console, rooms: Rooms, found: Contact) -> Any:
    reasons = [item.reason for item in found.suppressions]
    count = rooms.contacts.lift(found)
    if count:
        console.audit("suppression lifted", f"contact {found.id}", {"reasons": reasons}, None,
                      _about(found))  # fmt: skip
    return console.done("Promotion may reach this contact again.")


def _tag(console: Console, rooms: Rooms, found: Contact) -> Any:
    tag = console.request.form.get("tag", "").strip()
    try:
        rooms.contacts.tag(found, tag)
    except InvalidContact:
        return console.done("Nothing was changed: a tag is a short word.")
    console.audit("tagged", f"contact {found.id}", None, {"tag": tag}, _about(found))
    text = console.translate("The tag %(tag)s is given.", tag=tag)
    return console.done(text, undo={"_action": "untag", "tag": tag})


def _untag(console: Console, rooms: Rooms, found: Contact) -> Any:
    tag = console.request.form.get("tag", "")
    rooms.contacts.untag(found, tag)
    console.audit("untagged", f"contact {found.id}", {"tag": tag}, None, _about(found))
    text = console.translate("The tag %(tag)s is taken away.", tag=tag)
    return console.done(text, undo={"_action": "tag", "tag": tag})


def _about(found: Contact) -> Subject:
    return Subject("contact", found.id)


_ACTIONS: dict[str | None, Callable[[Console, Rooms, Contact], Any]] = {
    "suppress": _suppress,
    "lift": _lift,
    "tag": _tag,
    "untag": _untag,
}
