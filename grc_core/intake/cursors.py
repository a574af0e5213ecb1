"""How far a source has been read, and how far it had been read an overlap ago."""

import json
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from .. import codec
from ..storage.models import CursorRow

#: A position is kept at most so often.
SAMPLE = timedelta(seconds=60)


def dump(cursor: Any) -> str:
    """Return a cursor (a datetime, a number, text) as JSON text."""
    return json.dumps(codec.encode(cursor))


def position(connection: Connection, source: str, before: datetime) -> tuple[bool, Any]:
    """Return whether a source was ever read, and its cursor as it stood at a time.

    Cursors are opaque, so the overlap cannot be subtracted from one: positions are sampled.
    """
    mine = select(CursorRow.cursor).where(CursorRow.source == source)
    old = mine.where(CursorRow.at <= before).order_by(CursorRow.id.desc()).limit(1)
    rows = (
        connection.execute(old).all()
        or connection.execute(mine.order_by(CursorRow.id).limit(1)).all()
    )
    if not rows:
        return False, None
    return True, codec.decode_any(json.loads(rows[0].cursor)) if rows[0].cursor else None


def remember(
    connection: Connection, source: str, cursor: Any, now: datetime, before: datetime
) -> None:
    """Keep a position, and forget those older than the overlap needs."""
    mine = select(CursorRow).where(CursorRow.source == source)
    latest = connection.execute(mine.order_by(CursorRow.id.desc()).limit(1)).first()
    text = None if cursor is None else dump(cursor)
    if latest is not None and (latest.cursor == text or now - latest.at < SAMPLE):
        return
    connection.execute(insert(CursorRow).values(source=source, cursor=text, at=now))
    enough = mine.where(CursorRow.at <= before).order_by(CursorRow.id.desc()).limit(1)
    oldest = connection.execute(enough).first()
    if oldest is not None:
        stale = (CursorRow.source == source, CursorRow.id < oldest.id)
        connection.execute(delete(CursorRow).where(*stale))
