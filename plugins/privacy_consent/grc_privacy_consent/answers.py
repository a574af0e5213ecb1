"""What a form says: accept, refuse, or these purposes."""

from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import UnprocessableEntity

from grc_core import Purpose

from .purposes import labelled

WAYS = ("accept", "refuse", "save")
INTERFACES = ("banner", "choices")


@dataclass(frozen=True, slots=True)
class Answer:
    """A choice as a form states it; what is not ticked is refused."""

    way: str
    purposes: Purpose
    interface: str

    @classmethod
    def of(cls, form: Any, offered: Purpose) -> "Answer":
        """Read a form; raise UnprocessableEntity for a word that was not offered."""
        way = form.get("choice", "save")
        interface = form.get("interface", "choices")
        named = form.getlist("purpose")
        _known("choice", [way], WAYS)
        _known("interface", [interface], INTERFACES)
        _known("purpose", named, labelled(offered))
        return cls(way, Purpose.parse(named), interface)

    def applied(self, agreed: Purpose, about: Purpose) -> Purpose:
        """Return what is agreed to after this answer about some purposes; the others stay."""
        others = agreed & ~about
        if self.way == "accept":
            return others | about | Purpose.NECESSARY
        if self.way == "refuse":
            return others | Purpose.NECESSARY
        return others | (self.purposes & about) | Purpose.NECESSARY


def _known(field: str, values: list[str], allowed: Any) -> None:
    for value in values:
        if value not in allowed:
            known = ", ".join(allowed)
            raise UnprocessableEntity(f"{field} {value[:40]!r} is unknown; known are {known}.")
