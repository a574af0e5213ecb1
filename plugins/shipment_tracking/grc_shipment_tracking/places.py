"""Names of countries in the reader's language."""

from collections.abc import Sequence
from functools import lru_cache


def served(countries: Sequence[str], locale: str) -> list[str]:
    """Return countries by name, in alphabetical order; at most thirty, which a person may read."""
    return list(_served(tuple(countries), locale))


@lru_cache(maxsize=32)
def _served(countries: tuple[str, ...], locale: str) -> tuple[str, ...]:
    from babel.core import Locale

    names = Locale.parse(locale.replace("-", "_")[:2]).territories
    return tuple(sorted(names.get(code, code) for code in countries[:30]))
