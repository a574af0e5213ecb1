"""What is said to staff: in English by itself, in their language where a page translates it."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with places such as `%(order)s`; an empty one says nothing."""

    text: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.text else ""

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Said()


def said(text: str, **values: str) -> Said:
    """Return a sentence."""
    return Said(text, values)
