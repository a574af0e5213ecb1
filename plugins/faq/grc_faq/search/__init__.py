"""Search a knowledge base: in the process, without a database, in French and English."""

from collections.abc import Callable
from collections.abc import Sequence

from .engine import Engine
from .entry import Entry
from .entry import Hit
from .semantic import installed_encoder
from .synonyms import SYNONYMS

#: `search(query, k)` as `make` returns it: (id, confidence), the best first.
Search = Callable[[str, int], list[tuple[str, float]]]

__all__ = ["Engine", "Entry", "Hit", "make", "make_lexical"]


def make(docs: Sequence[tuple[str, str, str]], lang: str, semantic: bool = True) -> Search:
    """Return a search over (id, question, answer), as the plugin's pages do it.

    Meaning counts too where the extra `[semantic]` is installed, unless `semantic` is False.
    """
    entries = [Entry(str(id), question, answer) for id, question, answer in docs]
    encoder = installed_encoder() if semantic else None
    engine = Engine(entries, lang, SYNONYMS.get(lang, ()), encoder)

    def search(query: str, k: int = 10) -> list[tuple[str, float]]:
        return [(hit.id, hit.confidence) for hit in engine.search(query, k)]

    return search


def make_lexical(docs: Sequence[tuple[str, str, str]], lang: str) -> Search:
    """Return the search as it is without the extra `[semantic]`."""
    return make(docs, lang, semantic=False)
