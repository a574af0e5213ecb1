"""The vectors of texts, kept so that no process has to work them out at its start."""

from collections.abc import Collection
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select

from . import models
from .upsert import put_new

#: A statement names so many at once.
_AT_ONCE = 5000


def stored(session: Any) -> dict[str, bytes]:
    """Return the vectors by the digests of their texts."""
    rows = session.execute(select(models.Meaning.digest, models.Meaning.vector))
    return {row.digest: row.vector for row in rows}


def store(session: Any, made: Mapping[str, bytes]) -> None:
    """Add vectors; another process may have added the same."""
    rows = [{"digest": digest, "vector": vector} for digest, vector in made.items()]
    put_new(session, models.Meaning, rows)


def forget(session: Any, wanted: Collection[str]) -> None:
    """Remove the vectors of texts that are no more, some thousands at a time."""
    known = session.scalars(select(models.Meaning.digest)).all()
    gone = [digest for digest in known if digest not in wanted][:_AT_ONCE]
    if gone:
        session.execute(delete(models.Meaning).where(models.Meaning.digest.in_(gone)))
