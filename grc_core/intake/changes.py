"""What a later change of an order means: a refund, a parcel that moved on."""

from datetime import datetime

from ..events import Occurrence
from ..events import OrderRefunded
from ..events import ShipmentChanged
from ..storage.models import OrderRow
from ..values import Money
from ..values import Order
from ..values import Subject

#: States in which little is expected to change any more.
CLOSED = frozenset({"delivered", "cancelled", "refunded", "returned"})
_UNDONE = frozenset({"cancelled", "refunded"})
_MOVED = frozenset({"shipped", "delivered", "returned"})


def refunded_amount(order: Order) -> int:
    """Return what was given back so far; a cancelled or refunded order counts in full."""
    stated = order.refunded.amount if order.refunded else 0
    if order.state in ("cancelled", "refunded") and not stated:
        return order.total.amount if order.total else 0
    return stated


def shipment_state(order: Order) -> str:
    """Return the state of an order's parcels, empty while nothing was sent."""
    if order.state in _MOVED:
        return order.state
    return "shipped" if order.tracking else ""


def snapshot(order: Order, now: datetime, row: OrderRow | None) -> dict[str, object]:
    """Return what is kept of an order to see what changes later."""
    return {
        "id": order.id,
        "state": order.state,
        "refunded": refunded_amount(order),
        "undone": _undone(order, row),
        "tracking": _tracking(order),
        "open": order.state not in CLOSED,
        "placed_at": order.placed_at,
        "checked_at": now,
    }


def is_changed(order: Order, row: OrderRow) -> bool:
    """Tell whether an order differs from what is known of it."""
    known = (row.state, row.refunded, row.tracking)
    return known != (order.state, refunded_amount(order), _tracking(order))


def changes(order: Order, row: OrderRow | None) -> list[Occurrence]:
    """Return what happened to an order since its last known state."""
    found: list[Occurrence] = []
    refund = _refund(order, row)
    if refund is not None:
        found.append(refund)
    found += _shipments(order, row)
    return found


def _refund(order: Order, row: OrderRow | None) -> OrderRefunded | None:
    so_far, before = refunded_amount(order), row.refunded if row else 0
    # An order that cost no money, such as one paid with points, is cancelled for nothing.
    ends_free = row is not None and order.state in _UNDONE and row.state not in _UNDONE
    if so_far == before and not (ends_free and not so_far):
        return None
    currency = order.currency or ""
    reason = order.state if order.state in ("cancelled", "returned") else "refunded"
    reason = "undone" if so_far < before else reason
    settled = order.replace(refunded=Money(so_far, currency))
    part = Money(so_far - before, currency)
    return OrderRefunded(settled, part, reason, _undone(order, row))


def _undone(order: Order, row: OrderRow | None) -> int:
    """Return how often what was refunded of an order has become less."""
    if row is None:
        return 0
    return row.undone + (refunded_amount(order) < row.refunded)


def _shipments(order: Order, row: OrderRow | None) -> list[ShipmentChanged]:
    state = shipment_state(order)
    if not state:
        return []
    known = _numbers(row.tracking) if row else {}
    parcels: list[tuple[str | None, str | None]]
    parcels = [(item.number, item.carrier) for item in order.tracking] or [(None, None)]
    subject = Subject.of_order(order)
    return [
        ShipmentChanged(order.id, number, carrier, state, known.get(number or ""), subject=subject)
        for number, carrier in parcels
        if known.get(number or "") != state
    ]


def _tracking(order: Order) -> str:
    """Return parcels and their state as text, such as `1Z9=shipped`."""
    state = shipment_state(order)
    numbers = [item.number for item in order.tracking] or [""]
    return "\n".join(f"{number}={state}" for number in numbers) if state else ""


def _numbers(text: str) -> dict[str, str]:
    pairs = (line.rpartition("=") for line in text.split("\n") if line)
    return {number: state for number, _, state in pairs}
