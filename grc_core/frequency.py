"""How often a browser was shown what a merchant limits, kept by the browser itself."""

from collections.abc import Mapping
from hashlib import blake2s
from typing import Self

#: The cookie with the counts; it holds no id.
COOKIE = "grc_shown"
#: What is counted longer ago than this is forgotten.
LONGEST_DAYS = 90
_MOST_KEYS = 20
_MOST_TIMES = 999


class Shown:
    """The counts of one browser: per widget and slot, the first day of a span and the times.

    Days are numbered; a span ends `days` after the first showing in it, and the next begins with
    the next showing.
    """

    def __init__(self, counts: Mapping[str, tuple[int, int]] | None = None) -> None:
        self._counts = dict(counts or {})
        self.changed = False

    @classmethod
    def of(cls, cookie: str | None) -> Self:
        """Read the cookie; what cannot be read counts as never shown."""
        counts: dict[str, tuple[int, int]] = {}
        for part in (cookie or "").split("~")[:_MOST_KEYS]:
            key, _, numbers = part.partition(".")
            first, _, times = numbers.partition(".")
            if _is_count(first) and _is_count(times):
                counts[key] = (int(first), int(times))
        return cls(counts)

    def times(self, what: str, days: int, today: int) -> int:
        """Return how often something was shown in the present span."""
        first, times = self._counts.get(_key(what), (today, 0))
        return times if 0 <= today - first < days else 0

    def add(self, what: str, days: int, today: int) -> None:
        """Count a showing."""
        times = self.times(what, days, today)
        first = self._counts[_key(what)][0] if times else today
        self._counts.pop(_key(what), None)  # the latest stands last, and is kept longest
        self._counts[_key(what)] = (first, min(times + 1, _MOST_TIMES))
        self.changed = True

    def cookie(self, today: int) -> str:
        """Return what the browser keeps: the latest counts, those of long ago left out."""
        parts = [
            f"{key}.{first}.{times}"
            for key, (first, times) in self._counts.items()
            if 0 <= today - first < LONGEST_DAYS
        ]
        return "~".join(parts[-_MOST_KEYS:])


def _key(what: str) -> str:
    return blake2s(what.encode("utf-8", "replace"), digest_size=4).hexdigest()


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6
