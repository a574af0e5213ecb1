"""What people type, made safe to keep: length, control characters, and what names a person."""

import re
import unicodedata

#: Characters of a question, of a search, of a comment and of a name.
QUESTION, QUERY, COMMENT, NAME = 5000, 300, 1000, 100
#: Not the spaces that may not break, which French has before its question marks.
_SPACES = re.compile(r"[ \t\n\r\f\v]+")
_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"\d(?:[\s.-]?\d){4,}")
_EMAIL = re.compile(
    r"[^@\s<>,;:\"()\[\]\\]{1,64}@[^@\s<>,;:\"()\[\]\\]{1,190}\.[^@\s.<>,;:\"()\[\]\\]{2,63}"
)


def clean(text: str | None, length: int) -> str:
    """Return text without control characters, cut to a length; line ends stay."""
    kept = (
        sign
        for sign in (text or "").replace("\r\n", "\n")[: length * 2]
        if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Cn")
    )
    return "".join(kept).strip()[:length]


def one_line(text: str | None, length: int) -> str:
    """Return text on one line, so that it can stand in a header."""
    return _SPACES.sub(" ", clean(text, length * 2)).strip()[:length]


def impersonal(text: str) -> str:
    """Return a search without what looks like an address or a number of somebody."""
    return _NUMBER.sub("#", _ADDRESS.sub("@", one_line(text, QUERY)))


def address(text: str | None) -> str | None:
    """Return an e-mail address in lower case, None for what is none."""
    found = (text or "").strip().lower()
    return found if _EMAIL.fullmatch(found) and clean(found, 320) == found else None
