"""Tracking numbers as people write them, brought into one form."""

import unicodedata
from collections.abc import Iterator

#: No carrier's number is longer.
LONGEST = 50
#: What is longer than this is not even looked at: it is a text, or an attack.
_RAW = 120
_SHORTEST = 5


def forms(raw: object) -> Iterator[str]:
    """Yield the forms a number may be meant in: without hyphens, then with them.

    Capitals, without spaces and invisible characters, full-width characters made narrow. Yields
    nothing for what cannot be a number.
    """
    if not isinstance(raw, str) or len(raw) > _RAW:
        return
    if raw.isascii():
        kept = "".join(raw.split()).upper()
    else:
        narrow = unicodedata.normalize("NFKC", raw)
        if len(narrow) > _RAW:  # one character may become eighteen
            return
        kept = "".join(map(_character, narrow)).upper()
    bare = kept.replace("-", "")
    # `isalnum` alone would let digits and letters of other scripts through.
    if not (bare.isascii() and bare.isalnum()) or not _SHORTEST <= len(bare) <= LONGEST:
        return
    if bare.isdigit() and len(set(bare)) == 1:
        return
    yield bare
    if kept != bare and len(kept) <= LONGEST:
        yield kept


def normalised(raw: object) -> str:
    """Return the plain form of a number, empty for what cannot be one."""
    return next(forms(raw), "")


def _character(char: str) -> str:
    if char.isspace():
        return ""
    category = unicodedata.category(char)
    if category == "Cf":  # zero-width spaces, marks of direction
        return ""
    return "-" if category == "Pd" or char == "\u2212" else char
