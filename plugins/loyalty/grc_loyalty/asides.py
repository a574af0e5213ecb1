"""Put pieces aside for a customer: one conditional UPDATE decides who gets the last one.

The shop says how many pieces there are; GRC counts how many of them are promised, and promises no
more. Each change takes the customer's row first and the product's after it, so that nobody waits
in a ring.
"""

from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import asdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.orm import Session

from .models import Aside
from .models import Promised
from .once import insert_once

KEPT, BOUGHT, DECLINED, RELEASED, EXPIRED = "kept", "bought", "declined", "released", "expired"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be put aside, for whom and until when; see `models.Aside`."""

    customer_id: str
    product_id: str
    quantity: int
    day: str
    until: datetime
    made_at: datetime
    why: str = "asked"
    note: str = ""
    made_by: str = ""


def keep(session: Session, wanted: Wanted, stock: int | None) -> str:
    """Put pieces aside; return `kept`, `already` or `too_few`.

    `stock` is what the shop has, None where it does not count. One customer has one aside of a
    product at a time.
    """
    mine = (Aside.customer_id == wanted.customer_id, Aside.product_id == wanted.product_id)
    values = asdict(wanted)
    is_new = insert_once(session, Aside, **values, state=KEPT)
    if not is_new:
        again = update(Aside).where(*mine, Aside.state != KEPT)
        if not _changed(session, again, {**values, "state": KEPT}):
            return "already"
    if _promise(session, wanted, stock):
        return "kept"
    if is_new:
        session.execute(delete(Aside).where(*mine))
    else:
        _changed(session, update(Aside).where(*mine), {"state": RELEASED})
    return "too_few"


def _promise(session: Session, wanted: Wanted, stock: int | None) -> bool:
    insert_once(session, Promised, product_id=wanted.product_id, pieces=0)
    free = update(Promised).where(Promised.product_id == wanted.product_id)
    if stock is not None:
        free = free.where(Promised.pieces + wanted.quantity <= stock)
    return _changed(session, free, {"pieces": Promised.pieces + wanted.quantity})


def end(session: Session, state: str, *which: ColumnElement[bool], most: int = 500) -> int:
    """Let go of what is kept and meets the conditions; return how many there were."""
    ended = 0
    query = select(Aside).where(Aside.state == KEPT, *which).order_by(Aside.id).limit(most)
    fresh = query.execution_options(populate_existing=True)
    for row in session.scalars(fresh).all():
        # Kept anew meanwhile with another quantity, it is another aside.
        mine = update(Aside).where(
            Aside.id == row.id, Aside.state == KEPT, Aside.quantity == row.quantity
        )
        if _changed(session, mine, {"state": state}):
            counted = update(Promised).where(Promised.product_id == row.product_id)
            _changed(session, counted, {"pieces": Promised.pieces - row.quantity})
            ended += 1
    return ended


def promised(
    session: Session, products: Collection[str], but: str | None, now: datetime
) -> dict[str, int]:
    """Return how many pieces are kept for others than one customer, by product."""
    query = select(Aside.product_id, func.sum(Aside.quantity)).where(
        Aside.product_id.in_(products), Aside.state == KEPT, Aside.until > now
    )
    if but is not None:
        query = query.where(Aside.customer_id != but)
    rows = session.execute(query.group_by(Aside.product_id))
    return {id: int(pieces) for id, pieces in rows}


@dataclass(frozen=True, slots=True)
class Board:
    """What was put aside at a moment, all of it."""

    kept: Sequence[tuple[str, str, int, datetime]]

    def promised(self, products: Collection[str], but: str | None, now: datetime) -> dict[str, int]:
        """Return how many pieces are kept for others than one customer, by product."""
        found: dict[str, int] = {}
        for product, customer, pieces, until in self.kept:
            if product in products and customer != but and until > now:
                found[product] = found.get(product, 0) + pieces
        return found


def board(session: Session, now: datetime, most: int = 500) -> Board | None:
    """Return everything that is kept; None where that is too much to remember."""
    rows = session.execute(
        select(Aside.product_id, Aside.customer_id, Aside.quantity, Aside.until)
        .where(Aside.state == KEPT, Aside.until > now)
        .limit(most + 1)
    ).all()
    return (
        None
        if len(rows) > most
        else Board([(id, who, pieces, until) for id, who, pieces, until in rows])
    )


def lately(session: Session, customer_id: str, since: datetime) -> set[str]:
    """Return products that were put aside for a customer until lately, whatever came of it."""
    query = select(Aside.product_id).where(
        Aside.customer_id == customer_id, (Aside.until > since) | (Aside.state == KEPT)
    )
    return set(session.scalars(query))


def bought(session: Session, customer_id: str, products: Sequence[str]) -> int:
    """Note that a customer ordered what was kept for them."""
    return end(session, BOUGHT, Aside.customer_id == customer_id, Aside.product_id.in_(products))


def _changed(session: Session, statement: Any, values: dict[str, Any]) -> bool:
    done: Any = session.execute(
        statement.values(**values).execution_options(synchronize_session=False)
    )
    return bool(done.rowcount)
