"""Addresses made of questions."""

from collections.abc import Container

from .search.words import words

_LENGTH = 70


def slug_of(text: str, taken: Container[str] = ()) -> str:
    """Return words of a text joined by dashes, numbered where another has it already."""
    found = ""
    for word in words(text):
        if len(found) + len(word) >= _LENGTH:
            break
        found = f"{found}-{word}" if found else word
    found = found or "question"
    slug, number = found, 2
    while slug in taken:
        slug, number = f"{found}-{number}", number + 1
    return slug
