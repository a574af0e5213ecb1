"""Text of people: cleaned before it is stored, escaped only where it is shown."""

import re
import unicodedata
from collections.abc import Iterable

from ..errors import InvalidContact

NAME, TAG, EMAIL, SUMMARY, WORD = 200, 60, 254, 500, 64
_MOST_WORDS = 24
#: Besides control characters: what turns the direction of a line of text around.
_TURNING = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LAST = "\U0010ffff"


def cleaned(value: object) -> str:
    """Return text without control characters, runs of white space as one space."""
    text = str(value)
    if text.isprintable():  # nearly always; neither a control character nor white space but " "
        return " ".join(text.split())
    kept = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or not (char in _TURNING or unicodedata.category(char) in ("Cc", "Cs"))
    )
    return " ".join("".join(kept).split())


def clean(value: object, what: str, limit: int) -> str:
    """Return cleaned text, or raise InvalidContact where it is too long."""
    text = cleaned(value)
    if len(text) > limit:
        raise InvalidContact(f"{what} has {len(text)} characters; {limit} are allowed")
    return text


def cut(value: object, limit: int) -> str | None:
    """Return cleaned text of what the shop says, cut to a length; None where there is none."""
    return (cleaned(value)[:limit] or None) if value is not None else None


def email_key(value: object) -> str | None:
    """Return an address as it is compared: lower-case; None for what cannot be one."""
    text = cleaned(value).lower() if value else ""
    name, at, domain = text.rpartition("@")
    fits = name and at and domain and " " not in text and len(text) <= EMAIL
    return text if fits else None


def email_of(value: str) -> str:
    """Return an address as it is compared, or raise InvalidContact."""
    found = email_key(value)
    if found is None:
        raise InvalidContact(f"{cleaned(value)[:80]!r} is not an e-mail address")
    return found


def fold(text: str) -> str:
    """Return text without case and accents, to be searched."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


def words(text: str) -> list[str]:
    """Return the folded words of a name or a question; an address stays whole."""
    found: list[str] = []
    for part in fold(text).split():
        found += [part] if "@" in part else re.findall(r"[^\W_]+", part)
    return [word[:WORD] for word in found]


def index_words(name: str | None, emails: Iterable[str]) -> set[str]:
    """Return the words by which a contact is found: of its name and of its addresses."""
    found = words(name or "")
    for email in emails:
        local, _, domain = email.rpartition("@")
        found += [*words(email), *words(local), fold(domain)[:WORD]]
    return set(dict.fromkeys(found[:_MOST_WORDS]))


def after_prefix(word: str) -> str:
    """Return what sorts after every word with this beginning."""
    return word + _LAST
