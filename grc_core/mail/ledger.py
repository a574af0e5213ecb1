"""Read the messages and mend them: list, show, send again, forget their text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update

from ..errors import GRCError
from ..outbox.accept import Outbox
from ..storage.engine import Database
from ..storage.mail_models import MessageRow
from ..storage.models import DeliveryRow
from .mailer import QUEUES
from .mailer import send_again

#: queued and sending are under way, the others are over
STATES = ("queued", "sending", "sent", "kept", "refused", "bounced", "failed")
_OVER = ("sent", "kept", "refused", "bounced", "failed")
#: A purge takes this many rows in a transaction.
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Message:
    """A message without its text; `reason` says why it was not sent (yet)."""

    id: int
    state: str
    kind: str
    address: str
    locale: str
    subject: str
    template: str
    key: str
    contact_id: str | None
    created_at: datetime
    finished_at: datetime | None
    reason: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """A message with its text; empty once it was purged."""

    message: Message
    text: str
    html: str | None
    unsubscribe_url: str | None


_COLUMNS = tuple(getattr(MessageRow, name) for name in Message.__dataclass_fields__)
_EXTRA = (MessageRow.text, MessageRow.html, MessageRow.unsubscribe_url)


def totals(database: Database) -> dict[str, int]:
    """Count the messages by state."""
    query = select(MessageRow.state, func.count().label("number")).group_by(MessageRow.state)
    with database.read() as connection:
        found = {row.state: row.number for row in connection.execute(query)}
    return {state: found[state] for state in STATES if state in found}


def listed() -> Any:
    """Return the SELECT of messages without their text, in no order."""
    return select(*_COLUMNS)


def messages(
    database: Database, state: str | None = None, kind: str | None = None, limit: int = 50
) -> list[Message]:
    """Return messages, the newest first."""
    query = listed()
    if state is not None:
        query = query.where(MessageRow.state == state)
    if kind is not None:
        query = query.where(MessageRow.kind == kind)
    with database.read() as connection:
        rows = connection.execute(query.order_by(MessageRow.id.desc()).limit(limit))
        return [Message(*row) for row in rows]


def show(database: Database, id: int) -> Detail:
    """Return one message with its text; raise GRCError where there is none."""
    with database.read() as connection:
        query: Any = select(*_COLUMNS, *_EXTRA).where(MessageRow.id == id)
        row = connection.execute(query).first()
    if row is None:
        raise GRCError(f"there is no message {id}; list them with: flask grc mail")
    split = len(_COLUMNS)
    return Detail(Message(*row[:split]), *row[split:])


def by_key(database: Database, key: str) -> Message | None:
    """Return the message with a key `<plugin>:<key>`."""
    with database.read() as connection:
        query: Any = select(*_COLUMNS).where(MessageRow.key == key)
        row = connection.execute(query).first()
    return Message(*row) if row else None


def retry(
    database: Database, outbox: Outbox, ids: Sequence[int] | None, now: datetime
) -> list[Message]:
    """Send again what bounced, failed or was kept, and at once what waits for the server.

    `ids=None` means what failed or waits, but not what was kept: a demo's messages should not
    leave the day a server is named. What was sent stays sent. A message that was refused was
    never written. Return what is sent again.
    """
    states = ("failed",) if ids is None else ("failed", "bounced", "kept")
    query: Any = select(MessageRow.__table__).where(MessageRow.state.in_(states))
    if ids is not None:
        query = query.where(MessageRow.id.in_(ids))
    with database.write() as connection:
        rows = [row for row in connection.execute(query).all() if row.text]
        for row in rows:
            send_again(outbox, connection, row)
        waiting = update(DeliveryRow).where(
            DeliveryRow.subscriber.in_(QUEUES.values()), DeliveryRow.state == "pending"
        )
        connection.execute(waiting.values(run_at=now))
    return [Message(*(getattr(row, name) for name in Message.__dataclass_fields__)) for row in rows]


def purge(database: Database, before: datetime) -> int:
    """Empty the text of messages that are over since before a time; the keys stay."""
    old = (
        MessageRow.state.in_(_OVER),
        MessageRow.finished_at < before,
        MessageRow.text != "",
    )
    count = 0
    while True:
        with database.write() as connection:
            ids = connection.scalars(select(MessageRow.id).where(*old).limit(_CHUNK)).all()
            emptied = update(MessageRow).where(MessageRow.id.in_(ids))
            connection.execute(emptied.values(text="", html=None, name=""))
        count += len(ids)
        if len(ids) < _CHUNK:
            return count
