"""Writes that may be sent again: the same `Idempotency-Key` gets the same answer, done once."""

import hashlib
from datetime import datetime
from datetime import timedelta

from flask import Request
from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import UnprocessableEntity

from ...access.keys import ApiKey
from ...storage.access_models import AnsweredRow
from ...storage.engine import Database
from ...storage.upsert import upsert

HEADER = "Idempotency-Key"
#: An answer is given again for so long.
KEPT = timedelta(hours=24)
_LONGEST = 255


class Repetition:
    """What is known of a write under the key that its caller chose, in its transaction.

    Two at once take turns: the second waits for the first one's transaction, and finds its answer.
    """

    def __init__(self, connection: Connection, request: Request, key: ApiKey) -> None:
        chosen = request.headers.get(HEADER)
        self.asked = chosen is not None
        if chosen is not None and not (0 < len(chosen) <= _LONGEST and chosen.isprintable()):
            raise BadRequest(f"{HEADER} is 1 to {_LONGEST} printable characters.")
        self._connection = connection
        self._mine = (AnsweredRow.api_key == key.id, AnsweredRow.key == _hash(chosen or ""))
        self._row = {
            "api_key": key.id,
            "key": _hash(chosen or ""),
            "request": _hash(request.method, request.path, request.get_data()),
        }

    def begin(self, now: datetime) -> tuple[int, str] | None:
        """Claim the key, or return status and body of what was answered before.

        Raises UnprocessableEntity where the key came with another request.
        """
        if not self.asked:
            return None
        row = {**self._row, "status": 0, "body": "", "at": now}
        old = delete(AnsweredRow).where(*self._mine, AnsweredRow.at < now - KEPT)
        self._connection.execute(old)
        new = upsert(self._connection.dialect.name, AnsweredRow).on_conflict_do_nothing()
        if self._connection.scalar(new.returning(AnsweredRow.key), row) is not None:
            return None
        columns = (AnsweredRow.request, AnsweredRow.status, AnsweredRow.body)
        known = self._connection.execute(select(*columns).where(*self._mine)).one()
        if known.request != self._row["request"]:
            raise UnprocessableEntity(f"This {HEADER} came with another request before.")
        return known.status, known.body

    def end(self, status: int, body: str) -> None:
        """Keep the answer."""
        if self.asked:
            answered = update(AnsweredRow).where(*self._mine)
            self._connection.execute(answered.values(status=status, body=body))


def forget_answers(database: Database, now: datetime) -> None:
    """Remove answers that are too old to be given again."""
    with database.write() as connection:
        connection.execute(delete(AnsweredRow).where(AnsweredRow.at < now - KEPT))


def _hash(*parts: str | bytes) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "replace")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()
