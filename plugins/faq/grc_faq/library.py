"""What is published, in memory, with a search for each language."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from functools import cached_property

from markupsafe import Markup

from .glossary import Glossary
from .markdown import html_of
from .markdown import plain_of
from .search import Engine
from .search import Entry
from .search import Hit
from .search import warming
from .search.calibration import Calibration
from .search.synonyms import SYNONYMS

_NONE: Sequence["Article"] = ()


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
    products: tuple[str, ...]
    phrasings: tuple[str, ...]
    helpful: int = 0
    glossary: Glossary = field(default_factory=Glossary, repr=False)

    @cached_property
    def html(self) -> Markup:
        """Return the answer as HTML."""
        return html_of(self.answer)

    @cached_property
    def plain(self) -> str:
        """Return the answer as text."""
        return plain_of(self.answer)

    @cached_property
    def terms(self) -> list[tuple[str, str]]:
        """Return the words of the glossary that the answer uses, with what they mean."""
        return self.glossary.used_in(self.plain)


@dataclass(frozen=True, slots=True)
class Heading:
    """A category in one language."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a shop's cases say: a confidence of its own, and the margin to answer alone."""

    calibration: Calibration | None = None
    margin: float | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """What was read from the tables: the articles, and what helps to find them."""

    articles: Sequence[Article]
    headings: Mapping[str, list[Heading]]
    glossaries: Mapping[str, Glossary]
    #: by whether meaning counts
    learnt: Mapping[bool, Learnt]
    vectors: Mapping[str, bytes]


class Library:
    """The published entries of every language, and a search for each."""

    def __init__(self, holdings: Holdings, semantic: bool) -> None:
        self.articles = {article.id: article for article in holdings.articles}
        self._held = holdings
        self._semantic = semantic
        self._engines: dict[str, Engine] = {}
        self._vectors = dict(holdings.vectors)
        self._unsaved: dict[str, bytes] = {}
        self._by_slug = {(article.lang, article.slug): article for article in holdings.articles}
        self._by_lang: dict[str, list[Article]] = {}
        self._by_category: dict[tuple[str, str], list[Article]] = {}
        self._by_product: dict[tuple[str, str], list[Article]] = {}
        for one in holdings.articles:
            self._by_lang.setdefault(one.lang, []).append(one)
            self._by_category.setdefault((one.lang, one.category), []).append(one)
            for product in one.products:
                self._by_product.setdefault((one.lang, product), []).append(one)
        for some in self._by_category.values():
            some.sort(key=lambda one: one.id)
        self._liked = {
            key: sorted(some, key=lambda one: -one.helpful)
            for key, some in self._by_category.items()
        }

    def of(self, lang: str) -> Sequence[Article]:
        """Return the entries of a language, in their order."""
        return self._by_lang.get(lang, _NONE)

    def about(self, lang: str, product: str) -> Sequence[Article]:
        """Return the entries about a product."""
        return self._by_product.get((lang, product), _NONE)

    def most_helpful(self, lang: str, category: str) -> Sequence[Article]:
        """Return the entries of a category, those that helped most people first."""
        return self._liked.get((lang, category), _NONE)

    def find(self, lang: str, slug: str) -> Article | None:
        """Return an entry by its address."""
        return self._by_slug.get((lang, slug))

    def translations(self, article: Article) -> list[Article]:
        """Return the same in other languages."""
        found = self.articles.values()
        return [one for one in found if one.topic == article.topic and one.id != article.id]

    def glossary(self, lang: str) -> Glossary:
        """Return the words of the shop in a language."""
        return self._held.glossaries.get(lang) or Glossary()

    def sections(self, lang: str) -> list[tuple[Heading, Sequence[Article]]]:
        """Return the categories of a language that have entries, with these."""
        named = {heading.slug: heading for heading in self._held.headings.get(lang, ())}
        for _, slug in (key for key in self._by_category if key[0] == lang):
            named.setdefault(slug, Heading(slug, slug))
        found = ((one, self._by_category.get((lang, one.slug), _NONE)) for one in named.values())
        return [(heading, some) for heading, some in found if some]

    def search(
        self, lang: str, text: str, limit: int = 10, partial: bool = False
    ) -> list[tuple[Article, Hit]]:
        """Return the entries that answer best, with how sure that is."""
        engine = self.engine(lang)
        hits = engine.search(text, limit, partial)
        own = self.learnt(lang).calibration
        if own is not None and not partial:  # what is being typed is scored by words alone
            hits = [replace(hit, confidence=own.confidence(hit.score)) for hit in hits]
        return [(self.articles[int(hit.id)], hit) for hit in hits]

    def learnt(self, lang: str) -> Learnt:
        """Return what the shop's cases say of this kind of search."""
        return self._held.learnt.get(self.engine(lang).is_semantic) or Learnt()

    def related(self, article: Article, limit: int = 3) -> list[Article]:
        """Return entries about something near."""
        found = self.search(article.lang, article.question, limit + 1)
        return [other for other, hit in found if other.id != article.id][:limit]

    def engine(self, lang: str, wait: bool = False) -> Engine:
        """Return the search of a language, built at first use.

        Until the encoder is loaded it goes by words alone, unless somebody has to `wait`.
        """
        encoder = warming.ENCODER.encoder(wait) if self._semantic else None
        found = self._engines.get(lang)
        if found is None or (encoder is not None and not found.is_semantic):
            entries = self.entries(lang)
            groups = (*SYNONYMS.get(lang, ()), *self.glossary(lang).groups)
            found = Engine(entries, lang, groups, encoder, self._vectors)
            if entries:  # a visitor may name any language
                self._engines[lang] = found
                self._vectors |= found.made
                self._unsaved |= found.made
        return found

    @property
    def vectors(self) -> Mapping[str, bytes]:
        """Return the vectors of texts, by their digests."""
        return self._vectors

    def unsaved(self) -> dict[str, bytes]:
        """Return the vectors that were worked out here and not yet asked for."""
        found, self._unsaved = self._unsaved, {}
        return found

    def entries(self, lang: str) -> list[Entry]:
        """Return what is searched in a language."""
        return [Entry(str(one.id), one.question, one.plain, one.phrasings) for one in self.of(lang)]
