"""Counts of searches and misses, without anybody's name, and what follows from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select

from . import models
from . import texts
from .search import Engine
from .search import Entry


def count(session: Any, now: datetime, **more: int) -> None:
    """Add to today's counts: `searches`, `misses`, `asked`."""
    key = now.date().isoformat()
    day = session.get(models.Day, key)
    if day is None:
        day = models.Day(day=key, searches=0, misses=0, asked=0)
        session.add(day)
    for name, number in more.items():
        setattr(day, name, getattr(day, name) + number)


def missed(session: Any, now: datetime, lang: str, text: str) -> None:
    """Count a search that found no good answer."""
    text = texts.impersonal(text).lower()
    query = select(models.Miss).where(models.Miss.lang == lang, models.Miss.text == text)
    found = session.scalar(query)
    if found is None:
        session.add(models.Miss(lang=lang, text=text, count=1, last_at=now))
    else:
        found.count, found.last_at = found.count + 1, now


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
        alike = [hit.id for hit in hits if hit.confidence >= 0.8 and hit.id not in taken]
        group = list(dict.fromkeys([str(row.id), *alike]))
        taken.update(group)
        total = sum(by_id[id].count for id in group)
        found.append((row.text, total, [by_id[id].text for id in group[1:]]))
    return sorted(found, key=lambda item: -item[1])[:limit]


def indicators(session: Any) -> dict[str, float | None]:
    """Return coverage, deflection, zero results and the hours to an answer.

    Coverage is the share of searches with a good answer, deflection that of searches after
    which nobody asked.
    """
    sums = select(func.sum(models.Day.searches), func.sum(models.Day.misses))
    searches, misses = (number or 0 for number in session.execute(sums).one())
    asked = session.scalar(select(func.sum(models.Day.asked))) or 0
    done = session.execute(
        select(models.Question.asked_at, models.Question.answered_at).where(
            models.Question.status == models.ANSWERED
        )
    ).all()
    hours = sorted((end - start).total_seconds() / 3600 for start, end in done if end)
    return {
        "searches": searches,
        "coverage": (searches - misses) / searches if searches else None,
        "zero_results": misses / searches if searches else None,
        "deflection": max(0.0, 1 - asked / searches) if searches else None,
        "hours_to_answer": hours[len(hours) // 2] if hours else None,
    }
