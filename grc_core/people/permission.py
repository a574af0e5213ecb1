"""The one gate for messages: consent, suppression, unsubscription and the plugins' vetoes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..adapter import Adapter
from ..clock import Clock
from ..consent import Gate
from ..decisions import HookCalls
from ..errors import InvalidContact
from ..errors import nearest
from ..purposes import Purpose
from ..values import Subject
from .addresses import Addresses
from .contact import Contact
from .text import email_key

KINDS = ("transactional", "commercial")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a message may be sent, and why not."""

    allowed: bool
    reason: str | None = None

    def __bool__(self) -> bool:
        return self.allowed


_YES = Verdict(True)
#: The answer of a plugin that raised: nobody knows what it would have said.
_FAILED = object()


class Permission:
    """Say whether a message of a kind may be sent to a contact."""

    def __init__(
        self,
        addresses: Addresses,
        gate: Gate,
        adapter: Adapter,
        calls: HookCalls,
        clock: Clock,
    ) -> None:
        self._addresses = addresses
        self._gate = gate
        self._adapter = adapter
        self._calls = calls
        self._clock = clock

    def may_send(self, contact: Contact | None, kind: str, email: str | None = None) -> Verdict:
        """Return whether a `transactional` or `commercial` message may be sent now.

        `email` is the address it goes to, the contact's first unless given; without a contact
        an address alone is judged. Raises InvalidContact for an unknown kind.
        """
        if kind not in KINDS:
            raise InvalidContact(f"unknown kind of message {kind!r}{nearest(kind, KINDS)}")
        address = email_key(email) or (contact.email if contact else None)
        if address and self._addresses.bounced(address):
            return Verdict(False, f"{address} refuses mail for good")
        if kind == "transactional":
            return _YES
        return self._commercial(contact, address)

    def _commercial(self, contact: Contact | None, address: str | None) -> Verdict:
        if contact is not None and contact.unsubscribed_at is not None:
            return Verdict(False, "unsubscribed")
        if address and self._addresses.unsubscribed(address):
            return Verdict(False, "somebody with this address has unsubscribed")
        suppressed = self._suppressed(contact, address)
        if suppressed:
            return Verdict(False, f"suppressed: {suppressed}")
        answers = self._answers(contact, "commercial")
        failed = [name for name, answer in answers.items() if answer is _FAILED]
        if failed:
            return Verdict(False, f"plugin {failed[0]} failed when it was asked")
        if True not in answers.values() and not self._agreed(_subjects(contact, address)):
            return Verdict(False, "no consent to marketing")
        vetoes = [name for name, answer in answers.items() if answer is False]
        return Verdict(False, f"plugin {vetoes[0]} vetoes") if vetoes else _YES

    def _suppressed(self, contact: Contact | None, address: str | None) -> str | None:
        """Return why nothing is sent: to this person, or to anybody at a bare address."""
        if contact is not None:
            return ", ".join(_reasons(contact, self._clock())) or None
        return self._addresses.suppressed(address) if address else None

    def _agreed(self, subjects: Sequence[Subject]) -> bool:
        """Tell whether the person agreed under each name; a refusal under one counts."""
        with self._adapter.outside():
            given = [self._gate.consents(subject) for subject in subjects]
        return bool(given) and all(each.allows(Purpose.MARKETING) for each in given)

    def _answers(self, contact: Contact | None, kind: str) -> dict[str, object]:
        """Return what plugins say: False vetoes, True vouches for a consent that is implied."""
        if contact is None:
            return {}
        asked = self._calls.ask_each("may_send", contact=contact, kind=kind)
        return {name: answer if done else _FAILED for name, done, answer in asked}


def _reasons(contact: Contact, now: datetime) -> list[str]:
    return [item.reason for item in contact.suppressions if item.until is None or item.until > now]


def _subjects(contact: Contact | None, address: str | None) -> list[Subject]:
    """Return whose consent counts: the customer's, else the addresses'."""
    if contact is not None and contact.customer_ids:
        return [Subject("customer", id) for id in contact.customer_ids]
    return [Subject("email", address)] if address else []
