"""Who is who: identities lead to contacts, and contacts are joined on proof, never on a claim."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from ..storage.contact_models import ContactRow
from ..storage.contact_models import IdentityRow
from ..storage.core import table_of
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
from .erasure import Erasure
from .merge import Merges
from .merge import was_undone
from .text import NAME
from .text import TAG
from .text import cut
from .text import email_key
from .work import adding
from .work import members

_CONTACT = table_of(ContactRow)
_PERSON = select(_CONTACT.c.name, _CONTACT.c.locale, _CONTACT.c.changed_at).where(
    _CONTACT.c.id == bindparam("person")
)


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
            at = {key_of(subject)[1]: at for subject, at in wanted}
            stated = [Stated(id, email, False, at[email]) for email, id in guests.items()]
            reindex(connection, add_addresses(connection, stated))
            for email, owners in verified_owners(connection, sorted(guests)).items():
                self._join_owner(connection, guests[email], owners, email, at[email])
        return found

    def learn(self, connection: Connection, customer: Customer, at: datetime) -> int | None:
        """Take in what the shop says of a customer, and join what a proven address proves."""
        subject = Subject("customer", customer.id)
        claimed = self.claim_all(connection, [(subject, at)])
        found = claimed.of(subject)
        if found is None:
            return None
        renamed = self._take_in(connection, found, customer, at)
        email = email_key(customer.email)
        stated = [Stated(found, email, customer.email_verified, at)] if email else []
        if add_addresses(connection, stated) or renamed:
            reindex(connection, [found])
        if email and customer.email_verified:
            self._join_guest(connection, found, email, at)
        return found

    def _take_in(
        self, connection: Connection, person: int, customer: Customer, at: datetime
    ) -> bool:
        """Keep name and language where none is known, or where the shop knows better and later.

        It knows better where it has authenticated the person. Tell whether the name changed.
        """
        row = connection.execute(_PERSON, {"person": person}).one()
        newer = customer.verified and at > row.changed_at
        stated = {"name": cut(customer.name, NAME), "locale": cut(customer.locale, TAG)}
        changes: dict[str, Any] = {
            what: text
            for what, text in stated.items()
            if text and text != getattr(row, what) and (newer or not getattr(row, what))
        }
        if changes:
            if newer:
                changes["changed_at"] = at
            connection.execute(update(_CONTACT).where(_CONTACT.c.id == person), changes)
        return "name" in changes

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

    def _join_guest(self, connection: Connection, person: int, email: str, at: datetime) -> None:
        guest = self.known(connection, Subject("email", email))
        if guest is not None:
            self._join(connection, person, guest, f"verified {email}", at)

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
