"""Guests who lost their link: it is sent again, to the order's own address only."""

import hmac
from typing import TYPE_CHECKING

from .learning import load
from .tokens import digest

if TYPE_CHECKING:
    from .plugin import ShipmentTracking

_LONGEST = 100


def ask(plugin: "ShipmentTracking", order: str, email: str, key: str | bytes) -> None:
    """Note a request, whatever it says: the same work whether the order exists or not.

    The address is kept as a keyed hash only. The same request counts once an hour.
    """
    order_id, proof = order.strip()[:_LONGEST], digest(email.strip().lower()[:320], key)
    hour = plugin.grc.now().strftime("%Y%m%d%H")
    plugin.defer(
        plugin.answer,
        key=f"{hour}:{digest(order_id, key)[:16]}:{proof[:16]}",
        order_id=order_id,
        proof=proof,
        hour=hour,
    )


def answer(
    plugin: "ShipmentTracking", order_id: str, proof: str, hour: str, keys: list[str | bytes]
) -> None:
    """Send the links if order and address belong together; at most once an hour for an order."""
    if not order_id:
        return
    with plugin.grc.shop.outside():
        order = plugin.grc.shop.order_by_id(order_id)
    if order is None or not order.email:
        return
    address = order.email.strip().lower()
    if not any(hmac.compare_digest(digest(address, key), proof) for key in keys):
        return
    shipment = load(plugin.session, [order.id]).get(order.id)
    parcels = [item for item in shipment.parcels if not item.withdrawn] if shipment else []
    plugin.mail(
        order,
        "found",
        key=f"found:{order.id}:{hour}",
        kind="transactional",
        order_id=order.id,
        parcels=[(item.number, plugin.token(item.id)) for item in parcels],
        carriers=[plugin.table.name(item.courier) for item in parcels],
    )
