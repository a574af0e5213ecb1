"""Find or make the contacts of many identities, with a few statements for all of them."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import IdentityRow
from ..storage.core import table_of
from ..values import Subject
from .erasure import Erasure
from .facts import seen_all
from .stats import NOTHING
from .text import email_key
from .work import adding
from .work import chunks

#: Each value of these belongs to one contact; a subject of kind `email` is a guest.
KINDS = {"customer": "customer", "email": "guest", "visitor": "visitor"}
#: Kind and value of an identity, as they are stored.
Key = tuple[str, str]

_CONTACT, _IDENTITY = table_of(ContactRow), table_of(IdentityRow)
_KNOWN = (
    select(_IDENTITY.c.value, _IDENTITY.c.contact_id, _CONTACT.c.since)
    .join(_CONTACT, _CONTACT.c.id == _IDENTITY.c.contact_id)
    .where(_IDENTITY.c.kind == bindparam("kind"))
    .where(_IDENTITY.c.value.in_(bindparam("values", expanding=True)))
)
_MADE = insert(_CONTACT).returning(_CONTACT.c.id, sort_by_parameter_order=True)
_ROOTED = (
    update(_CONTACT)
    .where(_CONTACT.c.id.in_(bindparam("made", expanding=True)))
    .values(root_id=_CONTACT.c.id)
)
_SUMS = table_of(ContactStatsRow)
_UNCOUNTED = delete(_SUMS).where(_SUMS.c.contact_id.in_(bindparam("lost", expanding=True)))
_UNMADE = delete(_CONTACT).where(_CONTACT.c.id.in_(bindparam("lost", expanding=True)))


@dataclass(slots=True)
class Claimed:
    """The contacts that identities lead to; the erased lead nowhere."""

    contacts: dict[Key, int] = field(default_factory=dict)
    new: set[Key] = field(default_factory=set)

    def of(self, subject: Subject | None) -> int | None:
        """Return the contact of a subject."""
        return None if subject is None else self.contacts.get(key_of(subject))


def key_of(subject: Subject) -> Key:
    """Return a subject as an identity; an address in the form in which it is compared."""
    kind = KINDS.get(subject.kind, subject.kind)
    return kind, (email_key(subject.id) or "") if kind == "guest" else subject.id


def claim_all(
    connection: Connection, erasure: Erasure, wanted: Iterable[tuple[Subject, datetime]]
) -> Claimed:
    """Return everybody's contact, new ones for the new; a first sign that is earlier is kept."""
    first: dict[Key, datetime] = {}
    for subject, at in wanted:
        key = key_of(subject)
        if key[1]:
            first[key] = min(at, first.get(key, at))
    found = Claimed()
    earlier: list[tuple[int, datetime]] = []
    for key, contact, since in known_contacts(connection, list(first)):
        found.contacts[key] = contact
        if since > first[key]:
            earlier.append((contact, first[key]))
    seen_all(connection, earlier)
    missing = [key for key in first if key not in found.contacts]
    erased = erasure.erased(connection, missing)
    _make(connection, found, [(key, first[key]) for key in missing if key not in erased])
    return found


def known_contact(connection: Connection, subject: Subject) -> int | None:
    """Return the contact that a subject leads to, itself perhaps merged into another."""
    return next((contact for _, contact, _ in known_contacts(connection, [key_of(subject)])), None)


def known_contacts(connection: Connection, keys: Sequence[Key]) -> list[tuple[Key, int, datetime]]:
    """Return which of these identities lead to which contacts, and since when those are known."""
    values: dict[str, list[str]] = {}
    for kind, value in keys:
        values.setdefault(kind, []).append(value)
    return [
        ((kind, row.value), row.contact_id, row.since)
        for kind, all_of_kind in values.items()
        for part in chunks(all_of_kind)
        for row in connection.execute(_KNOWN, {"kind": kind, "values": part})
    ]


def _make(connection: Connection, found: Claimed, new: Sequence[tuple[Key, datetime]]) -> None:
    """Make contacts, or take those that somebody else made at this moment."""
    kinds = ["prospect" if kind == "visitor" else "customer" for (kind, _), _ in new]
    made = make_contacts(connection, list(zip(kinds, (at for _, at in new), strict=True)))
    rows: list[dict[str, Any]] = [
        {"kind": kind, "value": value, "contact_id": id, "at": at}
        for ((kind, value), at), id in zip(new, made, strict=True)
    ]
    if not rows:
        return
    written = connection.execute(adding(connection, IdentityRow), rows).rowcount
    mine: dict[Key, int] = {(row["kind"], row["value"]): row["contact_id"] for row in rows}
    if written != len(rows):
        theirs = {key: contact for key, contact, _ in known_contacts(connection, list(mine))}
        lost = [id for key, id in mine.items() if theirs[key] != id]
        connection.execute(_UNCOUNTED, {"lost": lost})
        connection.execute(_UNMADE, {"lost": lost})
        found.new |= {key for key, id in mine.items() if theirs[key] == id}
        found.contacts |= theirs
    else:
        found.new |= set(mine)
        found.contacts |= mine


def make_contacts(connection: Connection, kinds: Sequence[tuple[str, datetime]]) -> list[int]:
    """Make contacts of which nothing is known but a kind and since when; return their numbers."""
    if not kinds:
        return []
    rows = [{"kind": kind, "since": at, "changed_at": at, "root_id": 0} for kind, at in kinds]
    made = list(connection.scalars(_MADE, rows))
    for part in chunks(made):
        connection.execute(_ROOTED, {"made": part})
    sums = [{**NOTHING, "contact_id": id} for id in made]
    connection.execute(adding(connection, ContactStatsRow), sums)
    return made
