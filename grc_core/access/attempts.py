"""What receivers answered, the latest of each webhook."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from ..storage.access_models import WebhookAttemptRow
from ..storage.engine import Database
from .answer import Answer

#: So many stay of each webhook, and of each answer so many characters.
KEPT = 100
_LONGEST_ANSWER, _LONGEST_ERROR = 1000, 500


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to tell a webhook of something."""

    id: int
    webhook: str
    message: str
    type: str
    at: datetime
    milliseconds: int
    status: int | None
    answer: str
    error: str | None


def record_attempt(
    connection: Connection, webhook: str, message: str, type: str, at: datetime, answer: Answer
) -> None:
    """Keep an answer and forget the oldest."""
    row = {
        "webhook": webhook,
        "message": message,
        "type": type,
        "at": at,
        "milliseconds": answer.milliseconds,
        "status": answer.status,
        "answer": answer.body[:_LONGEST_ANSWER].replace("\0", ""),
        "error": answer.error[:_LONGEST_ERROR] if answer.error else None,
    }
    connection.execute(insert(WebhookAttemptRow).values(**row))
    mine = WebhookAttemptRow.webhook == webhook
    oldest = select(WebhookAttemptRow.id).where(mine).order_by(WebhookAttemptRow.id.desc())
    last = connection.scalar(oldest.offset(KEPT).limit(1))
    if last is not None:
        connection.execute(delete(WebhookAttemptRow).where(mine, WebhookAttemptRow.id <= last))


def latest_attempts(database: Database, webhook: str, limit: int = 20) -> list[Attempt]:
    """Return the latest attempts, the newest first."""
    columns = [getattr(WebhookAttemptRow, name) for name in Attempt.__dataclass_fields__]
    query = select(*columns).where(WebhookAttemptRow.webhook == webhook)
    with database.read() as connection:
        rows = connection.execute(query.order_by(WebhookAttemptRow.id.desc()).limit(limit))
        return [Attempt(*row) for row in rows]
