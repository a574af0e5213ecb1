"""Read contacts: their rows, and those of everybody merged into them, as one value."""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select

from ..storage.contact_models import AddressRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import FieldRow
from ..storage.contact_models import FieldValueRow
from ..storage.contact_models import IdentityRow
from ..storage.contact_models import SuppressionRow
from ..storage.contact_models import TagRow
from ..storage.core import table_of
from ..values import Money
from .contact import FOREVER
from .contact import Contact
from .contact import Stats
from .contact import Suppression
from .fields import decode
from .stages import stage_of

_CONTACT, _STATS, _TAG = table_of(ContactRow), table_of(ContactStatsRow), table_of(TagRow)
_ADDRESS, _IDENTITY = table_of(AddressRow), table_of(IdentityRow)
_FIELD, _VALUE = table_of(FieldRow), table_of(FieldValueRow)
_SUPPRESSION = table_of(SuppressionRow)


def _these(column: Any) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_(bindparam("ids", expanding=True))
    return found


# Built once: a page of contacts is eight statements, whose making would cost more than they do.
_PEOPLE = select(_CONTACT).where(_these(_CONTACT.c.root_id)).order_by(_CONTACT.c.id)
_SUMS = select(_STATS).where(_these(_STATS.c.contact_id))
_ADDRESSES = select(_ADDRESS).where(_these(_ADDRESS.c.contact_id))
_NAMES = (
    select(_IDENTITY.c.contact_id, _IDENTITY.c.kind, _IDENTITY.c.value)
    .where(_these(_IDENTITY.c.contact_id))
    .order_by(_IDENTITY.c.at, _IDENTITY.c.value)
)
_TAGS = select(_TAG.c.contact_id, _TAG.c.tag).where(_these(_TAG.c.contact_id))
_VALUES = (
    select(_VALUE.c.contact_id, _FIELD.c.name, _FIELD.c.type, _VALUE.c.value)
    .join(_FIELD, _FIELD.c.id == _VALUE.c.field_id)
    .where(_these(_VALUE.c.contact_id))
    .order_by(_FIELD.c.name, _VALUE.c.contact_id)
)
_SUPPRESSIONS = (
    select(_SUPPRESSION).where(_these(_SUPPRESSION.c.contact_id)).order_by(_SUPPRESSION.c.since)
)


@dataclass(slots=True)
class _Group:
    """The rows of one contact and of those that were merged into it, the root's first."""

    rows: list[Any] = field(default_factory=list)
    stats: Any = None
    addresses: list[Any] = field(default_factory=list)
    identities: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    tags: set[str] = field(default_factory=set)
    fields: dict[str, Any] = field(default_factory=dict)
    suppressions: list[Suppression] = field(default_factory=list)


def read_contacts(
    connection: Connection, roots: Sequence[int], currency: str, now: datetime
) -> list[Contact]:
    """Return the contacts with these roots, in their order."""
    if not roots:
        return []
    groups = _groups(connection, roots)
    ids = {row.id: groups[row.root_id] for group in groups.values() for row in group.rows}
    _add_stats(connection, groups)
    _add_people(connection, ids)
    _add_marks(connection, ids, now)
    return [_contact(groups[root], currency, now) for root in roots if root in groups]


def _groups(connection: Connection, roots: Sequence[int]) -> dict[int, _Group]:
    groups: dict[int, _Group] = defaultdict(_Group)
    found = connection.execute(_PEOPLE, {"ids": roots})
    for row in sorted(found, key=lambda row: row.id != row.root_id):
        groups[row.root_id].rows.append(row)
    return groups


def _add_stats(connection: Connection, groups: dict[int, _Group]) -> None:
    for row in connection.execute(_SUMS, {"ids": list(groups)}):
        groups[row.contact_id].stats = row


def _add_people(connection: Connection, ids: dict[int, _Group]) -> None:
    for row in connection.execute(_ADDRESSES, {"ids": list(ids)}):
        ids[row.contact_id].addresses.append(row)
    for row in connection.execute(_NAMES, {"ids": list(ids)}):
        ids[row.contact_id].identities[row.kind].append(row.value)


def _add_marks(connection: Connection, ids: dict[int, _Group], now: datetime) -> None:
    for id, tag in connection.execute(_TAGS, {"ids": list(ids)}):
        ids[id].tags.add(tag)
    for found in connection.execute(_VALUES, {"ids": list(ids)}):
        _keep_field(ids[found.contact_id], found)
    for row in connection.execute(_SUPPRESSIONS, {"ids": list(ids)}):
        if row.until is None or row.until > now:
            mark = Suppression(row.reason, row.since, row.until)
            ids[row.contact_id].suppressions.append(mark)


def _keep_field(group: _Group, row: Any) -> None:
    """Take a value; that of the root wins over those of merged contacts."""
    if row.name not in group.fields or row.contact_id == group.rows[0].id:
        group.fields[row.name] = decode(row.type, row.value)


def _contact(group: _Group, currency: str, now: datetime) -> Contact:
    root = group.rows[0]
    stats = _stats(group, currency)
    emails = _newest(group, root.id)
    customers = tuple(group.identities["customer"])
    guests = tuple(group.identities["guest"])
    name = _first(group, "name")
    known = bool(name or emails or customers or guests)
    return Contact(
        id=str(root.id),
        kind=root.kind,
        stage=stage_of(stats.orders, stats.last_order_at, known, now),
        name=name,
        stats=stats,
        emails=emails,
        locale=_first(group, "locale"),
        owner=_first(group, "owner"),
        tags=tuple(sorted(group.tags)),
        fields=group.fields,
        customer_ids=customers,
        guest_emails=guests,
        visitor_ids=tuple(group.identities["visitor"]),
        suppressions=tuple(group.suppressions),
        suppressed_until=_until(group.suppressions),
        unsubscribed_at=_earliest(row.unsubscribed_at for row in group.rows),
        merged=tuple(str(row.id) for row in group.rows[1:]),
    )


def _newest(group: _Group, root: int) -> tuple[str, ...]:
    """Return addresses, the root's own first, of those the proven, of those the newest."""
    order = attrgetter("verified", "at", "email")
    rows = sorted(group.addresses, key=order, reverse=True)
    rows.sort(key=lambda row: row.contact_id != root)
    return tuple(dict.fromkeys(row.email for row in rows))


def _first(group: _Group, column: str) -> str | None:
    values = (getattr(row, column) for row in group.rows)
    return next((value for value in values if value), None)


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _until(marks: Sequence[Suppression]) -> datetime | None:
    return max((mark.until or FOREVER for mark in marks), default=None)


def _stats(group: _Group, currency: str) -> Stats:
    row, seen = group.stats, _earliest(row.since for row in group.rows)
    if row is None:
        return Stats(0, Money(0, currency), Money(0, currency), first_seen_at=seen)
    return Stats(
        orders=row.orders,
        revenue=Money(row.revenue, currency),
        refunded=Money(row.refunded, currency),
        margin=None if row.margin is None else Money(row.margin, currency),
        first_order_at=row.first_order_at,
        last_order_at=row.last_order_at,
        first_seen_at=seen,
        visits=row.visits,
        contacts=row.contacts,
        last_contact_at=row.last_contact_at,
    )
