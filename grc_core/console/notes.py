"""What a page says of what was just done, and the way to take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """What a page says of what was just done, with a way to take it back."""

    text: str
    kind: str = "done"
    undo_url: str | None = None
    undo: Mapping[str, Any] | None = None

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Return what the button sends."""
        pairs = (self.undo or {}).items()
        return [(name, item) for name, value in pairs
                for item in ([value] if isinstance(value, str) else value)]  # fmt: skip
