"""Coupon codes: how they are made, read back as people type them, and kept as keyed hashes."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Sequence

#: Crockford's alphabet leaves out what is read wrongly: I, L, O and U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKS = ALPHABET + "*~$=U"
#: Thirteen symbols are 65 bits; the fourteenth is the check.
SYMBOLS = 13
_LOOKALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
#: What people type is at most this long.
_LONGEST = 64


def make() -> str:
    """Return a new secret code, such as `7Q4ZK-2M8HT-0X3PF`."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    return shown(body + check_symbol(body))


def shown(code: str) -> str:
    """Return a code in groups that are easy to read."""
    return "-".join((code[:5], code[5:10], code[10:]))


def check_symbol(body: str) -> str:
    """Return Crockford's check symbol: the number modulo 37."""
    number = 0
    for symbol in body:
        number = number * 32 + ALPHABET.index(symbol)
    return _CHECKS[number % 37]


def normal(typed: str) -> str | None:
    """Return a code as it is hashed, or None for what cannot be one.

    Case, spaces, hyphens and look-alikes do not matter. A secret code with a wrong check symbol
    is a slip of the finger: it is refused without asking the database.
    """
    if len(typed) > _LONGEST:
        return None
    text = unicodedata.normalize("NFKC", typed).upper()
    text = "".join(symbol for symbol in text if not symbol.isspace() and symbol not in "-‐‑–—_.")
    if not 3 <= len(text) <= 20 or not text.isascii():
        return None
    if len(text) == SYMBOLS + 1:
        body, check = text[:-1].translate(_LOOKALIKE), text[-1]
        if any(symbol not in ALPHABET for symbol in body):
            return None
        check = check if check == "U" else check.translate(_LOOKALIKE)
        return body + check if check == check_symbol(body) else None
    return text.translate(_LOOKALIKE) if text.isalnum() else None


def digest(code: str, key: str | bytes) -> str:
    """Return the keyed hash under which a normal code is kept."""
    secret = key if isinstance(key, bytes) else key.encode()
    return hmac.new(secret, b"grc-loyalty code " + code.encode(), hashlib.sha256).hexdigest()


def digests(typed: str, keys: Sequence[str | bytes]) -> list[str]:
    """Return the hashes a typed code may be kept under: one per secret key still recognised."""
    code = normal(typed)
    return [] if code is None else [digest(code, key) for key in keys]
