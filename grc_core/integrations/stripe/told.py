"""What a shop is told of a payment, so that its own order moves on."""

from dataclasses import dataclass

from blinker import Namespace

from ...values import Money


@dataclass(frozen=True, slots=True)
class Payment:
    """Where the payment of an order stands, whatever the order of the events.

    `state` is `paid`, or `ended` where nothing was paid and nothing will be. `refunded` is
    everything that was given back so far; it becomes less when a refund fails (`undone` counts
    these).
    """

    order_id: str
    state: str
    paid: Money
    refunded: Money
    #: the payment intent that paid, for refunds
    reference: str | None = None
    undone: int = 0


#: Sent by the app, with `payment=Payment(…)`, outside any transaction and at least once per
#: event. What a receiver raises has the event tried again.
payment_changed = Namespace().signal("stripe-payment-changed")
