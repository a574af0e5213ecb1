"""E-mail addresses of contacts: several each, shared by several, some of them dead."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ..clock import Clock
from ..storage.contact_models import AddressRow
from ..storage.contact_models import BounceRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import IdentityRow
from ..storage.contact_models import SuppressionRow
from ..storage.contact_models import WordRow
from ..storage.core import table_of
from ..storage.upsert import upsert
from .text import NAME
from .text import cut
from .text import email_of
from .text import index_words
from .work import Work
from .work import adding
from .work import chunks


class Addresses:
    """Tell what is known of addresses, whoever has them."""

    def __init__(self, work: Work, clock: Clock) -> None:
        self._work = work
        self._clock = clock

    def bounce(self, email: str, reason: str) -> None:
        """Remember that an address refuses mail for good."""
        row = {
            "email": email_of(email),
            "reason": cut(reason, NAME) or "refused",
            "at": self._clock(),
        }
        with self._work.writing() as connection:
            connection.execute(adding(connection, BounceRow), row)

    def revive(self, email: str) -> None:
        """Forget that an address refused mail."""
        with self._work.writing() as connection:
            connection.execute(delete(BounceRow).where(BounceRow.email == email_of(email)))

    def bounced(self, email: str) -> str | None:
        """Return why an address refuses mail, or None."""
        with self._work.reading() as connection:
            query = select(BounceRow.reason).where(BounceRow.email == email)
            return connection.scalar(query)

    def suppressed(self, email: str) -> str | None:
        """Return why anybody with this address gets no promotion now, or None."""
        now = self._clock()
        person, root = aliased(ContactRow), aliased(ContactRow)
        query = (
            select(SuppressionRow.reason)
            .join(person, person.id == SuppressionRow.contact_id)
            .join(root, root.root_id == person.root_id)
            .join(AddressRow, AddressRow.contact_id == root.id)
            .where(AddressRow.email == email)
            .where(or_(SuppressionRow.until.is_(None), SuppressionRow.until > now))
            .limit(1)
        )
        with self._work.reading() as connection:
            return connection.scalar(query)

    def unsubscribed(self, email: str) -> bool:
        """Tell whether anybody with this address has unsubscribed."""
        query = (
            select(ContactRow.id)
            .join(AddressRow, AddressRow.contact_id == ContactRow.id)
            .where(AddressRow.email == email, ContactRow.unsubscribed_at.is_not(None))
            .limit(1)
        )
        with self._work.reading() as connection:
            return connection.scalar(query) is not None


@dataclass(frozen=True, slots=True)
class Stated:
    """That a contact has an address, and since when that is known."""

    contact_id: int
    email: str
    verified: bool
    at: datetime


def add_addresses(connection: Connection, stated: Iterable[Stated]) -> set[int]:
    """Give contacts addresses, or make them their newest; return who has one more than before.

    What was verified once stays verified.
    """
    wanted: dict[tuple[int, str], Stated] = {}
    for one in stated:
        key = (one.contact_id, one.email)
        wanted[key] = _joined(one, wanted.get(key))
    known = _addresses_of(connection, list(dict.fromkeys(id for id, _ in wanted)))
    rows = []
    for key, one in wanted.items():
        both = _joined(one, known.get(key))
        if both != known.get(key):
            rows.append({"email": both.email, "contact_id": both.contact_id,
                         "verified": both.verified, "at": both.at})  # fmt: skip
    if rows:
        connection.execute(_keeping(connection.dialect.name), rows)
    return {id for id, email in wanted if (id, email) not in known}


def _joined(one: Stated, other: Stated | None) -> Stated:
    if other is None:
        return one
    verified, at = one.verified or other.verified, max(one.at, other.at)
    return Stated(one.contact_id, one.email, verified, at)


def _addresses_of(connection: Connection, contacts: Sequence[int]) -> dict[tuple[int, str], Stated]:
    return {
        (row.contact_id, row.email): Stated(row.contact_id, row.email, row.verified, row.at)
        for part in chunks(contacts)
        for row in connection.execute(_OWNED, {"contacts": part})
    }


@cache
def _keeping(dialect: str) -> Any:
    new = upsert(dialect, AddressRow)
    changes = {"verified": new.excluded.verified, "at": new.excluded.at}
    return new.on_conflict_do_update(index_elements=["email", "contact_id"], set_=changes)


def verified_owners(connection: Connection, emails: Sequence[str]) -> dict[str, list[int]]:
    """Return the customers' contacts that have proven these addresses."""
    found: dict[str, list[int]] = {}
    for part in chunks(emails):
        for email, contact in connection.execute(_PROVEN, {"emails": part}):
            found.setdefault(email, []).append(contact)
    return found


def reindex(connection: Connection, contacts: Iterable[int]) -> None:
    """Write the words by which contacts are found anew."""
    for part in chunks(sorted(contacts)):
        _reindex(connection, part)


def _reindex(connection: Connection, contacts: Sequence[int]) -> None:
    these = {"contacts": contacts}
    emails: dict[int, list[str]] = {}
    for row in connection.execute(_OWNED, these):
        emails.setdefault(row.contact_id, []).append(row.email)
    present = {(row.contact_id, row.word) for row in connection.execute(_WORDS, these)}
    wanted = {
        (row.id, word): row.root_id
        for row in connection.execute(_NAMES, these)
        for word in index_words(row.name, emails.get(row.id, ()))
    }
    gone = [{"whose": id, "which": word} for id, word in sorted(present - wanted.keys())]
    if gone:
        connection.execute(_FORGOTTEN, gone)
    rows = [
        {"word": word, "root_id": root, "contact_id": id}
        for (id, word), root in wanted.items()
        if (id, word) not in present
    ]
    if rows:
        connection.execute(adding(connection, WordRow), rows)


_TABLE, _WORD, _CONTACT = table_of(AddressRow), table_of(WordRow), table_of(ContactRow)
_IDENTITY = table_of(IdentityRow)
_OWNED = select(_TABLE).where(_TABLE.c.contact_id.in_(bindparam("contacts", expanding=True)))
_WORDS = select(_WORD.c.contact_id, _WORD.c.word).where(
    _WORD.c.contact_id.in_(bindparam("contacts", expanding=True))
)
_NAMES = select(_CONTACT.c.id, _CONTACT.c.name, _CONTACT.c.root_id).where(
    _CONTACT.c.id.in_(bindparam("contacts", expanding=True))
)
_FORGOTTEN = delete(_WORD).where(
    _WORD.c.contact_id == bindparam("whose"), _WORD.c.word == bindparam("which")
)
_PROVEN = (
    select(_TABLE.c.email, _TABLE.c.contact_id)
    .where(_TABLE.c.email.in_(bindparam("emails", expanding=True)), _TABLE.c.verified)
    .where(
        exists().where(
            _IDENTITY.c.contact_id == _TABLE.c.contact_id, _IDENTITY.c.kind == "customer"
        )
    )
    .order_by(_TABLE.c.contact_id)
)
