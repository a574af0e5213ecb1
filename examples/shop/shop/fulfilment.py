"""The life of an order after it was placed."""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import case
from sqlalchemy import update

from .clock import now
from .extensions import db
from .models import Order
from .models import Product
from .models import Refund
from .models import Shipment
from .payments import gateway

#: Each state with those that may follow; a purchase order may ship before it is paid.
NEXT: Mapping[str, tuple[str, ...]] = {
    "placed": ("paid", "shipped", "cancelled"),
    "paid": ("shipped", "cancelled"),
    "shipped": ("delivered", "returned"),
    "delivered": ("returned",),
    "returned": (),
    "cancelled": (),
    "refunded": (),
    # paid on a page of the payment provider, or not: `pay` and `abandon`, never by hand
    "awaiting": (),
    "abandoned": (),
}
#: States of what is no order yet, or never became one.
NOT_PLACED = ("awaiting", "abandoned")
STATES = tuple(NEXT)


class NotAllowed(Exception):
    """The order is not in a state for this change."""


def advance(order: Order, state: str) -> None:
    """Move an order on; a cancellation puts the goods back and returns what was paid."""
    lock(order)
    if state not in NEXT[order.state]:
        raise NotAllowed(f"an order that is {order.state} cannot become {state}")
    paid = order.state == "paid"
    order.state = state
    if state == "cancelled":
        _undo_sale(order)
        if paid:
            _pay_back(order, order.refundable, "cancelled")
    if state == "delivered":
        for shipment in order.shipments:
            shipment.delivered_at = shipment.delivered_at or now()
    touch(order)


def pay(order: Order) -> None:
    """Place an order that waited for its payment."""
    _leave_waiting(order, "paid")


def abandon(order: Order) -> None:
    """End an order that nobody paid, and put its goods back."""
    _leave_waiting(order, "abandoned")
    _undo_sale(order)


def _leave_waiting(order: Order, state: str) -> None:
    if order.state != "awaiting":
        raise NotAllowed(f"an order that is {order.state} waits for no payment")
    order.state = state
    touch(order)


def ship(order: Order, carrier: str, number: str) -> None:
    """Record a parcel; the first one makes the order shipped."""
    lock(order)
    if order.state not in ("placed", "paid", "shipped"):
        raise NotAllowed(f"an order that is {order.state} gets no parcel")
    order.shipments.append(Shipment(carrier=carrier, number=number, shipped_at=now()))
    order.state = "shipped"
    touch(order)


def refund(order: Order, amount: int, reason: str) -> None:
    """Pay back an amount in cents; the whole amount makes the order refunded.

    A card is paid back at once by the payment provider: commit soon. Raises `NotAllowed`, or
    `shop.payments.RefundFailed`, and then the transaction is to be rolled back.
    """
    lock(order)
    if order.state in ("placed", *NOT_PLACED) or order.gave_nothing_back:
        raise NotAllowed(f"an order that is {order.state} was not paid")
    if not 0 < amount <= order.refundable:
        raise NotAllowed(f"{amount} cents cannot be refunded of {order.refundable}")
    _pay_back(order, amount, reason)
    if order.refundable == 0 and order.state not in ("returned", "cancelled"):
        order.state = "refunded"
    touch(order)


def note_refund(order: Order, amount: int, reason: str) -> None:
    """Write down what the payment provider paid back by itself; less than 0 did not arrive."""
    order.refunds.append(Refund(amount=amount, reason=reason, created_at=now()))
    order.refunded += amount
    if order.refundable == 0 and order.state not in ("returned", "cancelled"):
        order.state = "refunded"
    elif order.state == "refunded" and order.refundable:
        order.state = _on_its_way(order)
    touch(order)


def _on_its_way(order: Order) -> str:
    """Return the state of an order that is not refunded after all."""
    if not order.shipments:
        return "paid"
    return "delivered" if all(item.delivered_at for item in order.shipments) else "shipped"


def lock(order: Order) -> None:
    """Keep others from changing the order until the transaction ends, and see it as it is now."""
    db.session.execute(
        update(Order)
        .where(Order.id == order.id)
        .values(state=Order.state)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(order, ["state", "payment_reference", "refunded", "refunds", "updated_at"])


def restock(pieces: Mapping[int, int], on_shelf: Mapping[int, int] | None = None) -> None:
    """Take pieces, by product id, out of what was sold, and put them (or fewer) on the shelf."""
    back = case(dict(pieces), value=Product.id)
    shelf = case(dict(on_shelf or pieces), value=Product.id)
    db.session.execute(
        update(Product)
        .where(Product.id.in_(pieces))
        .values(stock=Product.stock + shelf, sold=Product.sold - back)
        .execution_options(synchronize_session=False)
    )


def touch(order: Order) -> None:
    """Move ``updated_at`` forward, even if the clock stood still or was set back."""
    order.updated_at = max(now(), order.updated_at + timedelta(microseconds=1))


def _pay_back(order: Order, amount: int, reason: str) -> None:
    # What was refunded before tells this refund from every other of the order, with how often
    # one has come back since: the sum is then the same once more.
    back = sum(item.amount < 0 for item in order.refunds)
    key = f"{order.public_id}-{order.refunded}" + (f"x{back}" if back else "")
    order.refunds.append(Refund(amount=amount, reason=reason, created_at=now()))
    order.refunded += amount
    # The provider comes last: what the database refuses must not move money.
    db.session.flush()
    if order.card_reference is not None:
        gateway().refund(order.card_reference, amount, key)


def _undo_sale(order: Order) -> None:
    """Put back what was taken; what was only promised never left the shelf."""
    restock(
        {line.product_id: line.quantity for line in order.lines},
        {line.product_id: line.quantity - line.backordered for line in order.lines},
    )
