"""Match the words of a text with those of the entries: stems, repairs, synonyms and 3-grams."""

import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nlargest

from .entry import Entry
from .postings import Postings
from .postings import Weights
from .spelling import Speller
from .synonyms import Group
from .synonyms import Thesaurus
from .words import Analyzer
from .words import fold
from .words import words

_WORDS = Weights(question=2.0, answer=1.2, saturation=1.2)
_GRAMS = Weights(question=1.0, answer=0.35, saturation=1.5)
#: What 3-grams, synonyms and completed words count, beside a word's 1.
GRAMS, SYNONYM, COMPLETED = 0.8, 0.5, 0.8
#: Where so many entries share a word, 3-grams are looked for in the likely ones alone.
_MANY, _LIKELY = 1000, 200
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Match:
    """How one piece of text matches: scores by entry number, and that of a perfect match."""

    scores: dict[int, float]
    perfect: float
    #: what the words known to the index are worth, and all words
    known: float
    asked: float


class Lexical:
    """An index over the words of entries, for one language."""

    def __init__(
        self, entries: Sequence[Entry], analyzer: Analyzer, groups: Iterable[Group]
    ) -> None:
        self._analyzer = analyzer
        self._surface: dict[str, str] = {}
        vocabulary: Counter[str] = Counter()
        questions = [self._content(_question(entry), vocabulary) for entry in entries]
        answers = [self._content(entry.answer, vocabulary) for entry in entries]
        self.speller = Speller(vocabulary)
        stem = analyzer.stem
        self._words = Postings(
            [Counter(map(stem, some)) for some in questions],
            [Counter(map(stem, some)) for some in answers],
            _WORDS,
        )
        self._grams = Postings(
            [Counter(trigrams(some)) for some in questions],
            [Counter(trigrams(some)) for some in answers],
            _GRAMS,
        )
        #: what a word that no entry holds is worth
        self.rarest = self._words.unknown
        self._thesaurus = Thesaurus(analyzer, groups)

    def _content(self, text: str, vocabulary: Counter[str]) -> list[str]:
        for token in _TOKEN.findall(text):
            self._surface.setdefault(fold(token), token)
        found = words(text)
        vocabulary.update(found)
        return [word for word in found if word not in self._analyzer.stopwords]

    def match(self, text_words: Sequence[str], partial: bool = False) -> Match:
        """Return how well entries match the words of a question or sentence.

        With `partial` the last word may be the beginning of one.
        """
        content = [word for word in text_words if word not in self._analyzer.stopwords]
        content = content or list(text_words)
        scores: dict[int, float] = {}
        asked = known = 0.0
        meanings = self._meanings(content)
        if partial and text_words:
            self._complete(text_words[-1], meanings)
        for meaning in meanings.values():
            if not meaning:
                asked += self._words.unknown
                continue
            worth = max(self._words.idf[stem] for stem in meaning)
            asked, known = asked + worth, known + worth
            self._add(meaning, scores)
        self._add_grams(content, asked, scores)
        return Match(scores, asked * (1 + GRAMS), known, asked)

    def repaired(self, text: str) -> str:
        """Return a text with the words nobody wrote before replaced by those of the entries."""
        return _TOKEN.sub(lambda found: self._repair(found.group()), text)

    def _repair(self, token: str) -> str:
        word = fold(token)
        if word in self._analyzer.stopwords or word in self.speller:
            return token
        near = self.speller.nearest(word)
        return self._surface.get(near[0][0], near[0][0]) if near else token

    def _meanings(self, content: Sequence[str]) -> dict[str, dict[str, float]]:
        """Return for each word the stems it may stand for, with how far each is trusted."""
        known = self._words.idf
        meanings: dict[str, dict[str, float]] = {}
        for word in content:
            stem = self._analyzer.stem(word)
            if stem in known:
                meanings[stem] = {stem: 1.0}
                continue
            near = self.speller.nearest(word)
            stems = {
                self._analyzer.stem(other): trust
                for other, trust in near
                if other not in self._analyzer.stopwords
            }
            first = next(iter(stems), stem)
            meanings.setdefault(first, {}).update(stems)
        self._add_synonyms(list(meanings), meanings)
        return meanings

    def _complete(self, beginning: str, meanings: dict[str, dict[str, float]]) -> None:
        """Let the last word stand for those that begin like it."""
        stem = self._analyzer.stem(beginning)
        for word in self.speller.completions(beginning):
            if word not in self._analyzer.stopwords:
                completed = self._analyzer.stem(word)
                meanings.setdefault(stem, {}).setdefault(completed, COMPLETED)

    def _add_synonyms(self, stems: Sequence[str], meanings: dict[str, dict[str, float]]) -> None:
        known = self._words.idf
        taken = set(stems)
        for stem, others in self._thesaurus.of(stems):
            for other in others:
                if all(part in known and part not in taken for part in other):
                    for part in other:
                        trust = max(meanings[stem].get(part, 0.0), SYNONYM / len(other))
                        meanings[stem][part] = trust

    def _add(self, meaning: dict[str, float], scores: dict[int, float]) -> None:
        """Add what a word's best meaning is worth in each entry."""
        best: Mapping[int, float] = {}
        for stem, trust in meaning.items():
            impacts = self._words.of(stem)
            if trust == 1.0 and not best:
                best = impacts
                continue
            better = dict(best)
            for number, impact in impacts.items():
                worth = impact * trust
                if worth > better.get(number, 0.0):
                    better[number] = worth
            best = better
        get = scores.get
        for number, worth in best.items():
            scores[number] = get(number, 0.0) + worth

    def _add_grams(self, content: Sequence[str], asked: float, scores: dict[int, float]) -> None:
        grams = set(trigrams(content))
        perfect = self._grams.worth(grams)
        if not perfect:
            return
        scale = GRAMS * asked / perfect
        likely = nlargest(_LIKELY, scores, key=scores.__getitem__) if len(scores) > _MANY else None
        get = scores.get
        for gram in grams:
            impacts = self._grams.of(gram)
            if likely is None:
                for number, impact in impacts.items():
                    scores[number] = get(number, 0.0) + scale * impact
            else:
                for number in likely:
                    if number in impacts:
                        scores[number] += scale * impacts[number]


def trigrams(some: Iterable[str]) -> list[str]:
    """Return the 3-grams of words, their ends marked."""
    marked = (f"_{word}_" for word in some)
    return [word[at : at + 3] for word in marked for at in range(len(word) - 2)]


def _question(entry: Entry) -> str:
    return "\n".join((entry.question, *entry.phrasings))
