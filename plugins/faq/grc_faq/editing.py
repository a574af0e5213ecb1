"""Write entries: each change is a version, and what is published is indexed anew."""

from collections.abc import Iterable
from datetime import datetime
from difflib import unified_diff
from typing import Any

from sqlalchemy import select

from . import models
from . import texts
from .slugs import slug_of


def create(
    session: Any,
    now: datetime,
    lang: str,
    category: str,
    question: str,
    answer: str,
    *,
    topic: str | None = None,
    status: str = models.PUBLISHED,
    phrasings: Iterable[str] = (),
    source: str = "staff",
    product_id: str | None = None,
) -> models.Entry:
    """Write a new entry; its translations get the same `topic`."""
    question = texts.one_line(question, texts.QUERY)
    taken = set(session.scalars(select(models.Entry.slug).where(models.Entry.lang == lang)))
    slug = slug_of(question, taken)
    entry = models.Entry(
        topic=topic or f"{lang}-{slug}", lang=lang, slug=slug, category=category,
        question=question, answer=texts.clean(answer, 20_000), status=status, version=0,
        product_id=product_id, changed_at=now, helpful=0, unhelpful=0,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    keep(session, entry, now)
    for text in phrasings:
        learn(session, entry, text, source)
    return entry


def change(session: Any, entry: models.Entry, now: datetime, **values: str) -> None:
    """Change question, answer, category or status; the entry as it is becomes a version."""
    for name, value in values.items():
        setattr(entry, name, value)
    keep(session, entry, now)


def keep(session: Any, entry: models.Entry, now: datetime) -> None:
    """Write down an entry as it is now."""
    entry.version, entry.changed_at = entry.version + 1, now
    session.add(
        models.Edition(
            entry_id=entry.id, number=entry.version, question=entry.question,
            answer=entry.answer, status=entry.status, changed_at=now,
        )
    )  # fmt: skip


def learn(session: Any, entry: models.Entry, text: str, source: str) -> bool:
    """Add another way to ask for an entry, unless it is known; tell whether it was new."""
    text = texts.one_line(text, texts.QUERY)
    known = select(models.Phrasing.id).where(
        models.Phrasing.entry_id == entry.id, models.Phrasing.text == text
    )
    if not text or text == entry.question or session.scalar(known) is not None:
        return False
    session.add(models.Phrasing(entry_id=entry.id, text=text, source=source))
    session.flush()
    return True


def difference(older: models.Edition, newer: models.Edition) -> str:
    """Return what changed between two versions, as a unified diff."""
    lines = unified_diff(
        [older.question, *older.answer.splitlines()],
        [newer.question, *newer.answer.splitlines()],
        f"version {older.number}",
        f"version {newer.number}",
        lineterm="",
    )
    return "\n".join(lines)


def missing_translations(session: Any, langs: Iterable[str]) -> list[tuple[str, str]]:
    """Return (topic, language) of what is published in one language and not in another."""
    query = select(models.Entry.topic, models.Entry.lang).where(
        models.Entry.status == models.PUBLISHED
    )
    known = {(topic, lang) for topic, lang in session.execute(query)}
    topics = dict.fromkeys(topic for topic, _ in sorted(known))
    return [(topic, lang) for topic in topics for lang in langs if (topic, lang) not in known]
