"""What a browser agreed to: a cookie that the server signs, and a flag for scripts."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from types import MappingProxyType
from typing import Any

from itsdangerous import BadData
from itsdangerous import URLSafeTimedSerializer

from .purposes import Purpose

#: The signed cookie that holds a choice, and the readable one that says which purposes it allows.
COOKIE, FLAG = "grc_consent", "grc_choice"
#: A refusal is kept as long as an acceptance.
KEPT_SECONDS = 180 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody chose, and when.

    `asked` has a fingerprint of what was said of each purpose that the choice is about, by its
    label. `id` names the consent in a ledger; a refusal has none.
    """

    purposes: Purpose
    at: datetime
    asked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    id: str | None = None

    @property
    def flag(self) -> str:
        """Return what the readable cookie says: the purposes agreed to, such as `analytics`."""
        agreed = (self.purposes & ~Purpose.NECESSARY).labels
        return ".".join(agreed) or "none"

    def dumps(self, signing: URLSafeTimedSerializer) -> str:
        """Return the choice as a signed text."""
        content: list[Any] = [self.purposes.value, int(self.at.timestamp()), dict(self.asked)]
        return str(signing.dumps([*content, self.id] if self.id else content))

    @classmethod
    def loads(cls, text: str, signing: URLSafeTimedSerializer) -> "Choice | None":
        """Return the choice that this app signed; None for what is forged, old or garbled."""
        try:
            content = signing.loads(text, max_age=KEPT_SECONDS)
            purposes, at, asked, *rest = content
            agreed = Purpose(purposes) | Purpose.NECESSARY
            return cls(agreed, datetime.fromtimestamp(at, UTC), dict(asked), *rest[:1])
        except (BadData, TypeError, ValueError, OverflowError, OSError):
            return None
