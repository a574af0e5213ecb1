"""What a webhook is told: a versioned envelope around what the event holds, and no more."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields
from dataclasses import is_dataclass
from datetime import datetime
from typing import Any

from .. import codec
from ..events import Occurrence
from ..events import SignUp

#: Of a value these are the shop's and GRC's own affair.
_LEFT_OUT = frozenset({"cursor", "attributes", "verified", "consents"})


@dataclass(frozen=True, slots=True)
class Message:
    """Something to tell: its id is the same at each attempt, so that a receiver may dedupe."""

    id: str
    type: str
    version: int
    created: datetime
    data: Mapping[str, Any]

    @property
    def body(self) -> bytes:
        """Return the message as it is sent and signed."""
        document = {
            "id": self.id,
            "type": self.type,
            "version": self.version,
            "created": self.created.isoformat(),
            "data": self.data,
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def data_of(occurrence: Occurrence) -> dict[str, Any]:
    """Return an event's fields as plain JSON; times are ISO 8601, money is in minor units."""
    if isinstance(occurrence, SignUp):
        return {"customer": plain(occurrence.customer)}
    found: dict[str, Any] = plain(occurrence)
    return found


def plain(value: Any) -> Any:
    """Return a value of GRC as plain JSON."""
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        names = (item.name for item in fields(value) if item.name not in _LEFT_OUT)
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    encoded = codec.encode(value)
    if isinstance(encoded, dict):  # a tagged value, such as a date
        return next(iter(encoded.values()), None)
    return encoded
