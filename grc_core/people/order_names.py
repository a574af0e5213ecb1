"""Orders by what people call them: the number of the invoice, or the id."""

from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import or_
from sqlalchemy import select

from ..storage.contact_models import ContactOrderRow
from .work import chunks

#: What is typed before an id, where another order has it as its number.
EXACT = "id:"


def spellings(typed: str) -> frozenset[str]:
    """Return how a shop may have written what somebody typed: `#n12` is meant for N12."""
    text = typed.strip()
    if text.startswith(EXACT):
        return frozenset()
    bare = text.removeprefix("#").strip()
    return frozenset({text, bare, bare.upper(), bare.lower(), f"#{bare}"} - {"", "#"})


def exact(typed: str) -> str:
    """Return the id that `id:12` names, else nothing."""
    text = typed.strip()
    return text.removeprefix(EXACT).strip() if text.startswith(EXACT) else ""


def called(typed: str) -> ColumnElement[bool]:
    """Return the condition that an order is meant by what somebody typed."""
    return or_(_named(spellings(typed)), ContactOrderRow.order_id == exact(typed))


def orders_of(connection: Connection, typed: Collection[str]) -> dict[str, list[str]]:
    """Return the ids of the orders that each text means, the newest first."""
    spelt = {text: spellings(text) for text in typed}
    ids = {exact(text) for text in typed}
    names = sorted({one for several in spelt.values() for one in several} | ids - {""})
    query = select(ContactOrderRow.order_id, ContactOrderRow.number, ContactOrderRow.placed_at)
    rows = [row for part in chunks(names) for row in connection.execute(query.where(_named(part)))]
    newest = sorted(dict.fromkeys(rows), key=lambda row: row.placed_at, reverse=True)
    found = {
        text: [row.order_id for row in newest
               if row.order_id == exact(text) or {row.order_id, row.number} & several]
        for text, several in spelt.items()
    }  # fmt: skip
    return {text: ids for text, ids in found.items() if ids}


def _named(names: Collection[str]) -> ColumnElement[bool]:
    some = sorted(names)
    return or_(ContactOrderRow.order_id.in_(some), ContactOrderRow.number.in_(some))
