"""How far an order has come, given its age."""

from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from random import Random
from typing import Any

from ..shipping import Delivery
from .tracking import number


@dataclass(frozen=True, slots=True)
class Ending:
    """An order's last state, its parcel and its refund."""

    state: str
    updated_at: datetime
    shipment: dict[str, Any] | None = None
    refund: dict[str, Any] | None = None


def ending(
    chance: Random,
    now: datetime,
    placed_at: datetime,
    total: int,
    payment: str,
    delivery: Delivery,
) -> Ending:
    """Let an order run its course up to ``now``."""
    luck = chance.random()
    paid_at = (
        placed_at + timedelta(seconds=4) if payment == "card" else placed_at + timedelta(days=6)
    )
    if payment == "cheque" and paid_at > now:
        return Ending("placed", placed_at)
    cancelled_at = placed_at + timedelta(hours=chance.randint(1, 20))
    if luck < 0.02 and cancelled_at < now:
        refund = _refund(total, "cancelled", cancelled_at) if paid_at < cancelled_at else None
        return Ending("cancelled", cancelled_at, refund=refund)
    shipped_at = _open_day(max(placed_at, paid_at if payment == "cheque" else placed_at), chance)
    if shipped_at > now:
        return Ending("placed", placed_at) if paid_at > now else Ending("paid", paid_at)
    return _after_shipping(chance, now, shipped_at, total, delivery, luck)


def _after_shipping(
    chance: Random, now: datetime, shipped_at: datetime, total: int, delivery: Delivery, luck: float
) -> Ending:
    carrier = delivery.method.carrier
    first, last = delivery.days
    # One parcel in twelve is late.
    late = chance.randint(1, 6) if chance.random() < 0.08 else 0
    travel = timedelta(
        days=(chance.randint(first, last) + late) * 7 / 5, hours=chance.randint(0, 9)
    )
    delivered_at = shipped_at + travel
    shipment = {
        "carrier": carrier,
        "number": number(chance, carrier),
        "shipped_at": shipped_at,
        "delivered_at": delivered_at if delivered_at <= now else None,
    }
    if delivered_at > now:
        return Ending("shipped", shipped_at, shipment)
    back_at = delivered_at + timedelta(days=chance.randint(3, 25))
    if luck > 0.06 or back_at > now:
        return Ending("delivered", delivered_at, shipment)
    if luck < 0.03:
        return Ending("returned", back_at, shipment, _refund(total, "returned", back_at))
    if luck < 0.045:
        return Ending("refunded", back_at, shipment, _refund(total, "damaged", back_at))
    part = max(1, total * chance.choice((10, 15, 25)) // 100)
    return Ending("delivered", back_at, shipment, _refund(part, "late parcel", back_at))


def _refund(amount: int, reason: str, when: datetime) -> dict[str, Any]:
    return {"amount": amount, "reason": reason, "created_at": when}


def _open_day(start: datetime, chance: Random) -> datetime:
    """Return when the parcel left: the next day, but not on a weekend."""
    when = start + timedelta(hours=chance.randint(8, 26))
    while when.weekday() > 4:
        when += timedelta(days=1)
    return when
