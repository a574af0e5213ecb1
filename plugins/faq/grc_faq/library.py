"""What is published, in memory: read again when it changed, looked at once a second."""

import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy import update

from . import models
from .markdown import html_of
from .markdown import plain_of
from .search import Engine
from .search import Entry
from .search import Hit
from .search.semantic import installed_encoder
from .search.synonyms import SYNONYMS
from .search.synonyms import Group

_LOOK_EVERY = 1.0
#: After a change of our own, look each time for so long: its commit is near.
_WATCHED = 5.0


@dataclass(frozen=True)
class Article:
    """A published entry as pages show it."""

    id: int
    topic: str
    lang: str
    slug: str
    category: str
    question: str
    answer: str
    product_id: str | None
    phrasings: tuple[str, ...]
    helpful: int = 0

    @cached_property
    def html(self) -> Markup:
        """Return the answer as HTML."""
        return html_of(self.answer)

    @cached_property
    def plain(self) -> str:
        """Return the answer as text."""
        return plain_of(self.answer)


@dataclass(frozen=True, slots=True)
class Heading:
    """A category in one language."""

    slug: str
    name: str


class Library:
    """The published entries of every language, and a search for each."""

    def __init__(
        self,
        articles: Sequence[Article],
        headings: dict[str, list[Heading]],
        synonyms: Callable[[str], Sequence[Group]],
        semantic: bool,
    ) -> None:
        self.articles = {article.id: article for article in articles}
        self._by_slug = {(article.lang, article.slug): article for article in articles}
        self._headings = headings
        self._synonyms = synonyms
        self._semantic = semantic
        self._engines: dict[str, Engine] = {}

    def of(self, lang: str) -> list[Article]:
        """Return the entries of a language, in their order."""
        return [article for article in self.articles.values() if article.lang == lang]

    def find(self, lang: str, slug: str) -> Article | None:
        """Return an entry by its address."""
        return self._by_slug.get((lang, slug))

    def sections(self, lang: str) -> list[tuple[Heading, list[Article]]]:
        """Return the categories of a language that have entries, with these."""
        articles = self.of(lang)
        found = [
            (heading, [article for article in articles if article.category == heading.slug])
            for heading in self._headings.get(lang, [])
        ]
        return [(heading, some) for heading, some in found if some]

    def search(
        self, lang: str, text: str, limit: int = 10, partial: bool = False
    ) -> list[tuple[Article, Hit]]:
        """Return the entries that answer best, with how sure that is."""
        hits = self.engine(lang).search(text, limit, partial)
        return [(self.articles[int(hit.id)], hit) for hit in hits]

    def related(self, article: Article, limit: int = 3) -> list[Article]:
        """Return entries about something near."""
        found = self.search(article.lang, article.question, limit + 1)
        return [other for other, hit in found if other.id != article.id][:limit]

    def engine(self, lang: str) -> Engine:
        """Return the search of a language, built at first use."""
        found = self._engines.get(lang)
        if found is None:
            entries = [
                Entry(str(article.id), article.question, article.plain, article.phrasings)
                for article in self.of(lang)
            ]
            encoder = installed_encoder() if self._semantic else None
            found = Engine(entries, lang, self._synonyms(lang), encoder)
            if entries:  # a visitor may name any language
                self._engines[lang] = found
        return found


class Shelf:
    """Hold the library of one app, and read it again when another process changed it."""

    def __init__(self) -> None:
        self._library: Library | None = None
        self._revision = -1
        self._looked = float("-inf")
        self._watch_until = 0.0
        self._lock = Lock()

    def library(self, session: Callable[[], Any], settings: Any) -> Library:
        """Return what is published; `session` is opened at most once a second."""
        now = time.monotonic()
        if self._library and now - self._looked < _LOOK_EVERY and now > self._watch_until:
            return self._library
        with self._lock:
            found = session().scalar(select(models.Revision.value)) or 0
            if self._library is None or found != self._revision:
                self._library = load(session(), settings)
                self._revision = found
            self._looked = now
            return self._library

    def changed(self, session: Any) -> None:
        """Count the change, so that every process reads again once it is committed."""
        counted = update(models.Revision).values(value=models.Revision.value + 1)
        if not session.execute(counted).rowcount:
            session.add(models.Revision(id=1, value=1))
        self._watch_until = time.monotonic() + _WATCHED


def load(session: Any, settings: Any) -> Library:
    """Read what is published, in three statements."""
    phrasings: dict[int, list[str]] = {}
    for entry_id, text in session.execute(
        select(models.Phrasing.entry_id, models.Phrasing.text).order_by(models.Phrasing.id)
    ):
        phrasings.setdefault(entry_id, []).append(text)
    query = select(models.Entry).where(models.Entry.status == models.PUBLISHED)
    articles = [
        Article(
            row.id, row.topic, row.lang, row.slug, row.category, row.question, row.answer,
            row.product_id, tuple(phrasings.get(row.id, ())), row.helpful,
        )
        for row in session.scalars(query.order_by(models.Entry.id))
    ]  # fmt: skip
    headings: dict[str, list[Heading]] = {}
    ordered = select(models.Category).order_by(models.Category.position, models.Category.id)
    for category in session.scalars(ordered):
        headings.setdefault(category.lang, []).append(Heading(category.slug, category.name))
    own = settings.synonyms

    def synonyms(lang: str) -> Sequence[Group]:
        return (*SYNONYMS.get(lang, ()), *own.get(lang, ()))

    return Library(articles, headings, synonyms, settings.semantic)
