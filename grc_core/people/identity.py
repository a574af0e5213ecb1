"""Who is who: identities lead to contacts, and contacts are joined on proof, never on a claim."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from ..storage.contact_models import ContactRow
from ..storage.contact_models import IdentityRow
from ..values import Customer
from ..values import Subject
from .addresses import add_address
from .addresses import reindex
from .addresses import verified_owners
from .erasure import Erasure
from .facts import seen
from .merge import Merges
from .merge import was_undone
from .text import NAME
from .text import TAG
from .text import cut
from .text import email_key
from .work import inserting
from .work import members

#: Each value of these belongs to one contact; a subject of kind `email` is a guest.
KINDS = {"customer": "customer", "email": "guest", "visitor": "visitor"}


@dataclass(frozen=True, slots=True)
class Identities:
    """Find, make and join contacts by what identifies them."""

    merges: Merges
    erasure: Erasure

    def known(self, connection: Connection, subject: Subject) -> int | None:
        """Return the contact that a subject leads to, itself perhaps merged into another."""
        kind, value = _key(subject)
        query = select(IdentityRow.contact_id).where(
            IdentityRow.kind == kind, IdentityRow.value == value
        )
        return connection.scalar(query)

    def claim(self, connection: Connection, subject: Subject, at: datetime) -> int | None:
        """Return the contact of a subject, a new one for somebody new; None for the erased."""
        found = self.known(connection, subject)
        if found is not None:
            seen(connection, found, at)
            return found
        kind, value = _key(subject)
        if not value or self.erasure.is_erased(connection, kind, value):
            return None
        found, is_new = _create(connection, kind, value, at)
        if kind == "guest" and is_new:
            add_address(connection, found, value, False, at)
            reindex(connection, found)
            self._join_owner(connection, found, value, at)
        return found

    def learn(self, connection: Connection, customer: Customer, at: datetime) -> int | None:
        """Take in what the shop says of a customer, and join what a proven address proves."""
        found = self.claim(connection, Subject("customer", customer.id), at)
        if found is None:
            return None
        name, locale = cut(customer.name, NAME), cut(customer.locale, TAG)
        connection.execute(
            update(ContactRow)
            .where(ContactRow.id == found)
            .values(
                name=func.coalesce(ContactRow.name, name),
                locale=func.coalesce(ContactRow.locale, locale),
            )
        )
        email = email_key(customer.email)
        if email:
            add_address(connection, found, email, customer.email_verified, at)
        reindex(connection, found)
        if email and customer.email_verified:
            self._join_guest(connection, found, email, at)
        return found

    def sign_in(self, connection: Connection, customer_id: str, visitor: str, at: datetime) -> None:
        """Join a browser with the customer who signed in there; the first one keeps it."""
        person = self.claim(connection, Subject("customer", customer_id), at)
        if person is None or self.erasure.is_erased(connection, "visitor", visitor):
            return
        browser = self.known(connection, Subject("visitor", visitor))
        if browser is None:
            row = {"kind": "visitor", "value": visitor, "contact_id": person, "at": at}
            connection.execute(inserting(connection, IdentityRow).on_conflict_do_nothing(), row)
            return
        self._join(connection, person, browser, "signed in", at)

    def _join_guest(self, connection: Connection, person: int, email: str, at: datetime) -> None:
        guest = self.known(connection, Subject("email", email))
        if guest is not None:
            self._join(connection, person, guest, f"verified {email}", at)

    def _join_owner(self, connection: Connection, guest: int, email: str, at: datetime) -> None:
        """Join a new guest with the one customer who has proven the address; never with a guess."""
        owners = [
            id for id in verified_owners(connection, email) if _has_customer(connection, [id])
        ]
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


def _key(subject: Subject) -> tuple[str, str]:
    kind = KINDS.get(subject.kind, subject.kind)
    return kind, (email_key(subject.id) or "") if kind == "guest" else subject.id


def _create(connection: Connection, kind: str, value: str, at: datetime) -> tuple[int, bool]:
    """Return a new contact, or the one that somebody else made at this moment."""
    id = new_contact(connection, "prospect" if kind == "visitor" else "customer", at)
    row = {"kind": kind, "value": value, "contact_id": id, "at": at}
    new = inserting(connection, IdentityRow).on_conflict_do_nothing()
    # not by rowcount, which PostgreSQL's driver does not keep for an INSERT
    if connection.execute(new.returning(IdentityRow.contact_id), row).scalar() is not None:
        return id, True
    connection.execute(delete(ContactRow).where(ContactRow.id == id))
    other = select(IdentityRow.contact_id).where(
        IdentityRow.kind == kind, IdentityRow.value == value
    )
    return int(connection.execute(other).scalar_one()), False


def new_contact(connection: Connection, kind: str, at: datetime) -> int:
    """Make a contact of which nothing is known; return its number."""
    values = {"kind": kind, "since": at, "changed_at": at, "root_id": 0}
    new = insert(ContactRow).values(**values).returning(ContactRow.id)
    id = int(connection.execute(new).scalar_one())
    connection.execute(update(ContactRow).where(ContactRow.id == id).values(root_id=id))
    return id


def _roots(connection: Connection, contacts: list[int]) -> list[int]:
    query = select(ContactRow.root_id).where(ContactRow.id.in_(contacts))
    return list(connection.scalars(query))


def _has_customer(connection: Connection, contacts: list[int]) -> bool:
    query = select(IdentityRow.value).where(
        IdentityRow.kind == "customer", IdentityRow.contact_id.in_(contacts)
    )
    return connection.scalar(query.limit(1)) is not None
