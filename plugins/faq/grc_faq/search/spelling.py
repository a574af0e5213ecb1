"""Repair words nobody wrote before: the nearest ones of the index's own vocabulary."""

from collections.abc import Mapping

#: Letters from which a word may be one edit off, and two.
ONE_EDIT, TWO_EDITS = 4, 8


class Speller:
    """Find words of a vocabulary that a misspelt one may stand for.

    `counts` are the words of the index, folded and unstemmed, and how often they stand there.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._by_length: dict[int, list[str]] = {}
        for word in counts:
            if len(word) >= ONE_EDIT - 1 and not word.isdecimal():
                self._by_length.setdefault(len(word), []).append(word)
        self._known: dict[str, tuple[tuple[str, float], ...]] = {}

    def __contains__(self, word: str) -> bool:
        return word in self._counts

    def nearest(self, word: str) -> tuple[tuple[str, float], ...]:
        """Return up to three near words with how far each is trusted, in 0 to 1."""
        found = self._known.get(word)
        if found is None:
            found = self._look(word)
            if len(self._known) < 20_000:
                self._known[word] = found
        return found

    def _look(self, word: str) -> tuple[tuple[str, float], ...]:
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import extract

        if len(word) < ONE_EDIT or word.isdecimal():
            return ()
        edits = 2 if len(word) >= TWO_EDITS else 1
        best: list[tuple[int, int, str]] = []
        for length in range(len(word) - edits, len(word) + edits + 1):
            some = self._by_length.get(length)
            if some:
                for near, distance, _ in extract(
                    word, some, scorer=OSA.distance, score_cutoff=edits, limit=4
                ):
                    # a first letter is rarely wrong
                    wrong = int(distance) * 2 + (near[0] != word[0])
                    best.append((wrong, -self._counts[near], near))
        best.sort()
        kept = [item for item in best if item[0] <= best[0][0]][:3]
        return tuple((near, 0.9 if wrong <= 2 else 0.7) for wrong, _, near in kept)

    def completions(self, beginning: str, limit: int = 12) -> list[str]:
        """Return the most frequent words with this beginning."""
        if len(beginning) < 2:
            return []
        found = [word for word in self._counts if word.startswith(beginning)]
        return sorted(found, key=lambda word: -self._counts[word])[:limit]
