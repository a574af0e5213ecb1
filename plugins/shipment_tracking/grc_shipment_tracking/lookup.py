"""Guests who lost their link: it is sent again, to the order's own address only."""

import hmac
from typing import Any

from .base import Base
from .learning import load
from .tokens import digest

_LONGEST = 100


def request_of(order: str, email: str, hour: str, key: str | bytes) -> tuple[str, dict[str, Any]]:
    """Return the key and the arguments of a request, whatever was typed.

    The address is kept as a keyed hash only. The same request counts once an hour.
    """
    order_id, proof = order.strip()[:_LONGEST], digest(email.strip().lower()[:320], key)
    unique = f"{hour}:{digest(order_id, key)[:16]}:{proof[:16]}"
    return unique, {"order_id": order_id, "proof": proof, "hour": hour}


def answer(plugin: Base, order_id: str, proof: str, hour: str) -> None:
    """Send the links if order and address belong together; at most once an hour for an order."""
    if not order_id:
        return
    with plugin.grc.shop.outside():
        order = plugin.grc.shop.order_by_id(order_id)
    if order is None or not order.email:
        return
    address = order.email.strip().lower()
    if not any(hmac.compare_digest(digest(address, key), proof) for key in plugin.keys):
        return
    shipment = load(plugin.session, [order.id]).get(order.id)
    sent = shipment.parcels if shipment else []
    parcels = [item for item in sent if not (item.withdrawn or plugin.is_over(item))]
    plugin.mail(
        order,
        "found",
        key=f"found:{order.id}:{hour}",
        kind="transactional",
        order_id=order.id,
        parcels=[(item.number, plugin.token(item.id)) for item in parcels],
        gone=bool(sent),
        carriers=[plugin.table.name(item.courier) for item in parcels],
    )
