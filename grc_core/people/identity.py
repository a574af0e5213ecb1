"""Who is who: identities lead to contacts, and contacts are joined on proof, never on a claim."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import select

from ..storage.contact_models import ContactRow
from ..storage.contact_models import IdentityRow
from ..values import Customer
from ..values import Subject
from .addresses import Stated
from .addresses import add_addresses
from .addresses import reindex
from .addresses import verified_owners
from .claims import Claimed
from .claims import claim_all
from .claims import key_of
from .claims import known_contact
from .claims import known_contacts
from .erasure import Erasure
from .merge import Merges
from .merge import was_undone
from .naming import take_in
from .text import email_key
from .work import adding
from .work import members


@dataclass(frozen=True, slots=True)
class Identities:
    """Find, make and join contacts by what identifies them."""

    merges: Merges
    erasure: Erasure

    def known(self, connection: Connection, subject: Subject) -> int | None:
        """Return the contact that a subject leads to, itself perhaps merged into another."""
        return known_contact(connection, subject)

    def claim(self, connection: Connection, subject: Subject, at: datetime) -> int | None:
        """Return the contact of a subject, a new one for somebody new; None for the erased."""
        return self.claim_all(connection, [(subject, at)]).of(subject)

    def claim_all(
        self, connection: Connection, wanted: Sequence[tuple[Subject, datetime]]
    ) -> Claimed:
        """Return the contacts of many subjects; new guests are joined with who has proven so."""
        found = claim_all(connection, self.erasure, wanted)
        guests = {value: found.contacts["guest", value] for kind, value in found.new
                  if kind == "guest"}  # fmt: skip
        if guests:
            at: dict[str, datetime] = {}
            for subject, when in wanted:
                at.setdefault(key_of(subject)[1], when)
            stated = [Stated(id, email, False, at[email]) for email, id in guests.items()]
            reindex(connection, add_addresses(connection, stated))
            for email, owners in verified_owners(connection, sorted(guests)).items():
                self._join_owner(connection, guests[email], owners, email, at[email])
        return found

    def learn(self, connection: Connection, customer: Customer, at: datetime) -> int | None:
        """Take in what the shop says of a customer, and join what a proven address proves."""
        return self.learn_all(connection, [(customer, at)])[0]

    def learn_all(
        self, connection: Connection, told: Sequence[tuple[Customer, datetime]]
    ) -> list[int | None]:
        """Take in what the shop says of many customers; return their contacts, None if erased."""
        claimed = self.claim_all(
            connection, [(Subject("customer", customer.id), at) for customer, at in told]
        )
        people = [claimed.of(Subject("customer", customer.id)) for customer, _ in told]
        found = [(id, *one) for id, one in zip(people, told, strict=True) if id is not None]
        renamed = take_in(connection, found)
        stated = [
            Stated(id, email, customer.email_verified, at)
            for id, customer, at in found
            if (email := email_key(customer.email))
        ]
        reindex(connection, add_addresses(connection, stated) | renamed)
        self._join_guests(connection, [one for one in stated if one.verified])
        return people

    def root(self, connection: Connection, subject: Subject) -> int | None:
        """Return the root of whom a subject means.

        An address that was never a guest's means the one customer who has proven it.
        """
        found = known_contact(connection, subject)
        if found is not None:
            return _roots(connection, [found])[0]
        kind, value = key_of(subject)
        owners = verified_owners(connection, [value]).get(value, []) if kind == "guest" else []
        roots = set(_roots(connection, owners))
        return roots.pop() if len(roots) == 1 else None

    def forgotten(self, connection: Connection, subjects: Iterable[Subject]) -> set[Subject]:
        """Return who of these was erased."""
        keys = {key_of(subject): subject for subject in subjects if subject.id}
        return {keys[key] for key in self.erasure.erased(connection, keys)}

    def sign_in(self, connection: Connection, customer_id: str, visitor: str, at: datetime) -> None:
        """Join a browser with the customer who signed in there; the first one keeps it."""
        person = self.claim(connection, Subject("customer", customer_id), at)
        if person is None or self.erasure.is_erased(connection, "visitor", visitor):
            return
        browser = self.known(connection, Subject("visitor", visitor))
        if browser is None:
            row = {"kind": "visitor", "value": visitor, "contact_id": person, "at": at}
            connection.execute(adding(connection, IdentityRow), row)
            return
        self._join(connection, person, browser, "signed in", at)

    def _join_guests(self, connection: Connection, proven: Sequence[Stated]) -> None:
        """Join the guests that have ordered with addresses which customers have now proven."""
        guests = {
            key[1]: contact
            for key, contact, _ in known_contacts(connection, [("guest", x.email) for x in proven])
        }
        for one in proven:
            if one.email in guests:
                reason = f"verified {one.email}"
                self._join(connection, one.contact_id, guests[one.email], reason, one.at)

    def _join_owner(
        self, connection: Connection, guest: int, owners: list[int], email: str, at: datetime
    ) -> None:
        """Join a new guest with the one customer who has proven the address; never with a guess."""
        if len(set(_roots(connection, owners))) == 1:
            self._join(connection, owners[0], guest, f"verified {email}", at)

    def _join(
        self, connection: Connection, person: int, other: int, reason: str, at: datetime
    ) -> None:
        kept, merged = (_roots(connection, [id])[0] for id in (person, other))
        if kept == merged or was_undone(connection, kept, merged):
            return
        if was_undone(connection, person, other):
            return
        if not _has_customer(connection, list(members(connection, [merged]))):
            self.merges.merge(connection, kept, merged, reason, at)


def _roots(connection: Connection, contacts: list[int]) -> list[int]:
    query = select(ContactRow.root_id).where(ContactRow.id.in_(contacts))
    return list(connection.scalars(query))


def _has_customer(connection: Connection, contacts: list[int]) -> bool:
    query = select(IdentityRow.value).where(
        IdentityRow.kind == "customer", IdentityRow.contact_id.in_(contacts)
    )
    return connection.scalar(query.limit(1)) is not None
