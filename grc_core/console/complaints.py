"""What marshmallow finds wrong, in the language of the page; it writes English with numbers in."""

import re
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any

#: Sentences with something in them, and how the catalogue names it.
_SENTENCES = (
    "Must be greater than or equal to %(min)s and less than or equal to %(max)s.",
    "Must be greater than or equal to %(min)s.",
    "Must be less than or equal to %(max)s.",
    "Must be greater than %(min)s.",
    "Must be less than %(max)s.",
    "Must be one of: %(choices)s.",
    "Length must be between %(min)s and %(max)s.",
    "Shorter than minimum length %(min)s.",
    "Longer than maximum length %(max)s.",
)


def _pattern(sentence: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"%\\\((\w+)\\\)s|%\((\w+)\)s", _group, re.escape(sentence)))


def _group(found: re.Match[str]) -> str:
    return f"(?P<{found[1] or found[2]}>.+)"


_PATTERNS = tuple((sentence, _pattern(sentence)) for sentence in _SENTENCES)


def complaint(message: str, translate: Callable[[str], str]) -> str:
    """Return a message translated, what it holds put back in; one of a plugin's as it is known."""
    for sentence, pattern in _PATTERNS:
        if found := pattern.fullmatch(message):
            return translate(sentence) % found.groupdict()
    return translate(message)


def flat(messages: Any) -> list[str]:
    """Return messages of a field as sentences, those of its parts with their places."""
    if isinstance(messages, Mapping):
        return [f"{key}: {text}" for key, item in messages.items() for text in flat(item)]
    return [str(item) for item in messages] if isinstance(messages, list) else [str(messages)]
