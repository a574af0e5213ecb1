"""The one gate that every message passes, when it is queued and again when it is sent."""

from ..people.contact import Contact
from ..people.contacts import Contacts


class MailGate:
    """Ask of everybody at an address whether a message may go there.

    Two people may share an address: what one of them refused reaches neither.
    """

    def __init__(self, contacts: Contacts) -> None:
        self._contacts = contacts

    def refusal(self, contact: Contact | str | None, kind: str, address: str) -> str | None:
        """Return why a message may not be sent, or None where it may."""
        if kind == "commercial" and contact is None:
            return "nobody known has this address"
        people: list[Contact | str | None] = [contact]
        if kind == "commercial":
            id = contact.id if isinstance(contact, Contact) else contact
            people += [other for other in self._contacts.by_email(address) if other.id != id]
        for person in people:
            verdict = self._contacts.may_send(person, kind, address)
            if not verdict.allowed:
                return verdict.reason or "not allowed"
        return None
