"""The webhooks of a shop: which address is told of which events."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta

from flask import Flask
from sqlalchemy import Connection
from sqlalchemy import RowMapping
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from ..clock import Clock
from ..errors import GRCError
from ..errors import nearest
from ..settings import Counters
from ..storage.access_models import WebhookAttemptRow
from ..storage.access_models import WebhookRow
from ..storage.engine import Database
from .addresses import checked_url
from .signing import webhook_keys

#: What may be subscribed to, and the hook that each event arrives as.
EVENTS = {
    "order": "on_order",
    "signup": "on_signup",
    "refund": "on_refund",
    "shipment": "on_shipment",
    "consent": "on_consent",
}
#: After a rotation the key before signs too, for so long unless told otherwise.
BOTH_KEYS = timedelta(hours=24)
MOST_WEBHOOKS = 50
_LONGEST_DESCRIPTION = 200


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events."""

    id: str
    url: str
    events: tuple[str, ...]
    description: str
    key_number: int
    both_until: datetime | None
    created_at: datetime
    paused_at: datetime | None = None
    wait_until: datetime | None = None


class NoSuchWebhook(GRCError):
    """Raise for an id that no webhook has."""


class Webhooks:
    """List and change the webhooks of one app.

    Every change may join the transaction of a `connection`; without one it has its own.
    """

    def __init__(self, app: Flask, database: Database, counters: Counters, clock: Clock) -> None:
        self._app = app
        self._database = database
        self._counters = counters
        self._clock = clock

    def add(
        self,
        connection: Connection,
        url: str,
        events: Sequence[str],
        description: str = "",
        loopback: bool = False,
    ) -> tuple[Webhook, str]:
        """Add a webhook and return it with its key, which is shown here and never again.

        Raises GRCError for an address that is not allowed, an unknown event or one too many.
        """
        id = secrets.token_hex(8)
        key = webhook_keys(self._app, id, 1)[0]
        values = _checked(url, events, description, loopback)
        if len(_all(connection)) >= MOST_WEBHOOKS:
            raise GRCError(f"there are {MOST_WEBHOOKS} webhooks already; remove one first")
        row = {"id": id, **values, "key_number": 1, "created_at": self._clock()}
        connection.execute(insert(WebhookRow).values(**row))
        self._tell(connection)
        return find(connection, id), key

    def all(self) -> list[Webhook]:
        """Return every webhook, the oldest first."""
        with self._database.read() as connection:
            return _all(connection)

    def get(self, id: str) -> Webhook:
        """Return one webhook; raise NoSuchWebhook where there is none."""
        with self._database.read() as connection:
            return find(connection, id)

    def change(
        self,
        connection: Connection,
        id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        paused: bool | None = None,
        loopback: bool = False,
    ) -> Webhook:
        """Change what is given; pausing keeps what waits, and records nothing new meanwhile."""
        old = find(connection, id)
        values: dict[str, object] = dict(
            _checked(
                old.url if url is None else url,
                old.events if events is None else events,
                old.description if description is None else description,
                loopback,
            )
        )
        if paused is not None:
            values["paused_at"] = (old.paused_at or self._clock()) if paused else None
        if paused is False or url is not None:
            values["wait_until"] = None
        connection.execute(update(WebhookRow).where(WebhookRow.id == id).values(**values))
        self._tell(connection)
        return find(connection, id)

    def rotate(
        self, connection: Connection, id: str, both: timedelta = BOTH_KEYS
    ) -> tuple[str, datetime]:
        """Return a new key, and until when the present one signs beside it."""
        old, until = find(connection, id), self._clock() + both
        values = {"key_number": old.key_number + 1, "both_until": until}
        connection.execute(update(WebhookRow).where(WebhookRow.id == id).values(**values))
        return webhook_keys(self._app, id, old.key_number + 1)[0], until

    def remove(self, connection: Connection, id: str) -> None:
        """Remove a webhook with what it answered; what waits for it is never sent."""
        find(connection, id)
        connection.execute(delete(WebhookAttemptRow).where(WebhookAttemptRow.webhook == id))
        connection.execute(delete(WebhookRow).where(WebhookRow.id == id))
        self._tell(connection)

    def keys(self, webhook: Webhook) -> list[str]:
        """Return the keys that sign now, the newest first."""
        found = webhook_keys(self._app, webhook.id, webhook.key_number)
        if webhook.both_until is not None and webhook.both_until > self._clock():
            found += webhook_keys(self._app, webhook.id, webhook.key_number - 1)
        return found

    def _tell(self, connection: Connection) -> None:
        """Let every process look again at which events are asked for."""
        self._counters.bump(connection, "webhooks")


def find(connection: Connection, id: str) -> Webhook:
    """Return a webhook; raise NoSuchWebhook where there is none."""
    row = connection.execute(_ROWS.where(WebhookRow.id == id)).mappings().first()
    if row is None:
        known = [webhook.id for webhook in _all(connection)]
        hint = nearest(id, known)
        raise NoSuchWebhook(
            f"there is no webhook {id!r}{hint}; list them with: flask grc webhooks list"
        )
    return _webhook(row)


_ROWS = select(WebhookRow.__table__)


def _all(connection: Connection) -> list[Webhook]:
    ordered = _ROWS.order_by(WebhookRow.created_at, WebhookRow.id)
    return [_webhook(row) for row in connection.execute(ordered).mappings()]


def _webhook(row: RowMapping) -> Webhook:
    values = {name: row[name] for name in Webhook.__dataclass_fields__}
    return Webhook(**{**values, "events": tuple(row["events"].split())})


def _checked(url: str, events: Sequence[str], description: str, loopback: bool) -> dict[str, str]:
    checked_url(url, loopback)
    for name in events:
        if name not in EVENTS:
            known = ", ".join(EVENTS)
            raise GRCError(f"unknown event {name!r}{nearest(name, EVENTS)}; known are {known}")
    if not events:
        raise GRCError(f"a webhook without events is told nothing; choose from {', '.join(EVENTS)}")
    if len(description) > _LONGEST_DESCRIPTION:
        raise GRCError(f"a description has at most {_LONGEST_DESCRIPTION} characters")
    return {"url": url, "events": " ".join(sorted(set(events))), "description": description}
