"""The search: each piece of a question against every entry, one ranking, one confidence."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from heapq import nlargest

from .confidence import Evidence
from .confidence import confidence
from .confidence import logit
from .entry import Entry
from .entry import Hit
from .lexical import Lexical
from .lexical import Match
from .semantic import Encoder
from .semantic import Semantic
from .synonyms import Group
from .words import Analyzer
from .words import sentences
from .words import words

#: A text with more words than this, stop words apart, is looked at sentence by sentence.
LONG = 14
#: What further sentences add to the best one.
_FURTHER = 0.25
#: So many sentences of a message are looked at: letters have a beginning.
_SENTENCES = 12
#: So many entries of either kind of search are weighed together.
_CANDIDATES = 200
_NO_VECTORS: Mapping[str, bytes] = {}


class Engine:
    """An index of one language; it never changes, a new one takes its place."""

    def __init__(
        self,
        entries: Sequence[Entry],
        lang: str,
        groups: Iterable[Group] = (),
        encoder: Encoder | None = None,
        vectors: Mapping[str, bytes] = _NO_VECTORS,
    ) -> None:
        self.entries = tuple(entries)
        self.analyzer = Analyzer(lang)
        self._lexical = Lexical(self.entries, self.analyzer, groups)
        self._semantic: Semantic | None = None
        if encoder and entries:
            self._semantic = Semantic(self.entries, encoder, vectors)

    @property
    def is_semantic(self) -> bool:
        """Tell whether meaning counts: scores with it and without it are no scale."""
        return self._semantic is not None

    @property
    def made(self) -> Mapping[str, bytes]:
        """Return the vectors that had to be worked out, by the digests of their texts."""
        return self._semantic.made if self._semantic else _NO_VECTORS

    def search(self, text: str, limit: int = 10, partial: bool = False) -> list[Hit]:
        """Return the entries that answer best, the best first.

        With `partial` the last word may be a beginning, and meaning is left out: it is for
        suggestions while somebody types.
        """
        if not self.entries:
            return []
        matches = [self._lexical.match(words(part), partial) for part in self._parts(text)]
        best = max(matches, key=lambda match: max(match.scores.values(), default=0.0))
        scores = _summed(matches)
        if self._semantic is None or partial:
            found = self._by_words(scores, matches, best, limit)
        else:
            found = self._by_meaning(text, scores, best)
        kept = nlargest(limit, found.items(), key=lambda item: (item[1], -item[0]))
        return [self._hit(number, value) for number, value in kept]

    def _by_words(
        self, scores: Mapping[int, float], matches: Sequence[Match], best: Match, limit: int
    ) -> dict[int, float]:
        known = max((match.known / match.asked for match in matches if match.asked), default=0.0)
        perfect, rarest = best.perfect or 1.0, self._lexical.rarest
        return {
            number: logit(Evidence(scores[number] / perfect, scores[number] / rarest, known))
            for number in nlargest(limit, scores, key=lambda one: (scores[one], -one))
        }

    def _by_meaning(self, text: str, scores: Mapping[int, float], best: Match) -> dict[int, float]:
        assert self._semantic is not None  # noqa: S101 the caller looked
        parts = [self._lexical.repaired(part) for part in self._spoken(text)]
        closeness = self._semantic.closeness(parts)
        numbers = {*nlargest(_CANDIDATES, scores, key=scores.__getitem__)}
        numbers.update(nlargest(_CANDIDATES, range(len(closeness)), key=closeness.__getitem__))
        perfect = best.perfect or 1.0
        return {
            number: logit(Evidence(scores.get(number, 0.0) / perfect, closeness=closeness[number]))
            for number in numbers
        }

    def _hit(self, number: int, value: float) -> Hit:
        return Hit(self.entries[number].id, confidence(value), value)

    def _parts(self, text: str) -> list[str]:
        """Return the sentences of a long text that say something, or the text itself."""
        if self._content(text) <= LONG:
            return [text]
        return [part for part in sentences(text) if self._content(part)][:_SENTENCES] or [text]

    def _spoken(self, text: str) -> list[str]:
        """Return the sentences whose meaning is compared, and a short text as a whole."""
        spoken = [part for part in sentences(text) if self._content(part) > 1][:_SENTENCES]
        if self._content(text) > LONG:
            return spoken or [text]
        return [text, *spoken] if len(spoken) > 1 else [text]

    def _content(self, text: str) -> int:
        return sum(word not in self.analyzer.stopwords for word in words(text))


def _summed(matches: Sequence[Match]) -> dict[int, float]:
    """Return the scores of entries: that of their best part, and some of the others."""
    if len(matches) == 1:
        return matches[0].scores
    best: dict[int, float] = {}
    total: dict[int, float] = {}
    for match in matches:
        for number, score in match.scores.items():
            total[number] = total.get(number, 0.0) + score
            if score > best.get(number, 0.0):
                best[number] = score
    return {number: score + _FURTHER * (total[number] - score) for number, score in best.items()}
