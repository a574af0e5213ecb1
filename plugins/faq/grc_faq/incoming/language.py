"""Tell French from English by small words and signs."""

from ..search.words import words

_FRENCH = frozenset(
    "je vous est une les des pour pas que mon ma mes avec dans bonjour merci".split()  # noqa: SIM905
)
_SIGNS = frozenset("éèêàçùô")


def is_french(text: str) -> bool:
    """Tell whether a text seems to be French."""
    if not _SIGNS.isdisjoint(text.lower()):
        return True
    return sum(word in _FRENCH for word in words(text)) >= 2
