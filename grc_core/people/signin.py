"""The event that a browser and a customer are one: told by a verified sign-in only."""

from dataclasses import dataclass
from typing import ClassVar

from ..events import Occurrence
from ..values import Subject


@dataclass(frozen=True, slots=True)
class SignedIn(Occurrence):
    """A visitor whom the shop authenticated as a customer."""

    hook: ClassVar[str] = "on_signed_in"
    customer_id: str
    visitor: str

    def key(self) -> str:
        """Return visitor and customer: each pair is told once."""
        return f"{self.visitor}:{self.customer_id}"

    def about(self) -> Subject:
        """Return the customer."""
        return Subject("customer", self.customer_id)
