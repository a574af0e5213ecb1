"""Statistics per contact, from facts: so events may come late, twice or in any order."""

from collections.abc import Iterable
from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import String
from sqlalchemy import and_
from sqlalchemy import bindparam
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from ..storage.contact_models import ContactOrderRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import ContactVisitRow
from ..storage.contact_models import EntryRow
from ..storage.core import table_of
from ..storage.upsert import upsert
from .work import chunks
from .work import lock

_ORDERS = ("orders", "revenue", "refunded", "margin", "first_order_at", "last_order_at")
_VISITS = ("visits",)
_CONTACTS = ("contacts", "last_contact_at")
_CONTACT, _ORDER = table_of(ContactRow), table_of(ContactOrderRow)
_STATS = table_of(ContactStatsRow)


class Statistics:
    """Keep `contact_stats` as the facts say; `currency` is the shop's, in which money counts."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def refresh(self, connection: Connection, contacts: Sequence[int]) -> None:
        """Sum up the orders and visits of the groups that these contacts belong to."""
        self.sum_orders(connection, contacts)
        self.sum_visits(connection, contacts)

    def sum_orders(self, connection: Connection, contacts: Iterable[int]) -> None:
        """Sum up the orders of the groups that these contacts belong to."""
        for part in chunks(sorted(contacts)):
            lock(connection, part)
            roots = _roots(connection, part)
            found = connection.execute(_ORDERS_OF, {"roots": roots, "ours": self.currency})
            _write(connection, roots, found, _ORDERS)

    def sum_visits(self, connection: Connection, contacts: Iterable[int]) -> None:
        """Count the days of visits of the groups that these contacts belong to."""
        for part in chunks(sorted(contacts)):
            lock(connection, part)
            roots = _roots(connection, part)
            _write(connection, roots, connection.execute(_VISITS_OF, {"roots": roots}), _VISITS)

    def recount(self, connection: Connection, contacts: Sequence[int]) -> None:
        """Sum up everything, entries of the timeline too."""
        self.refresh(connection, contacts)
        for part in chunks(sorted(contacts)):
            roots = _roots(connection, part)
            _write(connection, roots, connection.execute(_CONTACTS_OF, {"roots": roots}), _CONTACTS)


def _total(condition: Any, value: Any) -> Any:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


def _grouped(facts: Any, *columns: Any) -> Select[Any]:
    """Return a query of facts by the root of whom they belong to."""
    return (
        select(_CONTACT.c.root_id, *columns)
        .join(facts, facts.c.contact_id == _CONTACT.c.id)
        .where(_CONTACT.c.root_id.in_(bindparam("roots", expanding=True)))
        .group_by(_CONTACT.c.root_id)
    )


def _sums() -> Select[Any]:
    row, shop = _ORDER.c, bindparam("ours", type_=String)
    stands = row.state != "cancelled"
    ours = and_(stands, row.currency == shop)
    kept = and_(ours, or_(row.refunded < row.total, row.total == 0))
    return _grouped(
        _ORDER,
        _total(stands, 1),
        _total(ours, row.total - row.refunded),
        _total(row.currency == shop, row.refunded),
        func.sum(case((kept, row.margin))),
        func.min(case((stands, row.placed_at))),
        func.max(case((stands, row.placed_at))),
    )


def _roots(connection: Connection, contacts: Sequence[int]) -> list[int]:
    return sorted(connection.scalars(_ROOTS_OF, {"contacts": contacts}))


def _write(
    connection: Connection, roots: Sequence[int], sums: Iterable[Any], columns: tuple[str, ...]
) -> None:
    """Write the sums of each root; one without any fact gets those of nothing."""
    found = {row[0]: tuple(row[1:]) for row in sums}
    nothing = tuple(0 if not _STATS.c[name].nullable else None for name in columns)
    rows = [
        {**NOTHING, "contact_id": root, **dict(zip(columns, found.get(root, nothing), strict=True))}
        for root in roots
    ]
    if rows:
        connection.execute(_replacing(connection.dialect.name, columns), rows)


@cache
def _replacing(dialect: str, columns: tuple[str, ...]) -> Any:
    new = upsert(dialect, ContactStatsRow)
    changes = {name: new.excluded[name] for name in columns}
    return new.on_conflict_do_update(index_elements=["contact_id"], set_=changes)


_VISIT, _ENTRY = table_of(ContactVisitRow), table_of(EntryRow)
_ROOTS_OF = (
    select(_CONTACT.c.root_id)
    .where(_CONTACT.c.id.in_(bindparam("contacts", expanding=True)))
    .distinct()
)
_ORDERS_OF = _sums()
_VISITS_OF = _grouped(_VISIT, func.count(func.distinct(_VISIT.c.day)))
_CONTACTS_OF = _grouped(_ENTRY, func.count(), func.max(_ENTRY.c.at)).where(_ENTRY.c.counts)
#: The sums of somebody of whom nothing is known yet.
NOTHING: dict[str, Any] = {
    "orders": 0,
    "revenue": 0,
    "refunded": 0,
    "margin": None,
    "first_order_at": None,
    "last_order_at": None,
    "visits": 0,
    "contacts": 0,
    "last_contact_at": None,
}


def count_contact(connection: Connection, root: int, at: Any, number: int = 1) -> None:
    """Add to a contact's number of contacts, without counting them all again."""
    new = upsert(connection.dialect.name, ContactStatsRow)
    last = _STATS.c.last_contact_at
    later = case((or_(last.is_(None), last < new.excluded.last_contact_at),
                  new.excluded.last_contact_at), else_=last)  # fmt: skip
    counted = new.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={"contacts": _STATS.c.contacts + number, "last_contact_at": later},
    )
    row = {**NOTHING, "contact_id": root, "contacts": number, "last_contact_at": at}
    connection.execute(counted, row)
