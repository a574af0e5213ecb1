"""Counts of searches and misses, without anybody's name."""

from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from . import models
from . import texts
from .search import Engine
from .search import Entry
from .upsert import put

#: Searches in vain that are kept, how many make room when there are more, and for how long.
MOST, ROOM, KEPT = 5000, 500, timedelta(days=180)
#: Characters of one.
_LENGTH = 120
_ALIKE = 0.8


def count(session: Any, now: datetime, **more: int) -> None:
    """Add to today's counts: `searches`, `misses`, `empty`, `asked`."""
    row = {"searches": 0, "misses": 0, "empty": 0, "asked": 0} | more
    put(session, models.Day, ("day",), tuple(row), day=now.date().isoformat(), **row)


def missed(session: Any, now: datetime, lang: str, text: str) -> None:
    """Count a search that found no good answer; what is searched most stays longest."""
    text = texts.impersonal(text).lower()[:_LENGTH]
    put(session, models.Miss, ("lang", "text"), ("count",), lang=lang, text=text, count=1,
        last_at=now)  # fmt: skip
    if (session.scalar(select(func.count(models.Miss.id))) or 0) > MOST:
        least = select(models.Miss.id).where(models.Miss.text != text)
        least = least.order_by(models.Miss.count, models.Miss.last_at).limit(ROOM)
        session.execute(delete(models.Miss).where(models.Miss.id.in_(least)))


def forget(session: Any, now: datetime) -> None:
    """Remove what nobody has searched for half a year."""
    session.execute(delete(models.Miss).where(models.Miss.last_at < now - KEPT))


def gaps(session: Any, lang: str, limit: int = 20) -> list[tuple[str, int, list[str]]]:
    """Return what is searched in vain: the words, how often, and alike searches.

    Alike are those that the same index finds for one another.
    """
    query = select(models.Miss).where(models.Miss.lang == lang)
    rows = session.scalars(
        query.order_by(models.Miss.count.desc(), models.Miss.id).limit(500)
    ).all()
    engine = Engine([Entry(str(row.id), row.text) for row in rows], lang)
    by_id = {str(row.id): row for row in rows}
    found: list[tuple[str, int, list[str]]] = []
    taken: set[str] = set()
    for row in rows:
        if str(row.id) in taken:
            continue
        hits = engine.search(row.text, 20)
        alike = [hit.id for hit in hits if hit.confidence >= _ALIKE and hit.id not in taken]
        group = list(dict.fromkeys([str(row.id), *alike]))
        taken.update(group)
        total = sum(by_id[id].count for id in group)
        found.append((row.text, total, [by_id[id].text for id in group[1:]]))
    return sorted(found, key=lambda item: -item[1])[:limit]
