"""Webhooks in the API: list, add, change, rotate, remove, and what was answered."""

from typing import Any

import marshmallow
from marshmallow import fields
from marshmallow import validate
from sqlalchemy import Connection

from ...access.addresses import refuse_private
from ...access.attempts import Attempt
from ...access.attempts import latest_attempts
from ...access.webhooks import EVENTS
from ...access.webhooks import Webhook
from ...storage.sessions import current_session
from .operation import Call
from .operation import Operation
from .operation import Reply
from .operation import Strict
from .shapes import line

_EVENT = validate.OneOf(list(EVENTS))


class WebhookOut(marshmallow.Schema):
    """An address that is told of events; `key` is shown once."""

    id = fields.String()
    url = fields.String()
    events = fields.List(fields.String(validate=_EVENT))
    description = fields.String()
    paused = fields.Boolean()
    created_at = fields.DateTime()
    key = fields.String()


class KeyOut(marshmallow.Schema):
    """A new key; the one before signs too until `both_until`."""

    key = fields.String()
    both_until = fields.DateTime()


class AttemptOut(marshmallow.Schema):
    """One try to tell a webhook of something."""

    id = fields.Integer()
    message = fields.String()
    type = fields.String()
    at = fields.DateTime()
    milliseconds = fields.Integer()
    status = fields.Integer(allow_none=True)
    answer = fields.String()
    error = fields.String(allow_none=True)


class WebhookChange(Strict):
    """What is given is changed."""

    url = fields.String(validate=validate.Length(1, 2000))
    events = fields.List(fields.String(validate=_EVENT), validate=validate.Length(1, 10))
    description = line(200)
    paused = fields.Boolean()


class WebhookIn(Strict):
    """A new webhook."""

    url = fields.String(required=True, validate=validate.Length(1, 2000))
    events = fields.List(
        fields.String(validate=_EVENT), required=True, validate=validate.Length(1, 10)
    )
    description = line(200, load_default="")


class AttemptQuery(Strict):
    """How many of the latest attempts."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))


def _connection() -> Connection:
    return current_session().connection()


def _shown(webhook: Webhook) -> dict[str, Any]:
    names = ("id", "url", "events", "description", "created_at")
    found = {name: getattr(webhook, name) for name in names}
    return {**found, "paused": webhook.paused_at is not None}


def _list(call: Call) -> Reply:
    found = [_shown(item) for item in call.rooms.webhooks.all()]
    return Reply({"data": found, "next": None})


def _add(call: Call) -> Reply:
    rooms = call.rooms
    refuse_private(call.body["url"], rooms.loopback)
    webhook, key = rooms.webhooks.add(_connection(), loopback=rooms.loopback, **call.body)
    return Reply(_shown(webhook), {"Location": f"webhooks/{webhook.id}"}, {"key": key})


def _read(call: Call) -> Reply:
    return Reply(_shown(call.rooms.webhooks.get(call.path["webhook"])))


def _change(call: Call) -> Reply:
    rooms, id = call.rooms, call.path["webhook"]
    if "url" in call.body:
        refuse_private(call.body["url"], rooms.loopback)
    changed = rooms.webhooks.change(_connection(), id, loopback=rooms.loopback, **call.body)
    return Reply(_shown(changed))


def _remove(call: Call) -> Reply:
    call.rooms.webhooks.remove(_connection(), call.path["webhook"])
    return Reply()


def _rotate(call: Call) -> Reply:
    key, until = call.rooms.webhooks.rotate(_connection(), call.path["webhook"])
    return Reply({"both_until": until}, once={"key": key})


def _attempts(call: Call) -> Reply:
    webhook = call.rooms.webhooks.get(call.path["webhook"])
    found = latest_attempts(call.rooms.database, webhook.id, call.query["limit"])
    return Reply({"data": [_attempt(item) for item in found], "next": None})


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {name: getattr(attempt, name) for name in AttemptOut._declared_fields}


_SCOPE = "webhooks:manage"
OPERATIONS = (
    Operation("webhooks_list", "GET", "/webhooks", _SCOPE, "List the webhooks", _list,
              WebhookOut, paged=True),
    Operation("webhook_add", "POST", "/webhooks", _SCOPE, "Add a webhook", _add, WebhookOut,
              body=WebhookIn, status=201),
    Operation("webhook_read", "GET", "/webhooks/<webhook>", _SCOPE, "Read a webhook", _read,
              WebhookOut),
    Operation("webhook_change", "PATCH", "/webhooks/<webhook>", _SCOPE, "Change a webhook",
              _change, WebhookOut, body=WebhookChange),
    Operation("webhook_remove", "DELETE", "/webhooks/<webhook>", _SCOPE, "Remove a webhook",
              _remove, None, status=204),
    Operation("webhook_rotate", "POST", "/webhooks/<webhook>/rotate", _SCOPE,
              "Make a new key; the present one stays valid for a day", _rotate, KeyOut),
    Operation("webhook_attempts", "GET", "/webhooks/<webhook>/attempts", _SCOPE,
              "List what was answered last", _attempts, AttemptOut, query=AttemptQuery,
              paged=True),
)  # fmt: skip
