"""Who a webhook is from: the signature over its raw body, and a time that is now."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ...errors import GRCError

#: Seconds that the time of a signature may lie before now, or after it.
TOLERANCE = 300
_MOST_DIGITS = 12


class Forged(GRCError):
    """Raise for a webhook that Stripe did not send just now."""


def verified(body: bytes, header: str | None, secrets: Sequence[str], now: datetime) -> Any:
    """Return the JSON of a webhook; raises Forged unless one of the secrets signed it just now.

    The SDK checks the signature over the bytes as they came. It takes times to come, so the
    time is checked here, both ways.
    """
    from stripe import SignatureVerificationError
    from stripe import WebhookSignature

    if abs(now.timestamp() - _time(header)) > TOLERANCE:
        raise Forged("its time is too far from now")
    for secret in secrets:
        try:
            WebhookSignature.verify_header(body, header, secret)
        except UnicodeDecodeError as error:
            raise Forged("its body is no text") from error
        except SignatureVerificationError:
            continue
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Forged("its body is no JSON") from error
    raise Forged("no secret of this shop signed it")


def _time(header: str | None) -> int:
    """Return the time of a signature: the first one, as the SDK reads it."""
    for part in (header or "").split(","):
        name, _, value = part.partition("=")
        if name == "t":
            if value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS:
                return int(value)
            break
    raise Forged("it has no signature with a time")
