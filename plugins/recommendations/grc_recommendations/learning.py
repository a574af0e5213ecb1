"""Train on the shop's own orders and keep the result, stage by stage."""

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy.orm import Session

from grc_core import Order

from .catalogue import Catalogue
from .counting import GONE
from .counting import products_of
from .in_use import CATALOGUE
from .tables import Basket
from .tables import Learnt
from .tables import Viewed

if TYPE_CHECKING:
    from .history import History
    from .parts import Part

#: Views further apart than this belong to two sessions.
PAUSE = timedelta(minutes=30)
#: Sales of so long say how long the stock will last.
SEASON = timedelta(days=90)
#: Versions of each kind that are kept.
KEPT = 2
#: Orders that are read at once.
BATCH = 2000

Record = dict[str, Any]
Progress = Callable[[str, float], None]


def baskets(session: Session) -> Iterator[Record]:
    """Stream the orders that were counted; whom they belong to stands there only with consent."""
    rows = select(Basket.person, Basket.placed_at, Basket.products)
    for person, at, products in session.execute(rows, execution_options={"yield_per": BATCH}):
        yield {"u": person, "t": at.timestamp(), "i": products}


def records(orders: Iterable[Any], may: Callable[[str], bool]) -> Iterator[Record]:
    """Turn the shop's orders into the same; whom they belong to only where they `may` be known."""
    for order in orders:
        if not isinstance(order, Order) or order.state in GONE:
            continue
        person = order.customer_id if order.customer_id and may(order.customer_id) else None
        yield {"u": person, "t": order.placed_at.timestamp(), "i": products_of(order.lines)}


def daily_sales(history: "History", now: datetime) -> dict[str, float]:
    """Return the orders per day of each product over the last season."""
    return history.sold(since=(now - SEASON).timestamp(), share=1 / SEASON.days)


def sessions(views: Iterable[tuple[str, str, datetime]]) -> list[Record]:
    """Turn views `(person, product, time)` into sessions with a pause between them."""
    found: list[Record] = []
    open_: dict[str, tuple[datetime, Record]] = {}
    for person, product, at in sorted(views, key=lambda view: view[2]):
        last = open_.get(person)
        if last is None or at - last[0] > PAUSE:
            record: Record = {"u": None, "t": at.timestamp(), "i": [product]}
            found.append(record)
        else:
            record = last[1]
            record["i"].append(product)
        open_[person] = (at, record)
    return [record for record in found if len(record["i"]) > 1]


def views(session: Session) -> list[Record]:
    """Return the sessions of everybody who agreed."""
    rows = session.execute(select(Viewed.person, Viewed.product_id, Viewed.at)).all()
    return sessions((person, product, at) for person, product, at in rows)


def learn(
    history: "History", kind: str, progress: Progress, part: "Part | None" = None
) -> tuple[bytes, dict[str, Any]] | None:
    """Return a trained model as bytes and its report; None without anything to learn from."""
    from .parts import at_once
    from .storing import dump
    from .training import train

    if not history.size:
        return None
    trained = train(
        history,
        kind,
        progress=lambda stage, share: progress(f"{kind}: {stage}", share),
        part=part or at_once,
    )
    report = {
        "orders": history.size,
        "products": len(history.items),
        "chosen": trained.chosen,
        "qualities": {name: asdict(quality) for name, quality in trained.qualities.items()},
    }
    return dump(trained.recommender), report


def keep_part(session: Session, kind: str, name: str, blob: bytes, now: datetime) -> None:
    """Store a part of a model until the model is done."""
    session.add(Learnt(kind=f"{kind} {name}", made_at=now, report={}, blob=blob))


def parts_of(session: Session, kind: str) -> dict[str, bytes]:
    """Return the parts of a model whose training was interrupted."""
    rows = select(Learnt.kind, Learnt.blob).where(Learnt.kind.startswith(f"{kind} "))
    return {name.removeprefix(f"{kind} "): blob for name, blob in session.execute(rows)}


def forget_parts(session: Session, kind: str) -> None:
    """Remove the parts of a model."""
    session.execute(delete(Learnt).where(Learnt.kind.startswith(f"{kind} ")))


def keep(session: Session, kind: str, blob: bytes, report: dict[str, Any], now: datetime) -> None:
    """Store a model as the newest of its kind and remove those that are too old."""
    session.add(Learnt(kind=kind, made_at=now, report=json.loads(json.dumps(report)), blob=blob))
    session.flush()
    newest = select(Learnt.version).where(Learnt.kind == kind)
    versions = session.scalars(newest.order_by(Learnt.version.desc())).all()
    session.execute(delete(Learnt).where(Learnt.version.in_(versions[KEPT:])))
    forget_parts(session, kind)


def keep_catalogue(session: Session, catalogue: Catalogue, now: datetime) -> None:
    """Store the catalogue beside the models."""
    keep(session, CATALOGUE, catalogue.dumps(), {"products": len(catalogue.items)}, now)
