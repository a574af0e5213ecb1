"""Addresses of tracking pages that nobody can guess, and that nothing has to be stored for."""

import hmac
from base64 import urlsafe_b64decode
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256

_SIZE = 16  # bytes of proof: 128 bits
_ID = 8
_LENGTH = 32  # characters


def token(parcel_id: int, keys: Sequence[str | bytes]) -> str:
    """Return the token of a parcel, made with the first key.

    It holds a keyed hash of the id and, masked with that hash, the id itself: how many parcels
    there are cannot be read from it.
    """
    proof = _proof(parcel_id, keys[0])
    return urlsafe_b64encode(
        proof + _masked(parcel_id.to_bytes(_ID, "big"), proof, keys[0])
    ).decode()


def parcel_id(text: str, keys: Sequence[str | bytes]) -> int | None:
    """Return the parcel that a token is of, or None; the same work for every token."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii")) if len(text) == _LENGTH else b""
    except ValueError:
        raw = b""
    raw = raw if len(raw) == _SIZE + _ID else bytes(_SIZE + _ID)
    found = None
    for key in keys:
        proof = raw[:_SIZE]
        id = int.from_bytes(_masked(raw[_SIZE:], proof, key), "big")
        if hmac.compare_digest(_proof(id, key), proof):
            found = id
    return found


def digest(text: str, key: str | bytes) -> str:
    """Return a keyed hash of something personal that only has to be compared."""
    return hmac.new(_bytes(key), b"grc parcels lookup" + text.encode(), sha256).hexdigest()


def _proof(id: int, key: str | bytes) -> bytes:
    text = b"grc parcels page" + id.to_bytes(_ID, "big")
    return hmac.new(_bytes(key), text, sha256).digest()[:_SIZE]


def _masked(value: bytes, proof: bytes, key: str | bytes) -> bytes:
    mask = hmac.new(_bytes(key), b"grc parcels mask" + proof, sha256).digest()
    return bytes(one ^ other for one, other in zip(value, mask, strict=False))


def _bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()
