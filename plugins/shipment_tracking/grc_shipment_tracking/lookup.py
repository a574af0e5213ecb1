"""Guests who lost their link: it is sent again, to the order's own address only."""

import hmac
from typing import Any

from grc_core import Order

from .base import Base
from .learning import load
from .tokens import digest

_LONGEST = 100
#: So many orders of one number are looked at.
_SAME_NUMBER = 5


def request_of(order: str, email: str, hour: str, key: str | bytes) -> tuple[str, dict[str, Any]]:
    """Return the key and the arguments of a request, whatever was typed.

    The address is kept as a keyed hash only. The same request counts once an hour.
    """
    typed, proof = order.strip()[:_LONGEST], digest(email.strip().lower()[:320], key)
    unique = f"{hour}:{digest(typed, key)[:16]}:{proof[:16]}"
    return unique, {"order_id": typed, "proof": proof, "hour": hour}


def answer(plugin: Base, typed: str, proof: str, hour: str) -> None:
    """Send the links if order and address belong together; at most once an hour for an order."""
    if not typed:
        return
    ids = plugin.grc.contacts.orders_called([typed]).get(typed, [typed])
    found = (order for id in ids[:_SAME_NUMBER] if (order := _proven(plugin, id, proof)))
    order = next(found, None)
    if order is None:
        return
    shipment = load(plugin.session, [order.id]).get(order.id)
    sent = shipment.parcels if shipment else []
    parcels = [item for item in sent if not (item.withdrawn or plugin.is_over(item))]
    plugin.mail(
        order,
        "found",
        key=f"found:{order.id}:{hour}",
        kind="transactional",
        order=order.label,
        parcels=[(item.number, plugin.token(item.id)) for item in parcels],
        gone=bool(sent),
        carriers=[plugin.table.name(item.courier) for item in parcels],
    )


def _proven(plugin: Base, id: str, proof: str) -> Order | None:
    """Return an order if it was placed with the address that was typed."""
    with plugin.grc.shop.outside():
        order: Order | None = plugin.grc.shop.order_by_id(id)
    if order is None or not order.email:
        return None
    address = order.email.strip().lower()
    fits = any(hmac.compare_digest(digest(address, key), proof) for key in plugin.keys)
    return order if fits else None
