"""Whom a message is for: a contact, a customer, an order's buyer or an address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..adapter import Adapter
from ..errors import GRCError
from ..people.contact import Contact
from ..people.contacts import Contacts
from ..values import Customer
from ..values import Order
from ..values import Subject

#: What `to` may be.
To = Contact | Customer | Order | str


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address with what is known of its owner."""

    address: str
    name: str
    locale: str
    contact: Contact | None = None


class Recipients:
    """Find out where a message goes, and in which language."""

    def __init__(self, contacts: Contacts, adapter: Adapter) -> None:
        self._contacts = contacts
        self._adapter = adapter
        self._locales = tuple(adapter.shop.locales) or ("en",)

    def find(self, to: Any) -> Recipient:
        """Return the recipient; its address is empty where none is known.

        Raises GRCError for what is neither contact, customer, order nor text.
        """
        if isinstance(to, Contact):
            return self._recipient(to.email, to.name, to.locale, to)
        if isinstance(to, Customer):
            return self._customer(to)
        if isinstance(to, Order):
            return self._order(to)
        if isinstance(to, str):
            return self._recipient(to, None, None, self._owner(to))
        raise GRCError(f"mail goes to a Contact, a Customer, an Order or an address, not {to!r}")

    def _customer(self, customer: Customer) -> Recipient:
        contact = self._contacts.of(Subject("customer", customer.id))
        if contact is None:
            contact = self._owner(customer.email)
        return self._recipient(customer.email, customer.name, customer.locale, contact)

    def _order(self, order: Order) -> Recipient:
        """Return the address given with the order, else that of its customer."""
        customer = None
        if order.customer_id:
            with self._adapter.outside():
                customer = self._adapter.customer_by_id(order.customer_id)
        if customer is not None:
            found = self._customer(customer)
            return Recipient(order.email or found.address, found.name, found.locale, found.contact)
        return self._recipient(order.email, None, None, self._owner(order.email))

    def _owner(self, address: str | None) -> Contact | None:
        """Return who has an address; of several, who has had it longest."""
        return next(iter(self._contacts.by_email(address)), None) if address else None

    def _recipient(
        self, address: str | None, name: str | None, locale: str | None, contact: Contact | None
    ) -> Recipient:
        if contact is not None:
            address = address or contact.email
            name = name or contact.name
            locale = contact.locale or locale
        return Recipient(address or "", name or "", served(locale, self._locales), contact)


def served(tag: str | None, locales: Sequence[str]) -> str:
    """Return the shop's locale for a language tag: the same, else the same language, else its own.

    The first of `locales` is the shop's own.
    """
    wanted = (tag or "").replace("_", "-").lower()
    known = {item.replace("_", "-").lower(): item for item in locales}
    if wanted in known:
        return known[wanted]
    language = wanted.partition("-")[0]
    alike = (item for name, item in known.items() if name.partition("-")[0] == language)
    return next(alike, locales[0])
