"""Counts of products and pairs, kept current with each order; what is refunded is subtracted."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import combinations
from typing import Any

from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from .tables import Basket
from .tables import Pair
from .tables import Sold

#: Pairs are counted among the first so many products of an order: they grow with the square.
PAIRED = 40
#: Orders in these states are not counted.
GONE = ("cancelled", "refunded")


def products_of(lines: Iterable[Any]) -> list[str]:
    """Return the products of order lines, each once; lines without a quantity do not count."""
    return list(dict.fromkeys(line.product_id for line in lines if line.quantity > 0))


def count(
    session: Session, orders: Sequence[tuple[str, str | None, datetime, str, list[str]]]
) -> int:
    """Count orders `(id, person, time, state, products)` that were not counted; return how many."""
    wanted = {order[0]: order for order in orders if order[4] and order[3] not in GONE}
    known = set(session.scalars(select(Basket.order_id).where(Basket.order_id.in_(list(wanted)))))
    fresh = [order for id, order in wanted.items() if id not in known]
    if not fresh:
        return 0
    session.execute(
        Basket.__table__.insert(),  # type: ignore[attr-defined]
        [
            {"order_id": id, "person": person, "placed_at": at, "products": products}
            for id, person, at, _, products in fresh
        ],
    )
    _add(session, [products for *_, products in fresh], 1)
    return len(fresh)


def uncount(session: Session, order_ids: Sequence[str]) -> int:
    """Take orders back out of the counts; those that were not counted change nothing."""
    rows = session.execute(
        select(Basket.order_id, Basket.products).where(Basket.order_id.in_(order_ids))
    ).all()
    if rows:
        _add(session, [products for _, products in rows], -1)
        session.execute(delete(Basket).where(Basket.order_id.in_([id for id, _ in rows])))
    return len(rows)


def forget_person(session: Session, person: str) -> int:
    """Take somebody's orders out of the counts and remove them; return how many."""
    ids = session.scalars(select(Basket.order_id).where(Basket.person == person)).all()
    return uncount(session, ids)


def companions(
    session: Session, products: Sequence[str], limit: int = 20
) -> dict[str, list[tuple[str, int]]]:
    """Return what was ordered with each product most often, from the live counts, in one query."""
    found: dict[str, list[tuple[str, int]]] = {id: [] for id in products}
    left = select(Pair.one, Pair.other, Pair.orders).where(Pair.one.in_(products))
    right = select(Pair.other, Pair.one, Pair.orders).where(Pair.other.in_(products))
    both = left.union_all(right).subquery()
    asked, other, orders = both.c
    place = func.row_number().over(partition_by=asked, order_by=(orders.desc(), other))
    ranked = select(asked, other, orders, place.label("place")).where(orders > 0).subquery()
    rows = select(ranked).where(ranked.c.place <= limit).order_by(ranked.c.place)
    for id, companion, number, _ in session.execute(rows):
        found[id].append((companion, number))
    return found


def unlink(session: Session, person: str) -> None:
    """Keep somebody's orders in the counts, but no longer as theirs."""
    session.execute(update(Basket).where(Basket.person == person).values(person=None))


def _add(session: Session, orders: Sequence[list[str]], sign: int) -> None:
    sold = Counter(product for products in orders for product in products)
    pairs: Counter[tuple[str, str]] = Counter()
    for products in orders:
        pairs.update(combinations(sorted(products[:PAIRED]), 2))
    _upsert(session, Sold.__table__, [  # type: ignore[arg-type]
        {"product_id": product, "orders": sign * number} for product, number in sorted(sold.items())
    ])  # fmt: skip
    _upsert(session, Pair.__table__, [  # type: ignore[arg-type]
        {"one": one, "other": other, "orders": sign * number}
        for (one, other), number in sorted(pairs.items())
    ])  # fmt: skip


def _upsert(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add to the counts with one prepared statement; sorted, so that writers cannot deadlock."""
    if rows:
        session.connection().execute(_adding(session.get_bind().dialect.name, table), list(rows))


@cache
def _adding(dialect: str, table: Table) -> Any:
    if dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert  # type: ignore[assignment]
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    added = table.c.orders + statement.excluded.orders
    return statement.on_conflict_do_update(index_elements=keys, set_={"orders": added})
