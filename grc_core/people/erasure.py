"""Forget people, and remember only a keyed hash, so that the next pull does not bring them back."""

import hmac
from collections.abc import Callable
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import null
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..storage.audit_models import AuditRow
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
from ..storage.mail_models import MessageRow
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from .work import inserting

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
#: Gives the keys, the one to write with first; older ones are still recognised.
Keys = Callable[[], Sequence[bytes]]


class Erasure:
    """Erase contacts and recognise the erased."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def is_erased(self, connection: Connection, kind: str, value: str) -> bool:
        """Tell whether an identity was erased."""
        digests = [_digest(key, kind, value) for key in self._keys()]
        query = select(ErasedRow.digest).where(ErasedRow.digest.in_(digests))
        return connection.scalar(query.limit(1)) is not None

    def erase(self, connection: Connection, group: Sequence[int], at: datetime) -> None:
        """Erase a group of merged contacts, and what its events still say of them."""
        identities = _identities(connection, group)
        key = self._keys()[0]
        rows = [{"digest": _digest(key, kind, value), "at": at} for kind, value in identities]
        if rows:
            connection.execute(inserting(connection, ErasedRow).on_conflict_do_nothing(), rows)
        for kind, value in identities:
            _scrub(connection, _SUBJECTS.get(kind, kind), value)
        _forget_mail(connection, group, [value for kind, value in identities if kind == "guest"])
        _forget_audit(connection, [("contact", str(id)) for id in group] + identities)
        for table in _OWNED:
            connection.execute(delete(table).where(table.contact_id.in_(group)))
        either = or_(MergeRow.kept_id.in_(group), MergeRow.merged_id.in_(group))
        connection.execute(delete(MergeRow).where(either))
        connection.execute(delete(ContactRow).where(ContactRow.id.in_(group)))


def _identities(connection: Connection, group: Sequence[int]) -> list[tuple[str, str]]:
    """Return under which names a group is known; an address only if nobody else has it."""
    mine = select(IdentityRow.kind, IdentityRow.value).where(IdentityRow.contact_id.in_(group))
    found = {(kind, value) for kind, value in connection.execute(mine)}
    emails = connection.scalars(select(AddressRow.email).where(AddressRow.contact_id.in_(group)))
    for email in set(emails):
        others = select(AddressRow.email).where(
            AddressRow.email == email, AddressRow.contact_id.not_in(group)
        )
        if connection.scalar(others.limit(1)) is None:
            found.add(("guest", email))
    return sorted(found)


def _scrub(connection: Connection, kind: str, value: str) -> None:
    """Empty the payloads about somebody; what was still to be delivered of them falls away."""
    mine = update(EventRow).where(EventRow.subject_kind == kind, EventRow.subject_id == value)
    connection.execute(mine.values(payload=None, subject_kind=None, subject_id=None))
    theirs = update(DeliveryRow).where(DeliveryRow.subject == f"{kind}:{value}")
    connection.execute(theirs.values(subject=None))


def _forget_mail(connection: Connection, group: Sequence[int], emails: Sequence[str]) -> None:
    """Forget what was written to somebody; a message that was not sent yet never is."""
    theirs = or_(
        MessageRow.contact_id.in_([str(id) for id in group]),
        func.lower(MessageRow.address).in_(emails),
    )
    connection.execute(delete(MessageRow).where(theirs))
    connection.execute(delete(BounceRow).where(BounceRow.email.in_(emails)))


def _forget_audit(connection: Connection, names: Sequence[tuple[str, str]]) -> None:
    """Leave of the audit that staff did something, and neither to whom nor, if erased, who."""
    for kind, value in names:
        about = (AuditRow.about_kind == _SUBJECTS.get(kind, kind), AuditRow.about_id == value)
        emptied = {"subject": "", "about_kind": None, "about_id": None}
        connection.execute(
            update(AuditRow).where(*about).values(**emptied, before=null(), after=null())
        )
        if kind == "customer":
            own = update(AuditRow).where(AuditRow.staff_id == value)
            connection.execute(own.values(staff_id=None, staff_name=None))


def _digest(key: bytes, kind: str, value: str) -> str:
    return hmac.new(key, f"{kind}:{value}".encode(), sha256).hexdigest()
