"""The library of one app: read again when it changed, looked at once a second."""

import time
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import AbstractContextManager
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy import update

from . import cases
from . import meanings
from . import models
from .glossary import Glossary
from .glossary import split
from .library import Article
from .library import Heading
from .library import Holdings
from .library import Library

_LOOK_EVERY = 1.0
#: After a change of our own, look each time for so long: its commit is near.
_WATCHED = 5.0


class Shelf:
    """Hold the library of one app, and read it again when another process changed it."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._made_of: tuple[int, object] = (-1, None)
        self._looked = float("-inf")
        self._watch_until = 0.0
        self._lock = Lock()

    def library(self, reading: Callable[[], AbstractContextManager[Any]], settings: Any) -> Library:
        """Return what is published; `reading` is opened at most once a second.

        It is apart from the work at hand, so that nothing is shown that is not committed, and no
        lock of a writer is held while an index is made.
        """
        now = time.monotonic()
        if self._library and now - self._looked < _LOOK_EVERY and now > self._watch_until:
            return self._library
        with self._lock, reading() as scope:
            session = scope.session
            revision = session.scalar(select(models.Revision.value)) or 0
            made_of = (revision, (settings.semantic, settings.automatic_precision))
            if self._library is None or made_of != self._made_of:
                known = self._library.vectors if self._library else None
                self._library = load(session, settings, known)
                self._made_of = made_of
            self._looked = now
            return self._library

    def changed(self, session: Any) -> None:
        """Count the change, so that every process reads again once it is committed."""
        counted = update(models.Revision).values(value=models.Revision.value + 1)
        if not session.execute(counted).rowcount:
            session.add(models.Revision(id=1, value=1))
        self._watch_until = time.monotonic() + _WATCHED


def load(session: Any, settings: Any, known: Mapping[str, bytes] | None = None) -> Library:
    """Read what is published, in a handful of statements; `known` vectors are not read again."""
    glossaries = _glossaries(session)
    phrasings: dict[int, list[str]] = {}
    for entry_id, text in session.execute(
        select(models.Phrasing.entry_id, models.Phrasing.text).order_by(models.Phrasing.id)
    ):
        phrasings.setdefault(entry_id, []).append(text)
    query = select(models.Entry).where(models.Entry.status == models.PUBLISHED)
    nothing = Glossary()
    articles = [
        Article(
            row.id, row.topic, row.lang, row.slug, row.category, row.question, row.answer,
            tuple(row.products), tuple(phrasings.get(row.id, ())), row.helpful,
            glossaries.get(row.lang, nothing),
        )
        for row in session.scalars(query.order_by(models.Entry.id))
    ]  # fmt: skip
    headings: dict[str, list[Heading]] = {}
    ordered = select(models.Category).order_by(models.Category.position, models.Category.id)
    for category in session.scalars(ordered):
        headings.setdefault(category.lang, []).append(Heading(category.slug, category.name))
    learnt = cases.learnt(session, settings.automatic_precision)
    vectors = known or (meanings.stored(session) if settings.semantic else {})
    return Library(Holdings(articles, headings, glossaries, learnt, vectors), settings.semantic)


def _glossaries(session: Any) -> dict[str, Glossary]:
    terms: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for term in session.scalars(select(models.Term).order_by(models.Term.id)):
        terms.setdefault(term.lang, []).append((split(term.words), term.meaning))
    return {lang: Glossary(some) for lang, some in terms.items()}
