"""Statistics per contact, from facts: so events may come late, twice or in any order."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
from sqlalchemy import case
from sqlalchemy import func
from sqlalchemy import or_
from sqlalchemy import select

from ..storage.contact_models import ContactOrderRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import ContactVisitRow
from ..storage.contact_models import EntryRow
from .work import chunks
from .work import inserting
from .work import lock

_ORDERS = ("orders", "revenue", "refunded", "margin", "first_order_at", "last_order_at")
_VISITS = ("visits",)
_CONTACTS = ("contacts", "last_contact_at")


class Statistics:
    """Keep `contact_stats` as the facts say; `currency` is the shop's, in which money counts."""

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def refresh(self, connection: Connection, contacts: Sequence[int]) -> None:
        """Sum up the orders and visits of the groups that these contacts belong to."""
        for part in chunks(sorted(contacts)):
            lock(connection, part)
            roots = _roots(connection, part)
            _write(connection, roots, self._orders(roots), _ORDERS)
            _write(connection, roots, _visits(roots), _VISITS)

    def recount(self, connection: Connection, contacts: Sequence[int]) -> None:
        """Sum up everything, entries of the timeline too."""
        self.refresh(connection, contacts)
        for part in chunks(sorted(contacts)):
            roots = _roots(connection, part)
            _write(connection, roots, _contacts(roots), _CONTACTS)

    def _orders(self, roots: Sequence[int]) -> Select[Any]:
        row = ContactOrderRow
        stands = row.state != "cancelled"
        ours = and_(stands, row.currency == self.currency)
        kept = and_(ours, or_(row.refunded < row.total, row.total == 0))
        return _grouped(roots, ContactOrderRow).add_columns(
            _total(stands, 1),
            _total(ours, row.total - row.refunded),
            _total(row.currency == self.currency, row.refunded),
            func.sum(case((kept, row.margin))),
            func.min(case((stands, row.placed_at))),
            func.max(case((stands, row.placed_at))),
        )


def _total(condition: Any, value: Any) -> Any:
    return func.coalesce(func.sum(case((condition, value), else_=0)), 0)


def _visits(roots: Sequence[int]) -> Select[Any]:
    days = func.count(func.distinct(ContactVisitRow.day))
    return _grouped(roots, ContactVisitRow).add_columns(days)


def _contacts(roots: Sequence[int]) -> Select[Any]:
    query = _grouped(roots, EntryRow).where(EntryRow.counts)
    return query.add_columns(func.count(), func.max(EntryRow.at))


def _grouped(roots: Sequence[int], facts: Any) -> Select[Any]:
    """Return a query of facts by the root of whom they belong to."""
    return (
        select(ContactRow.root_id)
        .join(facts, facts.contact_id == ContactRow.id)
        .where(ContactRow.root_id.in_(roots))
        .group_by(ContactRow.root_id)
    )


def _roots(connection: Connection, contacts: Sequence[int]) -> list[int]:
    query = select(ContactRow.root_id).where(ContactRow.id.in_(contacts)).distinct()
    return sorted(connection.scalars(query))


def _write(
    connection: Connection, roots: Sequence[int], query: Select[Any], columns: Sequence[str]
) -> None:
    """Write the sums of each root; one without any fact gets those of nothing."""
    found = {row[0]: tuple(row[1:]) for row in connection.execute(query)}
    table = ContactStatsRow.__table__
    nothing = tuple(0 if not table.c[name].nullable else None for name in columns)
    rows = [
        {**_EMPTY, "contact_id": root, **dict(zip(columns, found.get(root, nothing), strict=True))}
        for root in roots
    ]
    if rows:
        new = inserting(connection, ContactStatsRow)
        changes = {name: new.excluded[name] for name in columns}
        connection.execute(
            new.on_conflict_do_update(index_elements=["contact_id"], set_=changes), rows
        )


_EMPTY: dict[str, Any] = {
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
    new = inserting(connection, ContactStatsRow)
    table = ContactStatsRow.__table__
    last = table.c.last_contact_at
    later = case((or_(last.is_(None), last < new.excluded.last_contact_at),
                  new.excluded.last_contact_at), else_=last)  # fmt: skip
    counted = new.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={"contacts": table.c.contacts + number, "last_contact_at": later},
    )
    row = {**_EMPTY, "contact_id": root, "contacts": number, "last_contact_at": at}
    connection.execute(counted, row)
