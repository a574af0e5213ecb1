"""Counts of products and pairs, kept current with each order; what is refunded is subtracted."""

from collections import Counter
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import combinations
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy import Table
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from grc_core import Order
from grc_core.storage.upsert import upsert

from .tables import Basket
from .tables import Pair
from .tables import Sold

#: Live pairs are counted among the first so many products of an order: they grow with the square,
#: and long orders say little. What models learn from is the whole order.
PAIRED = 15
#: Orders in these states are not counted.
GONE = ("cancelled", "refunded")
#: Among so many lines refunds are recognised, as so many products at most.
_LINES, _TOGETHER = 40, 3
_SOLD: Any = Sold.__table__
_PAIR: Any = Pair.__table__


def products_of(lines: Iterable[Any]) -> list[str]:
    """Return the products of order lines, each once; lines without a quantity do not count."""
    return list(dict.fromkeys(line.product_id for line in lines if line.quantity > 0))


def kept_of(order: Order) -> list[str] | None:
    """Return the products of an order that were not given back; None where it cannot be told.

    A refund names an amount, no products: where it is all the money, everything came back, and
    where exactly one choice of lines is worth as much, those did.
    """
    products = products_of(order.lines)
    given = order.refunded.amount if order.refunded else 0
    if order.state in GONE:
        return []
    if given <= 0:
        return products
    worth: Counter[str] = Counter()
    for line in order.lines:
        if line.quantity > 0:
            worth[line.product_id] += line.unit_price.amount * line.quantity
    if given >= (order.total.amount if order.total else worth.total()):
        return []
    choices = [
        choice
        for size in range(1, _TOGETHER + 1)
        for choice in combinations(list(worth)[:_LINES], size)
        if sum(worth[product] for product in choice) == given
    ]
    return [id for id in products if id not in choices[0]] if len(choices) == 1 else None


def count(
    session: Session, orders: Sequence[tuple[str, str | None, datetime, str, list[str]]]
) -> int:
    """Count orders `(id, person, time, state, products)` that were not counted; return how many."""
    wanted = {order[0]: order for order in orders if order[4] and order[3] not in GONE}
    if not wanted:
        return 0
    rows = [
        {"order_id": id, "person": person, "placed_at": at, "products": products}
        for id, person, at, _, products in wanted.values()
    ]
    made = session.connection().execute(_counting(session.get_bind().dialect.name), rows)
    fresh = made.scalars().all()
    _add(session, [wanted[id][4] for id in fresh], 1)
    return len(fresh)


def recount(session: Session, order_id: str, products: list[str]) -> bool:
    """Count an order with other products than before; tell whether it was counted at all."""
    row = session.get(Basket, order_id)
    if row is None:
        return False
    if not products:
        uncount(session, [order_id])
    elif row.products != products:
        _add(session, [row.products], -1)
        _add(session, [products], 1)
        row.products = products
    return True


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
    """Add orders to the counts; sorted, so that writers cannot deadlock."""
    sold = Counter(product for products in orders for product in products)
    pairs: Counter[tuple[str, str]] = Counter()
    for products in orders:
        pairs.update(combinations(sorted(products[:PAIRED]), 2))
    connection, dialect = session.connection(), session.get_bind().dialect
    for table, counted in (
        (_SOLD, [(product, sign * number) for product, number in sorted(sold.items())]),
        (_PAIR, [(*pair, sign * number) for pair, number in sorted(pairs.items())]),
    ):
        if counted:
            statement, ordered = _adding(dialect, table)
            connection.exec_driver_sql(statement, ordered(counted))


@cache
def _counting(dialect: str) -> Any:
    new = upsert(dialect, Basket).on_conflict_do_nothing(index_elements=["order_id"])
    return new.returning(Basket.order_id)


_Rows = list[tuple[Any, ...]]


@cache
def _adding(dialect: Dialect, table: Table) -> tuple[str, Callable[[_Rows], Any]]:
    """Return a statement for the driver, and what puts rows in the form that it asks for.

    An order of thirty products has 435 pairs: most of the time would go into parameters.
    """
    model: Any = next(model for model in (Sold, Pair) if model.__table__ is table)
    names = [column.name for column in table.columns]
    statement = upsert(dialect.name, model)
    keys = [column.name for column in table.primary_key]
    added = table.c.orders + statement.excluded.orders
    made = statement.on_conflict_do_update(index_elements=keys, set_={"orders": added})
    compiled: Any = made.compile(dialect=dialect, column_keys=names)
    if compiled.positional:
        places = [names.index(name) for name in compiled.positiontup]
        if places == list(range(len(names))):
            return str(compiled), lambda rows: rows
        return str(compiled), lambda rows: [tuple(row[n] for n in places) for row in rows]
    return str(compiled), lambda rows: [dict(zip(names, row, strict=True)) for row in rows]
