"""Addresses and names as they may stand in a message: one line, one address, no tricks."""

import re
import unicodedata

from ..errors import GRCError

#: What RFC 5321 allows an address, and its part before the @.
ADDRESS_LENGTH, LOCAL_LENGTH = 254, 64
NAME_LENGTH, SUBJECT_LENGTH = 100, 200
#: Letters of any script; neither quotes nor comments, which no shop's customers have.
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
#: Control characters, line separators, and marks that turn the direction of writing.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class BadAddress(GRCError, ValueError):
    """Raise for what is no address that a message could be sent to."""


def checked(address: str) -> str:
    """Return an address with its domain in ASCII (IDNA), or raise BadAddress.

    The part before the @ may hold letters of any script (RFC 6531).
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > LOCAL_LENGTH:
        raise BadAddress(f"{shown(address)} is not an e-mail address")
    found = f"{local}@{_domain(domain, address)}"
    if len(found.encode()) > ADDRESS_LENGTH:
        raise BadAddress(f"{shown(address)} is longer than an e-mail address may be")
    return found


def _domain(domain: str, address: str) -> str:
    try:
        found = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        found = ""
    labels = found.split(".")
    if not all(len(label) <= 63 and _LABEL.fullmatch(label) for label in labels):
        raise BadAddress(f"{shown(address)} is not an e-mail address: its domain is wrong")
    return found


def one_line(text: str, length: int) -> str:
    """Return text without control characters and line ends, cut to a length in characters."""
    plain = (" " if unicodedata.category(sign) in _HIDDEN else sign for sign in text)
    found = " ".join("".join(plain).split())
    return found if len(found) <= length else found[: length - 1].rstrip() + "…"


def masked(address: str) -> str:
    """Return an address that still tells two people apart, such as `a…n@example.com`."""
    local, at, domain = address.rpartition("@")
    hidden = f"{local[:1]}…{local[-1:]}" if len(local) > 2 else "…"
    return f"{hidden}{at}{domain}"


def shown(address: str) -> str:
    """Return what was given as an address, safe to stand in an error."""
    return repr(one_line(address, 80))
