"""Contacts in the API: search, read, create, change."""

from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import NotFound

from ...access.messages import plain
from ...people.contact import FOREVER
from ...people.contact import Contact
from ...people.contacts import Contacts
from .operation import Call
from .operation import Operation
from .operation import Reply
from .operation import Strict
from .shapes import MoneyOut
from .shapes import Paged
from .shapes import line

_STATS = ("orders", "revenue", "refunded", "margin", "first_order_at", "last_order_at",
          "first_seen_at", "visits", "contacts", "last_contact_at")  # fmt: skip


class StatsOut(marshmallow.Schema):
    """What a contact amounts to; margin is null where no cost is known."""

    orders = fields.Integer()
    revenue = fields.Nested(MoneyOut)
    refunded = fields.Nested(MoneyOut)
    margin = fields.Nested(MoneyOut, allow_none=True)
    first_order_at = fields.DateTime(allow_none=True)
    last_order_at = fields.DateTime(allow_none=True)
    first_seen_at = fields.DateTime(allow_none=True)
    visits = fields.Integer()
    contacts = fields.Integer()
    last_contact_at = fields.DateTime(allow_none=True)


class ContactOut(marshmallow.Schema):
    """A person or company."""

    id = fields.String()
    kind = fields.String()
    stage = fields.String()
    name = fields.String(allow_none=True)
    emails = fields.List(fields.String())
    locale = fields.String(allow_none=True)
    owner = fields.String(allow_none=True)
    tags = fields.List(fields.String())
    fields_ = fields.Dict(keys=fields.String(), data_key="fields")
    customer_ids = fields.List(fields.String())
    suppressed = fields.Boolean()
    suppressed_until = fields.DateTime(allow_none=True)
    unsubscribed_at = fields.DateTime(allow_none=True)
    stats = fields.Nested(StatsOut)


class ContactQuery(Paged):
    """Everything given must hold."""

    text = line(200, metadata={"description": "Beginnings of words of names and addresses."})
    email = line(254, metadata={"description": "An address in full; the others are not used."})
    order = line(200, metadata={"description": "An order's id; the others are not used."})
    tag = line(60)
    kind = line(60)
    stage = line(60)
    owner = line(200)
    field = fields.String(
        validate=validate.Regexp(r"[^:]{1,60}:.{1,500}\Z"),
        metadata={"description": "A custom field's name and value: `size:42`."},
    )


class ContactChange(Strict):
    """What is given is changed; null clears. `tags` replaces all."""

    name = line(200, allow_none=True)
    email = line(254, metadata={"description": "Added as the newest address, not proven."})
    kind = line(60)
    locale = line(60, allow_none=True)
    owner = line(200, allow_none=True)
    tags = fields.List(line(60), validate=validate.Length(max=100))
    fields_ = fields.Dict(
        keys=line(60), values=fields.Raw(allow_none=True), data_key="fields",
        validate=validate.Length(max=100),
    )  # fmt: skip


class ContactIn(ContactChange):
    """A new contact; it needs a name or an address."""

    @marshmallow.validates_schema
    def named(self, data: dict[str, Any], **options: Any) -> None:
        """Refuse a contact that nobody could find again."""
        del options
        if not (data.get("name") or data.get("email")):
            raise marshmallow.ValidationError("A contact needs a name or an e-mail address.")


def _contacts(call: Call) -> Contacts:
    found: Contacts = call.rooms.services.contacts
    return found


def contact_of(call: Call) -> Contact:
    """Return the contact that the address names, or raise NotFound."""
    found = _contacts(call).by_id(call.path["contact"])
    if found is None:
        raise NotFound(f"There is no contact {call.path['contact']!r}.")
    return found


def _shown(contact: Contact) -> dict[str, Any]:
    names = ("id", "kind", "stage", "name", "emails", "locale", "owner", "tags", "customer_ids")
    until = contact.suppressed_until
    return {
        **{name: getattr(contact, name) for name in names},
        "fields_": plain(contact.fields),
        "suppressed": until is not None,
        "suppressed_until": None if until == FOREVER else until,
        "unsubscribed_at": contact.unsubscribed_at,
        "stats": {name: getattr(contact.stats, name) for name in _STATS},
    }


def _search(call: Call) -> Reply:
    query = dict(call.query)
    email, order = query.pop("email", None), query.pop("order", None)
    if email or order:
        one = _contacts(call).by_order(order) if order else None
        found = _contacts(call).by_email(email) if email else [one] if one else []
        return Reply({"data": [_shown(item) for item in found], "next": None})
    name, _, value = query.pop("field", "").partition(":")
    page = _contacts(call).search(
        query.pop("text", None), field={name: value} if name else None, **query
    )
    return Reply({"data": [_shown(item) for item in page.contacts], "next": page.next})


def _read(call: Call) -> Reply:
    return Reply(_shown(contact_of(call)))


def _create(call: Call) -> Reply:
    made = _written(call, None)
    return Reply(_shown(made), {"Location": f"contacts/{made.id}"})


def _change(call: Call) -> Reply:
    return Reply(_shown(_written(call, contact_of(call))))


def _written(call: Call, contact: Contact | None) -> Contact:
    contacts, body = _contacts(call), dict(call.body)
    tags, custom = body.pop("tags", None), body.pop("fields_", {})
    given: dict[str, Any] = {name: value or "" for name, value in body.items()}
    saved = contacts.save(contact, **given)
    if tags is not None:
        contacts.untag(saved, *(tag for tag in saved.tags if tag not in tags))
        contacts.tag(saved, *tags)
    for name, value in custom.items():
        contacts.set_field(saved, name, value)
    return contacts.by_id(saved.id) or saved


OPERATIONS = (
    Operation("contacts_search", "GET", "/contacts", "contacts:read", "Search contacts", _search,
              ContactOut, query=ContactQuery, paged=True),
    Operation("contact_create", "POST", "/contacts", "contacts:write", "Create a contact",
              _create, ContactOut, body=ContactIn, status=201),
    Operation("contact_read", "GET", "/contacts/<contact>", "contacts:read", "Read a contact",
              _read, ContactOut),
    Operation("contact_change", "PATCH", "/contacts/<contact>", "contacts:write",
              "Change a contact", _change, ContactOut, body=ContactChange),
)  # fmt: skip
