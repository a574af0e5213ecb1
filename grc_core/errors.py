"""The errors that GRC raises at its own users, each saying what to do next."""

import difflib
from collections.abc import Iterable


class GRCError(Exception):
    """Base of every error raised by GRC."""


class ConversionError(GRCError, ValueError):
    """Raise when a value of the shop cannot become a GRC value."""


class PluginRefused(GRCError):
    """Raise when a plugin cannot be loaded; the message is shown to the shop's developer."""


class InvalidContact(GRCError, ValueError):
    """Raise when a contact, or something said about one, cannot be stored as it is."""


class NotConfigured(GRCError):
    """Raise when GRC is used before `init_app`, or where a part of the shop is missing."""


class NotUpgraded(GRCError):
    """Raise when the GRC tables are missing or old; `flask grc db upgrade` mends it."""


class WrongDatabase(GRCError):
    """Raise when an event is emitted in a session that is not on GRC's database."""


class PersonalAccess(GRCError):
    """Raise when a widget declared `public=True` reads a personal part of the page."""


class Refused(GRCError):
    """Raise from `reserve` to refuse an order; the message is shown to the visitor."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint such as ` (did you mean 'order.thanks'?)`, or an empty string."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.5)
    return f" (did you mean {found[0]!r}?)" if found else ""
