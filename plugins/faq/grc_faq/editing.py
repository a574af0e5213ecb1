"""Write entries: each change is a version, and what is published is indexed anew."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from difflib import unified_diff
from typing import Any

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select

from . import models
from . import texts
from .slugs import slug_of

ANSWER = 20_000
#: What a version holds of an entry, and brings back.
KEPT = ("question", "answer", "category", "products", "status")


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
    products: Sequence[str] = (),
) -> models.Entry:
    """Write a new entry; its translations get the same `topic`."""
    question = texts.one_line(question, texts.QUERY)
    taken = set(session.scalars(select(models.Entry.slug).where(models.Entry.lang == lang)))
    slug = slug_of(question, taken)
    entry = models.Entry(
        topic=topic or f"{lang}-{slug}", lang=lang, slug=slug, category=category,
        question=question, answer=texts.clean(answer, ANSWER), status=status, version=0,
        products=list(products), changed_at=now, helpful=0, unhelpful=0,
    )  # fmt: skip
    session.add(entry)
    session.flush()
    keep(session, entry, now)
    for text in phrasings:
        learn(session, entry, text, source)
    return entry


def change(session: Any, entry: models.Entry, now: datetime, **values: Any) -> bool:
    """Change an entry, which makes a version; tell whether there was anything to change."""
    differing = {name: value for name, value in values.items() if getattr(entry, name) != value}
    for name, value in differing.items():
        setattr(entry, name, value)
    if differing:
        keep(session, entry, now)
    return bool(differing)


def keep(session: Any, entry: models.Entry, now: datetime) -> None:
    """Write down an entry as it is now."""
    entry.version, entry.changed_at = entry.version + 1, now
    kept = {name: getattr(entry, name) for name in KEPT}
    session.add(
        models.Edition(entry_id=entry.id, number=entry.version, changed_at=now, **kept)
    )  # fmt: skip


def restore(session: Any, entry: models.Entry, edition: models.Edition, now: datetime) -> bool:
    """Make an entry what it was; what came between stays among its versions."""
    was = {name: getattr(edition, name) for name in KEPT}
    known = {name: value for name, value in was.items() if value is not None}
    return change(session, entry, now, **known)


def editions(session: Any, entry: models.Entry) -> Sequence[models.Edition]:
    """Return the versions of an entry, the newest first."""
    query = select(models.Edition).where(models.Edition.entry_id == entry.id)
    found: Sequence[models.Edition] = session.scalars(
        query.order_by(models.Edition.number.desc())
    ).all()
    return found


def name_category(session: Any, lang: str, slug: str, name: str) -> None:
    """Give a category its name in a language, unless it has one."""
    query = select(models.Category).where(
        models.Category.slug == slug, models.Category.lang == lang
    )
    if session.scalar(query) is None:
        last = session.scalar(select(func.max(models.Category.position))) or 0
        session.add(models.Category(slug=slug, lang=lang, name=name, position=last + 1))
        session.flush()


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


def phrasings(session: Any, entry: models.Entry) -> list[str]:
    """Return the other ways to ask for an entry, in the order in which they were learnt."""
    query = select(models.Phrasing.text).where(models.Phrasing.entry_id == entry.id)
    return list(session.scalars(query.order_by(models.Phrasing.id)))


def rephrase(session: Any, entry: models.Entry, wanted: Iterable[str]) -> bool:
    """Keep exactly these other ways to ask; tell whether anything changed."""
    before = phrasings(session, entry)
    after = [texts.one_line(text, texts.QUERY) for text in wanted]
    gone = [text for text in before if text not in after]
    if gone:
        session.execute(
            delete(models.Phrasing).where(
                models.Phrasing.entry_id == entry.id, models.Phrasing.text.in_(gone)
            )
        )
    new = [learn(session, entry, text, "staff") for text in after if text not in before]
    return bool(gone) or any(new)


def difference(older: models.Edition, newer: models.Edition) -> str:
    """Return what changed between two versions, as a unified diff."""
    lines = unified_diff(_lines(older), _lines(newer), f"version {older.number}",
                         f"version {newer.number}", lineterm="")  # fmt: skip
    return "\n".join(lines)


def _lines(edition: models.Edition) -> list[str]:
    about = [f"{name}: {value}" for name, value in (
        ("status", edition.status), ("category", edition.category),
        ("products", ", ".join(edition.products or ())),
    ) if value]  # fmt: skip
    return [edition.question, *edition.answer.splitlines(), *about]


def missing_translations(session: Any, langs: Iterable[str]) -> list[tuple[str, str]]:
    """Return (topic, language) of what is published in one language and not in another."""
    query = select(models.Entry.topic, models.Entry.lang).where(
        models.Entry.status == models.PUBLISHED
    )
    known = {(topic, lang) for topic, lang in session.execute(query)}
    topics = dict.fromkeys(topic for topic, _ in sorted(known))
    return [(topic, lang) for topic in topics for lang in langs if (topic, lang) not in known]
