"""Orders by what people call them: the number of the invoice, or the id."""

from collections.abc import Collection
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import or_
from sqlalchemy import select

from ..storage.contact_models import ContactOrderRow
from .work import chunks


def spellings(typed: str) -> frozenset[str]:
    """Return how a shop may have written what somebody typed: `#n12` is meant for N12."""
    text = typed.strip()
    bare = text.removeprefix("#").strip()
    return frozenset({text, bare, bare.upper(), bare.lower(), f"#{bare}"} - {"", "#"})


def called(spelt: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that an order is called by one of some names."""
    names = sorted(spelt)
    return or_(ContactOrderRow.order_id.in_(names), ContactOrderRow.number.in_(names))


def orders_of(connection: Connection, spelt: Collection[str]) -> Sequence[Any]:
    """Return ids and numbers of the orders with these names, the newest first."""
    query = select(ContactOrderRow.order_id, ContactOrderRow.number, ContactOrderRow.placed_at)
    rows = [row for part in chunks(sorted(spelt)) for row in connection.execute(
            query.where(called(part)))]  # fmt: skip
    return sorted(dict.fromkeys(rows), key=lambda row: row.placed_at, reverse=True)
