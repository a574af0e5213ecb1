"""Forget people, and remember only a keyed hash, so that the next pull does not bring them back."""

import hmac
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import aliased

from ..events import SignUp
from ..storage.contact_models import AddressRow
from ..storage.contact_models import BounceRow
from ..storage.contact_models import ContactOrderRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import ContactVisitRow
from ..storage.contact_models import EntryRow
from ..storage.contact_models import ErasedRow
from ..storage.contact_models import FieldValueRow
from ..storage.contact_models import IdentityRow
from ..storage.contact_models import MergeRow
from ..storage.contact_models import SuppressionRow
from ..storage.contact_models import TagRow
from ..storage.contact_models import WordRow
from ..storage.core import table_of
from ..storage.mail_models import MessageRow
from ..storage.models import BackfilledRow
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from .work import adding
from .work import chunks

#: Everything that hangs on a contact.
_OWNED: tuple[Any, ...] = (
    AddressRow,
    ContactOrderRow,
    ContactStatsRow,
    ContactVisitRow,
    EntryRow,
    FieldValueRow,
    IdentityRow,
    SuppressionRow,
    TagRow,
    WordRow,
)
_SUBJECTS = {"guest": "email"}
_EVENT, _PAST = table_of(EventRow), table_of(BackfilledRow)
_KEYS = select(_EVENT.c.id, _EVENT.c.type, _EVENT.c.key).where(
    or_(
        and_(_EVENT.c.subject_kind == bindparam("kind"), _EVENT.c.subject_id == bindparam("value")),
        and_(_EVENT.c.type == SignUp.hook, _EVENT.c.key == bindparam("value")),
    )
)
_HASHED = update(_EVENT).where(_EVENT.c.id == bindparam("event")).values(key=bindparam("hashed"))
_FORGOTTEN = (
    update(_PAST)
    .where(_PAST.c.hook == bindparam("signup"), _PAST.c.key == bindparam("value"))
    .values(key=bindparam("hashed"))
)
_KNOWN = select(ErasedRow.digest).where(ErasedRow.digest.in_(bindparam("digests", expanding=True)))
#: Gives the keys, the one to write with first; older ones are still recognised.
Keys = Callable[[], Sequence[bytes]]


class Erasure:
    """Erase contacts and recognise the erased."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def is_erased(self, connection: Connection, kind: str, value: str) -> bool:
        """Tell whether an identity was erased."""
        return bool(self.erased(connection, [(kind, value)]))

    def erased(
        self, connection: Connection, identities: Iterable[tuple[str, str]]
    ) -> set[tuple[str, str]]:
        """Return which of these identities were erased."""
        digests = {
            _digest(key, kind, value): (kind, value)
            for kind, value in identities
            for key in self._keys()
        }
        return {
            digests[digest]
            for part in chunks(list(digests))
            for digest in connection.scalars(_KNOWN, {"digests": part})
        }

    def digests(self, connection: Connection) -> list[str]:
        """Return the keyed hash of every identity that was erased."""
        return list(connection.scalars(select(ErasedRow.digest).order_by(ErasedRow.digest)))

    def remember(self, connection: Connection, digests: Iterable[str], at: datetime) -> None:
        """Take in keyed hashes that were kept elsewhere."""
        rows = [{"digest": digest, "at": at} for digest in digests]
        if rows:
            connection.execute(adding(connection, ErasedRow), rows)

    def erase(
        self,
        connection: Connection,
        group: Sequence[int],
        known: Iterable[tuple[str, str]] = (),
    ) -> int:
        """Erase a group of merged contacts, and what events still say of its identities.

        `known` are identities besides those of the group. Return the number of rows; see `mark`.
        """
        identities = sorted({*self.identities(connection, group), *known})
        for kind, id in identities:
            self._hash_keys(connection, _SUBJECTS.get(kind, kind), id)
        rows = sum(_scrub(connection, _SUBJECTS.get(kind, kind), id) for kind, id in identities)
        emails = [value for kind, value in identities if kind == "guest"]
        rows += _forget_mail(connection, group, emails)
        for table in _OWNED:
            rows += connection.execute(delete(table).where(table.contact_id.in_(group))).rowcount
        either = or_(MergeRow.kept_id.in_(group), MergeRow.merged_id.in_(group))
        connection.execute(delete(MergeRow).where(either))
        rows += connection.execute(delete(ContactRow).where(ContactRow.id.in_(group))).rowcount
        return rows

    def _hash_keys(self, connection: Connection, kind: str, value: str) -> None:
        """Put keyed hashes in the place of events' keys that hold an id, such as a sign-up's."""
        secret = self._keys()[0]
        held = connection.execute(_KEYS, {"kind": kind, "value": value}).all()
        rows = [
            {"event": row.id, "hashed": _digest(secret, row.type, row.key)}
            for row in held
            if value in row.key
        ]
        if rows:
            connection.execute(_HASHED, rows)
        if kind == "customer":
            given = {"signup": SignUp.hook, "value": value}
            connection.execute(_FORGOTTEN, {**given, "hashed": _digest(secret, kind, value)})

    def mark(
        self, connection: Connection, identities: Iterable[tuple[str, str]], at: datetime
    ) -> None:
        """Remember a keyed hash of identities, and nothing else of them."""
        key = self._keys()[0]
        self.remember(connection, (_digest(key, kind, value) for kind, value in identities), at)

    def emails(self, connection: Connection, group: Sequence[int]) -> set[str]:
        """Return every address of a group, others' too."""
        query = select(AddressRow.email).where(AddressRow.contact_id.in_(group))
        return set(connection.scalars(query))

    def identities(
        self, connection: Connection, group: Sequence[int], proven: bool = False
    ) -> list[tuple[str, str]]:
        """Return under which names a group is known; an address only if nobody else has it.

        With `proven`, an address that was never verified is not taken for a name either.
        """
        mine = select(IdentityRow.kind, IdentityRow.value).where(IdentityRow.contact_id.in_(group))
        found = {(kind, value) for kind, value in connection.execute(mine)}
        other = aliased(AddressRow)
        shared = exists().where(other.email == AddressRow.email, other.contact_id.not_in(group))
        emails = select(AddressRow.email).where(AddressRow.contact_id.in_(group), ~shared)
        if proven:
            emails = emails.where(AddressRow.verified)
        return sorted(found | {("guest", email) for email in connection.scalars(emails)})


def _scrub(connection: Connection, kind: str, value: str) -> int:
    """Empty the payloads about somebody; what was still to be delivered of them falls away."""
    mine = update(EventRow).where(EventRow.subject_kind == kind, EventRow.subject_id == value)
    emptied = mine.values(payload=None, subject_kind=None, subject_id=None)
    rows = connection.execute(emptied).rowcount
    theirs = update(DeliveryRow).where(DeliveryRow.subject == f"{kind}:{value}")
    connection.execute(theirs.values(subject=None))
    return rows


def _forget_mail(connection: Connection, group: Sequence[int], emails: Sequence[str]) -> int:
    """Forget what was written to somebody; a message that was not sent yet never is."""
    theirs = or_(
        MessageRow.contact_id.in_([str(id) for id in group]),
        func.lower(MessageRow.address).in_(emails),
    )
    rows = connection.execute(delete(MessageRow).where(theirs)).rowcount
    return rows + connection.execute(delete(BounceRow).where(BounceRow.email.in_(emails))).rowcount


def _digest(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, f"{kind}:{value}".encode(), sha256).hexdigest()
