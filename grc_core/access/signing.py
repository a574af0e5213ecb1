"""Signatures of webhooks: `GRC-Signature: t=<time>,v1=<HMAC>`, one v1 per valid key."""

import hashlib
import hmac
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from flask import Flask

from ..errors import GRCError

HEADER = "GRC-Signature"
#: A receiver refuses what was signed longer ago than this, or as far in the future.
TOLERANCE = timedelta(minutes=5)
_PREFIX = "whsec_"


def webhook_keys(app: Flask, webhook: str, number: int) -> list[str]:
    """Return a webhook's key number `number`, the one to show first.

    It derives from the app's SECRET_KEY, so that the database holds nothing to sign with. The
    keys that derive from SECRET_KEY_FALLBACKS follow: they stay valid while the shop changes
    its secret key. Raises GRCError where the app has none.
    """
    if not app.secret_key:
        raise GRCError("webhooks are signed, which needs app.config['SECRET_KEY']; set it first")
    roots = [app.secret_key, *reversed(app.config.get("SECRET_KEY_FALLBACKS") or ())]
    return [_derived(root, f"grc webhook {webhook} {number}") for root in roots]


def _derived(root: str | bytes, purpose: str) -> str:
    secret = root.encode() if isinstance(root, str) else root
    return _PREFIX + hmac.new(secret, purpose.encode(), hashlib.sha256).hexdigest()


def signature(keys: Iterable[str], at: datetime, body: bytes) -> str:
    """Return the value of the header for a body sent at a time."""
    stamp = str(int(at.timestamp()))
    return ",".join([f"t={stamp}", *(f"v1={_mac(key, stamp, body)}" for key in keys)])


def is_signed(header: str, keys: Sequence[str], body: bytes, now: datetime) -> bool:
    """Tell whether a body came from who knows one of the keys, and not long ago.

    This is what a receiver does: compare the HMAC-SHA256 of `<t>.<raw body>` with each v1.
    """
    parts = [part.partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    if len(stamps) != 1 or not (stamps[0].isascii() and stamps[0].isdigit()):
        return False
    if len(stamps[0]) > 12 or abs(int(stamps[0]) - now.timestamp()) > TOLERANCE.total_seconds():
        return False
    given = [value.encode("utf-8", "replace") for name, _, value in parts if name == "v1"]
    wanted = [_mac(key, stamps[0], body).encode() for key in keys]
    return any(hmac.compare_digest(one, other) for one in given for other in wanted)


def _mac(key: str, stamp: str, body: bytes) -> str:
    return hmac.new(key.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
