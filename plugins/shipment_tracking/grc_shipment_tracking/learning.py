"""Keep parcels as the shop and the carriers tell them."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm import selectinload

from grc_core import Order
from grc_core import Tracking

from . import states
from .models import Happening
from .models import Parcel
from .models import Shipment
from .numbers import normalised
from .states import Told
from .table import Table

#: What a state of the shop's order says of its parcels.
_SHOP_STATES = {
    "shipped": states.PICKED_UP,
    "delivered": states.DELIVERED,
    "returned": states.RETURNED,
    "cancelled": states.CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Moved:
    """A parcel whose state is another than before; `before` is empty for a new parcel."""

    parcel: Parcel
    before: str


def load(session: Session, order_ids: Sequence[str]) -> dict[str, Shipment]:
    """Return the shipments of orders, with parcels and events, in three statements."""
    query = select(Shipment).where(Shipment.order_id.in_(order_ids))
    query = query.options(
        selectinload(Shipment.parcels).selectinload(Parcel.events),
        selectinload(Shipment.parcels).selectinload(Parcel.lines),
    )
    return {shipment.order_id: shipment for shipment in session.scalars(query)}


def learn(
    session: Session,
    order: Order,
    shipment: Shipment | None,
    known: Table,
    now: datetime,
    country: str | None,
) -> list[Moved]:
    """Take in an order's parcels as the shop states them; return those that changed.

    A number that the shop takes back is withdrawn, not removed: somebody may have its link.
    """
    if not order.tracking and shipment is None:
        return []
    if shipment is None:
        shipment = Shipment.of(order, now)
        session.add(shipment)
    shipment.number = order.number
    by_number = {parcel.number: parcel for parcel in shipment.parcels}
    stated = _stated(order)
    moved = []
    for number, item in stated.items():
        parcel = by_number.get(number)
        if parcel is None:
            parcel = add_parcel(shipment, number, item, known, now, country)
            moved.append(Moved(parcel, ""))
        parcel.withdrawn = False
    for number, parcel in by_number.items():
        if parcel.source == "shop" and number not in stated:
            parcel.withdrawn, parcel.ask_at = True, None
    moved += _shop_says(order, shipment, now, {one.parcel.number for one in moved})
    return moved


def remember(
    session: Session, order: Order, shipment: Shipment | None, known: Table, country: str | None
) -> None:
    """Take in parcels of an order of the past; when they left is not known, so no event says it."""
    if shipment is None and order.tracking:
        shipment = Shipment.of(order, order.placed_at)
        session.add(shipment)
        for number, item in _stated(order).items():
            parcel = add_parcel(shipment, number, item, known, order.placed_at, country)
            parcel.state = states.PICKED_UP


def add_parcel(
    shipment: Shipment,
    number: str,
    item: Tracking,
    known: Table,
    now: datetime,
    country: str | None,
    source: str = "shop",
) -> Parcel:
    """Add a parcel; a carrier that the shop names is believed, whatever the number looks like."""
    parcel = Parcel(
        number=number,
        courier=known.code(item.carrier) or recognised(number, known, country, shipment.country),
        url=item.url if item.url and item.url.startswith("https://") else None,
        source=source,
        state=states.PENDING,
        changed_at=now,
        created_at=now,
        ask_at=now,
    )
    shipment.parcels.append(parcel)
    return parcel


def recognised(number: str, known: Table, ship_from: str | None, ship_to: str | None) -> str | None:
    """Return the likeliest carrier of a number."""
    from .detection import detect

    found = detect(number, ship_from=ship_from, ship_to=ship_to, carriers=known)
    return found[0].courier if found else None


def happen(parcel: Parcel, told: Iterable[Told], now: datetime) -> Moved | None:
    """Add what was not known of a parcel; return it if its state is another one now."""
    seen = {(event.code, event.at, event.place) for event in parcel.events}
    for event in told:
        key = (event.code, event.utc, event.place)
        if key in seen or event.utc > now + timedelta(days=2):
            continue
        seen.add(key)
        parcel.events.append(
            Happening(
                code=event.code,
                at=event.utc,
                offset=event.offset,
                zone_known=event.zone_known,
                place=event.place,
                state=event.state,
                reason=event.reason,
                text=event.text,
                language=event.language,
            )
        )
    before = parcel.state
    parcel.state, parcel.reason, since = states.fold(parcel.events)
    if parcel.state == states.DELIVERED:
        parcel.delivered_at = since
    if parcel.state == before:
        return None
    parcel.changed_at = since or now
    return Moved(parcel, before)


def _stated(order: Order) -> dict[str, Tracking]:
    return {normalised(item.number) or item.number.strip(): item for item in order.tracking}


def _shop_says(order: Order, shipment: Shipment, now: datetime, new: set[str]) -> Iterable[Moved]:
    """Turn the order's own state into an event of each parcel, unless the carrier said it."""
    state = _SHOP_STATES.get(order.state, states.PICKED_UP if order.tracking else "")
    for parcel in shipment.parcels:
        known: set[Any] = {event.state for event in parcel.events}
        if not state or parcel.withdrawn or state in known:
            continue
        if parcel.source != "shop" and order.tracking:
            continue  # the shop speaks of its own numbers
        if state == states.PICKED_UP and known:
            continue
        moved = happen(parcel, [Told(f"shop:{state}", now, state, zone_known=False)], now)
        if moved and parcel.number not in new:
            yield moved
