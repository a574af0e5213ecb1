"""News that aggregators send: signed over the raw body, fresh, and each taken once."""

import base64
import hmac
from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from hashlib import sha256
from typing import Any

from werkzeug.datastructures import Headers

from . import states
from .numbers import normalised
from .readers import documents
from .readers.documents import Unreadable
from .readers.documents import one_line
from .readers.zones import iso
from .states import Answer
from .states import Told

#: A message that was made longer ago is refused: somebody may have recorded it.
WINDOW = timedelta(minutes=15)
_TAGS = {
    "pending": states.PENDING,
    "inforeceived": states.PENDING,
    "unknown": "",
    "pretransit": states.PENDING,
    "intransit": states.IN_TRANSIT,
    "outfordelivery": states.OUT_FOR_DELIVERY,
    "attemptfail": states.ATTEMPT_FAILED,
    "delivered": states.DELIVERED,
    "availableforpickup": states.READY_FOR_PICKUP,
    "exception": states.EXCEPTION,
    "error": states.EXCEPTION,
    "failure": states.EXCEPTION,
    "expired": "",
    "returntosender": states.RETURNED,
    "cancelled": states.CANCELLED,
}


class Unsigned(Exception):
    """A message without a right signature, or too old."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message: its own id, and the part that is about a number."""

    id: str
    content: Mapping[str, Any]


def aftership(headers: Headers, body: bytes, secret: str, now: datetime) -> Message:
    """Return a message in the manner of AfterShip; raise `Unsigned` or `Unreadable`."""
    right = base64.b64encode(hmac.new(secret.encode(), body, sha256).digest())
    _compare(headers.get("aftership-hmac-sha256", ""), right)
    data = documents.json_object(body)
    _fresh(data.get("ts"), now)
    return Message(_id(data.get("event_id")), _object(data, "msg"))


def easypost(headers: Headers, body: bytes, secret: str, now: datetime) -> Message:
    """Return a message in the manner of EasyPost; raise `Unsigned` or `Unreadable`."""
    right = b"hmac-sha256-hex=" + hmac.new(secret.encode(), body, sha256).hexdigest().encode()
    _compare(headers.get("X-Hmac-Signature", ""), right)
    data = documents.json_object(body)
    _fresh(data.get("created_at"), now)
    return Message(_id(data.get("id")), _object(data, "result"))


#: The senders that are known, by the last part of the address.
SENDERS: Mapping[str, Callable[[Headers, bytes, str, datetime], Message]] = {
    "aftership": aftership,
    "easypost": easypost,
}


def answer(content: Mapping[str, Any]) -> Answer:
    """Return what a message says of its number."""
    number = one_line(content.get("tracking_number") or content.get("tracking_code"))
    items = content.get("checkpoints", content.get("tracking_details"))
    told = [_told(one) for one in items if isinstance(one, dict)] if isinstance(items, list) else []
    promised = content.get("expected_delivery") or content.get("est_delivery_date")
    day = iso(str(promised or ""))
    events = tuple(event for event in told if event is not None)
    return Answer(normalised(number) or number, events, day[0].date() if day else None)


def _compare(given: str, right: bytes) -> None:
    if not hmac.compare_digest(given.encode("utf-8", "replace"), right):
        raise Unsigned("the signature is wrong")


def _fresh(value: object, now: datetime) -> None:
    made: datetime | None = None
    if isinstance(value, int) and 0 < value < 2**33:
        made = datetime.fromtimestamp(value, UTC)
    elif isinstance(value, str):
        found = iso(value)
        made = found[0] if found else None
    if made is None or abs(now - made) > WINDOW:
        raise Unsigned("the message is too old, or does not say when it was made")


def _object(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    if not isinstance(found, dict) or not found.get("tracking_number", found.get("tracking_code")):
        raise Unreadable(f"the message says nothing of a number in {name!r}")
    return found


def _id(value: object) -> str:
    text = one_line(value)
    if not text:
        raise Unreadable("the message has no id")
    return text


def _told(one: Mapping[str, Any]) -> Told | None:
    at = iso(str(one.get("checkpoint_time") or one.get("datetime") or ""))
    if at is None:
        return None
    tag = one_line(one.get("tag") or one.get("status")).replace("_", "").lower()
    where = one.get("tracking_location")
    place = where if isinstance(where, dict) else one
    parts = (one_line(place.get(name)) for name in ("city", "state"))
    said = one_line(one.get("message"))
    return Told(
        f"{one_line(one.get('slug'))}:{tag}",
        at[0],
        _TAGS.get(tag, ""),
        ", ".join(filter(None, parts)),
        text=said,
        zone_known=at[1],
    )
