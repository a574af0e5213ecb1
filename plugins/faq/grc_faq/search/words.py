"""Words as the search sees them: folded, without elisions, stemmed."""

import re
import unicodedata
from functools import cached_property
from typing import Protocol

from .stopwords import STOPWORDS

_WORD = re.compile(r"[a-z0-9]+")
_SENTENCE = re.compile(r"[.!?;\n\r…]+(?:\s|$)|\n+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "’": "'", "ʼ": "'"})
_SNOWBALL = {"fr": "french", "en": "english"}
#: Nobody writes more than this in earnest; the rest of a longer text is not looked at.
LONGEST = 4000


class Stemmer(Protocol):
    """What PyStemmer offers of itself."""

    def stemWord(self, word: str) -> str:
        """Return a word without its ending."""


def fold(text: str) -> str:
    """Return text in lower case, without accents and ligatures."""
    text = text.lower().translate(_LIGATURES)
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the folded words of a text."""
    return _WORD.findall(fold(text[:LONGEST]))


def sentences(text: str) -> list[str]:
    """Return the sentences of a message; one that has none is one."""
    return [part.strip() for part in _SENTENCE.split(text[:LONGEST]) if part.strip()]


class Analyzer:
    """Turn words into stems of one language; words are folded before they are stemmed."""

    def __init__(self, lang: str) -> None:
        self.lang = lang.replace("_", "-").partition("-")[0].lower()
        self.stopwords = STOPWORDS.get(self.lang, frozenset())
        self._stems: dict[str, str] = {}

    @cached_property
    def _stemmer(self) -> Stemmer | None:
        name = _SNOWBALL.get(self.lang)
        if name is None:
            return None
        import Stemmer as snowball  # type: ignore[import-not-found]

        found: Stemmer = snowball.Stemmer(name, 0)
        return found

    def stem(self, word: str) -> str:
        """Return the stem of a folded word."""
        found = self._stems.get(word)
        if found is None:
            found = self._stemmer.stemWord(word) if self._stemmer else word
            if len(self._stems) < 50_000:
                self._stems[word] = found
        return found

    def stems(self, text: str) -> list[str]:
        """Return the stems of a text's words, stop words apart."""
        return [self.stem(word) for word in words(text) if word not in self.stopwords]
