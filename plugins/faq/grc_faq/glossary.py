"""The words of a shop: which mean the same, and what they mean."""

import re
from collections.abc import Iterable
from collections.abc import Sequence
from functools import cached_property

from .search.words import fold

_WORD = re.compile(r"[^\W_]+")


def split(words: str) -> tuple[str, ...]:
    """Return the words of a line, which stand between commas."""
    return tuple(filter(None, (" ".join(word.split()) for word in words.split(","))))


class Glossary:
    """The words of one language: pairs of the words that mean the same, and their meaning.

    Without a meaning they help the search only.
    """

    def __init__(self, terms: Iterable[tuple[Sequence[str], str]] = ()) -> None:
        self._terms = [(tuple(words), meaning) for words, meaning in terms if words]

    @property
    def groups(self) -> list[Sequence[str]]:
        """Return the words that stand for one another in a search."""
        return [words for words, _ in self._terms if len(words) > 1]

    @cached_property
    def explained(self) -> list[tuple[str, str]]:
        """Return the words with a meaning, by the alphabet."""
        found = [(words[0], meaning) for words, meaning in self._terms if meaning]
        return sorted(found, key=lambda item: fold(item[0]))

    @cached_property
    def _by_first(self) -> dict[str, list[tuple[list[str], str, str]]]:
        found: dict[str, list[tuple[list[str], str, str]]] = {}
        for words, meaning in self._terms:
            for word in words if meaning else ():
                if tokens := _tokens(word):
                    found.setdefault(tokens[0], []).append((tokens, words[0], meaning))
        return found

    def used_in(self, text: str, limit: int = 5) -> list[tuple[str, str]]:
        """Return the words with a meaning that a text uses, each once, as they come."""
        if not self._by_first:
            return []
        tokens, found = _tokens(text), dict[str, str]()
        for at, token in enumerate(tokens):
            for wanted, name, meaning in self._by_first.get(token, ()):
                if tokens[at : at + len(wanted)] == wanted:
                    found.setdefault(name, meaning)
        return list(found.items())[:limit]


def _tokens(text: str) -> list[str]:
    return [fold(token) for token in _WORD.findall(text)]
