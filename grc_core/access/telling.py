"""Tell webhooks of events: deferred work, recorded in the event's own transaction."""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from .. import events
from ..adapter import Adapter
from ..clock import Clock
from ..errors import GRCError
from ..events import CORE_EVENTS
from ..outbox.accept import Outbox
from ..outbox.calls import as_it_is_now
from ..outbox.claim import Claimed
from ..outbox.workers import Later
from ..outbox.workers import Step
from ..storage.access_models import WebhookRow
from ..storage.engine import Database
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from .answer import Answer
from .attempts import record_attempt
from .messages import Message
from .messages import data_of
from .signing import HEADER
from .signing import signature
from .webhooks import EVENTS
from .webhooks import NoSuchWebhook
from .webhooks import Webhook
from .webhooks import Webhooks

log = logging.getLogger("grc")
#: A receiver that does not answer at all gets this much rest before the next attempt.
REST = timedelta(minutes=1)
#: How long what waits for a paused webhook is put off at a time.
_PAUSED = timedelta(minutes=5)
_TYPES = {hook: name for name, hook in EVENTS.items()}


class NotTaken(GRCError):
    """Raise when a receiver did not take a message, so that it is tried again."""


class Teller:
    """Record what webhooks are to be told, and tell them.

    Each webhook is a queue of its own, so that one which is down or slow delays no other.
    """

    def __init__(
        self,
        database: Database,
        webhooks: Webhooks,
        outbox: Outbox,
        adapter: Adapter,
        clock: Clock,
        loopback: bool,
    ) -> None:
        self._database = database
        self._webhooks = webhooks
        self._outbox = outbox
        self._adapter = adapter
        self._clock = clock
        self._loopback = loopback
        self._asked: dict[str, tuple[str, ...]] = {}

    def learn(self, connection: Connection) -> None:
        """Read which webhooks ask for which events, and take their queues on."""
        query = select(WebhookRow.id, WebhookRow.events, WebhookRow.paused_at)
        asked: dict[str, list[str]] = {}
        for id, words, paused_at in connection.execute(query):
            self._outbox.workers.setdefault(queue_of(id), partial(self._worker, id))
            for name in words.split() if paused_at is None else ():
                asked.setdefault(EVENTS.get(name, ""), []).append(id)
        self._asked = {hook: tuple(ids) for hook, ids in asked.items()}

    def wants(self, hook: str) -> bool:
        """Tell whether any webhook asks for an event."""
        return hook in self._asked

    def follow(self, connection: Connection, event_id: int, hook: str) -> None:
        """Record a message per webhook that asks; the same event and webhook only once."""
        for id in self._asked.get(hook, ()):
            task = f"{queue_of(id)}.tell"
            self._outbox.defer(connection, task, str(event_id), None, {"event": event_id})

    @contextmanager
    def _worker(self, id: str) -> Iterator[Step]:
        yield partial(self._tell, id)

    def _tell(self, id: str, row: Claimed) -> None:
        """Tell one webhook of one event; raises to have it tried again."""
        try:
            webhook = self._webhooks.get(id)
        except NoSuchWebhook:
            return  # it was removed, and what waited for it with it
        now = self._clock()
        if webhook.paused_at is not None:
            raise Later(now + _PAUSED)
        if webhook.wait_until is not None and now < webhook.wait_until <= now + REST:
            raise Later(webhook.wait_until)
        message = self._message(json.loads(row.payload or "{}").get("event"))
        if message is None:
            return
        answer = self.tell(webhook, message)
        if not answer.good:
            raise NotTaken(f"webhook {id}: {answer.error}")

    def hurry(self, id: str) -> int:
        """Let what waits for a webhook be tried at once; return how many messages wait."""
        waits = (DeliveryRow.subscriber == queue_of(id), DeliveryRow.state == "pending")
        with self._database.write() as connection:
            now = update(DeliveryRow).where(*waits).values(run_at=self._clock())
            return connection.execute(now).rowcount

    def test(self, webhook: Webhook) -> Answer:
        """Send a message of the type `test` now, and return what was answered."""
        message = Message(f"test-{uuid4().hex}", "test", 1, self._clock(), {"webhook": webhook.id})
        return self.tell(webhook, message)

    def tell(self, webhook: Webhook, message: Message) -> Answer:
        """Sign and send a message, outside any transaction, and keep what was answered."""
        body, now = message.body, self._clock()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GRC-Webhooks/1",
            "GRC-Event": message.type,
            "GRC-Id": message.id,
            HEADER: signature(self._webhooks.keys(webhook), now, body),
            "Connection": "close",
        }
        from .sending import send  # ssl and http: 20 ms that a start need not wait for

        answer = send(webhook.url, body, headers, self._loopback)
        self._keep(webhook, message, answer)
        return answer

    def _keep(self, webhook: Webhook, message: Message, answer: Answer) -> None:
        now = self._clock()
        wait = now + REST if answer.status is None else None
        with self._database.write() as connection:
            mine = update(WebhookRow).where(WebhookRow.id == webhook.id)
            if connection.execute(mine.values(wait_until=wait)).rowcount:
                record_attempt(connection, webhook.id, message.id, message.type, now, answer)

    def _message(self, event_id: int | None) -> Message | None:
        """Return what to tell of an event; None where it was erased or purged."""
        columns = (EventRow.type, EventRow.version, EventRow.occurred_at, EventRow.payload)
        with self._database.read() as connection:
            row = connection.execute(select(*columns).where(EventRow.id == event_id)).first()
        if row is None or row.payload is None or row.type not in _TYPES:
            return None
        occurrence = events.loads(CORE_EVENTS[row.type], row.payload)
        data = data_of(as_it_is_now(occurrence, self._adapter, {}))
        return Message(str(event_id), _TYPES[row.type], row.version, row.occurred_at, data)


def queue_of(webhook: str) -> str:
    """Return the subscriber under which a webhook's messages wait."""
    return f"webhook-{webhook}"
