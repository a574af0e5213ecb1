"""Timelines in the API: what tills, telephones and letter boxes know is written down here."""

from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow import validate

from ...access.messages import plain
from ...people.timeline import Entry
from .contacts import contact_of
from .operation import Call
from .operation import Operation
from .operation import Reply
from .operation import Strict
from .shapes import Paged
from .shapes import line
from .shapes import time


class EntryOut(marshmallow.Schema):
    """Something that happened with a contact."""

    id = fields.String()
    contact_id = fields.String()
    channel = fields.String()
    kind = fields.String()
    at = fields.DateTime()
    summary = fields.String()
    data = fields.Dict(keys=fields.String())
    operator = fields.String(allow_none=True)


class EntryQuery(Paged):
    """Entries come newest first; `since` is included, `until` not."""

    channel = line(60)
    kind = line(60)
    since = time()
    until = time()


class EntryIn(Strict):
    """What happened; the present is meant without `at`."""

    channel = fields.String(
        required=True,
        validate=validate.Length(1, 60),
        metadata={"description": "phone, shop-visit, letter, …, or one of the shop's own."},
    )
    kind = fields.String(required=True, validate=validate.Length(1, 60))
    at = time()
    summary = line(500, load_default="")
    data = fields.Dict(keys=fields.String(), load_default=dict)
    operator = line(200, metadata={"description": "Who of the shop's people was in contact."})
    key = line(200, metadata={"description": "The same key is written once."})


def _shown(entry: Entry) -> dict[str, Any]:
    return {name: plain(getattr(entry, name)) if name == "data" else getattr(entry, name)
            for name in EntryOut._declared_fields}  # fmt: skip


def _list(call: Call) -> Reply:
    page = call.rooms.services.timeline.of(contact_of(call), **call.query)
    return Reply({"data": [_shown(item) for item in page.entries], "next": page.next})


def _add(call: Call) -> Reply:
    entry = call.rooms.services.timeline.add(contact_of(call), **call.body)
    return Reply(_shown(entry))


OPERATIONS = (
    Operation("timeline_read", "GET", "/contacts/<contact>/timeline", "timeline:read",
              "Read a contact's timeline", _list, EntryOut, query=EntryQuery, paged=True),
    Operation("timeline_add", "POST", "/contacts/<contact>/timeline", "timeline:write",
              "Add to a contact's timeline", _add, EntryOut, body=EntryIn, status=201),
)  # fmt: skip
