"""What statistics are made of: one row per order and per day of visit, in whatever order told."""

import json
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import date
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from .. import codec
from ..storage.contact_models import ContactOrderRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactVisitRow
from ..storage.core import table_of
from ..values import Money
from ..values import Order
from ..values import Product
from .work import adding
from .work import chunks

_TABLE = table_of(ContactOrderRow)
_NEWER = ("contact_id", "cursor", "state", "placed_at", "currency", "total", "refunded", "undone",
          "margin", "number")  # fmt: skip
_KNOWN = select(_TABLE).where(_TABLE.c.order_id.in_(bindparam("ids", expanding=True)))
_FRESH = insert(table_of(ContactOrderRow))
_CHANGED = (
    update(table_of(ContactOrderRow))
    .where(_TABLE.c.order_id == bindparam("new_order_id"))
    .values({name: bindparam(f"new_{name}") for name in _NEWER})
)
_CONTACT = table_of(ContactRow)
_SEEN = (
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("contact"), _CONTACT.c.since > bindparam("earlier"))
    .values(since=bindparam("earlier"))
)


def fact_of(
    order: Order,
    contact_id: int,
    products: Mapping[str, Product],
    refunded: int = 0,
    undone: int = 0,
) -> dict[str, Any]:
    """Return the row of an order; `refunded` is what a refund says was given back so far.

    Where some were `undone`, that sum holds whatever the shop still states.
    """
    total = order.total.amount if order.total else 0
    stated = order.refunded.amount if order.refunded else 0
    is_off = order.state == "cancelled"  # then nothing was earned, whatever became of its refunds
    if order.state in ("cancelled", "refunded") and not stated:
        stated = total
    return {
        "order_id": order.id,
        "contact_id": contact_id,
        "cursor": codec.dumps(order.cursor),
        "state": order.state,
        "placed_at": order.placed_at,
        "currency": order.currency or (order.total.currency if order.total else ""),
        "total": total,
        "refunded": refunded if undone and not is_off else max(stated, refunded),
        "undone": undone,
        "margin": margin_of(order, products),
        "number": order.number,
    }


def margin_of(order: Order, products: Mapping[str, Product]) -> int | None:
    """Return price less cost over the lines whose product has a known cost; None without any."""
    found: int | None = None
    for line in order.lines:
        product = products.get(line.variant_id or "") or products.get(line.product_id)
        cost = product.cost if product else None
        if cost is not None and cost.currency == line.unit_price.currency:
            off = line.discount or Money(0, cost.currency)
            gained = (line.unit_price - cost) * line.quantity - off
            found = (found or 0) + gained.amount
    return found


def keep_orders(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[int]:
    """Write what is newer than what is known; return the contacts that this concerns."""
    known = known_orders(connection, [row["order_id"] for row in rows])
    fresh: dict[str, dict[str, Any]] = {}
    changed: dict[str, dict[str, Any]] = {}
    touched: set[int] = set()
    for row in rows:
        id = row["order_id"]
        before = fresh.get(id) or changed.get(id) or known.get(id)
        after = row if before is None else joined(before, row)
        if before == after:
            continue
        touched |= {after["contact_id"], *([before["contact_id"]] if before else [])}
        (changed if id in known else fresh)[id] = after
    if fresh:
        connection.execute(_FRESH, list(fresh.values()))
    if changed:
        rows = [{f"new_{name}": row[name] for name in ("order_id", *_NEWER)}
                for row in changed.values()]  # fmt: skip
        connection.execute(_CHANGED, rows)
    return touched


def known_orders(connection: Connection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of orders by id."""
    found: dict[str, dict[str, Any]] = {}
    for part in chunks(ids):
        rows = connection.execute(_KNOWN, {"ids": part}).mappings()
        found |= {row["order_id"]: dict(row) for row in rows}
    return found


def joined(one: dict[str, Any], two: dict[str, Any]) -> dict[str, Any]:
    """Return what two reports of an order amount to, whichever came first.

    The later cursor wins, a known margin wins over an unknown one, refunds only grow until
    one is undone.
    """
    first, second = sorted((one, two), key=_rank)
    margin = first["margin"] if second["margin"] is None else second["margin"]
    undone, refunded = max((row["undone"], row["refunded"]) for row in (first, second))
    if second["state"] == "cancelled":
        refunded = max(refunded, second["refunded"])
    return {**second, "margin": margin, "refunded": refunded, "undone": undone}


def _rank(row: dict[str, Any]) -> tuple[Any, ...]:
    cursor = codec.decode_any(json.loads(row["cursor"]))
    kinds: tuple[Any, ...] = (int | float, str, date)
    kind = next((n for n, type_ in enumerate(kinds, 1) if isinstance(cursor, type_)), 0)
    comparable = cursor if 0 < kind < 3 else str(cursor)
    rest = tuple(str(row[name]) for name in _NEWER)
    return (kind, comparable, rest)


def keep_visits(connection: Connection, days: Iterable[tuple[int, date]]) -> None:
    """Write on which days contacts looked at the shop."""
    rows = [{"contact_id": id, "day": day} for id, day in sorted(set(days))]
    if rows:
        connection.execute(adding(connection, ContactVisitRow), rows)


def seen_all(connection: Connection, signs: Iterable[tuple[int, datetime]]) -> None:
    """Move the first sign of contacts back, where these are earlier."""
    rows = [{"contact": id, "earlier": at} for id, at in signs]
    if rows:
        connection.execute(_SEEN, rows)
