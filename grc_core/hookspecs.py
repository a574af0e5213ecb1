"""The one list of hooks: each is a function that plugins implement under the same name.

Mark an implementation with `@hookimpl`. It may take any subset of the arguments shown here, by
name; every event hook may also take `event`.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

import pluggy

from .events import CartChange
from .events import ConsentChanged
from .events import Event
from .events import OrderRefunded
from .events import ShipmentChanged
from .events import Unsubscribed
from .events import Visit
from .pricing import Coupon
from .pricing import Offer
from .pricing import Pricing
from .purposes import Cookie
from .purposes import Erased
from .purposes import Personal
from .purposes import Purpose
from .values import Cart
from .values import Customer
from .values import Order
from .values import Subject

hookspec = pluggy.HookspecMarker("grc")

# Events: called after commit, in a transaction shared with the mark "delivered".


@hookspec
def on_visit(visit: Visit, event: Event) -> None:
    """React to a page that a person looked at."""


@hookspec
def on_visits(batch: Sequence[tuple[Visit, Event]]) -> None:
    """React to many visits at once; takes the place of `on_visit`."""


@hookspec
def on_cart_change(change: CartChange, event: Event) -> None:
    """React to a cart's new content; only the newest change of a cart is sure to arrive."""


@hookspec
def on_order(order: Order, event: Event) -> None:
    """React to a placed order, as the shop states it at delivery."""


@hookspec
def on_orders(batch: Sequence[tuple[Order, Event]]) -> None:
    """React to many orders at once; takes the place of `on_order`."""


@hookspec
def on_signup(customer: Customer, event: Event) -> None:
    """React to a new customer."""


@hookspec
def on_signups(batch: Sequence[tuple[Customer, Event]]) -> None:
    """React to many new customers at once; takes the place of `on_signup`."""


@hookspec
def on_refund(refund: OrderRefunded, event: Event) -> None:
    """React to money given back; a cancellation is a full refund with reason `cancelled`."""


@hookspec
def on_shipment(shipment: ShipmentChanged, event: Event) -> None:
    """React to a parcel that moved on."""


@hookspec
def on_consent(change: ConsentChanged, event: Event) -> None:
    """React to a choice that a person made or took back."""


@hookspec
def on_unsubscribe(unsubscribed: Unsubscribed, event: Event) -> None:
    """React to the one click by which a person leaves commercial mail."""


# Decisions: called while a page or an order is made.


@hookspec
def offers(
    cart: Cart | None, customer: Customer | None, codes: Sequence[str]
) -> Iterable[Offer] | None:
    """Propose reductions; the offers of all plugins are collected."""


@hookspec
def price_cart(
    cart: Cart, customer: Customer | None, codes: Sequence[str], offers: Sequence[Offer]
) -> Pricing | None:
    """Decide what a cart costs; one provider, chosen by `GRC_PROVIDERS` where there are two."""


@hookspec
def coupons(codes: Sequence[str]) -> Iterable[Coupon] | None:
    """State the terms of coupon codes; of all that are no secret where none is named."""


@hookspec
def reserve(cart: Cart, order_id: str, pricing: Pricing | None, codes: Sequence[str]) -> None:
    """Hold what an order needs (a coupon, points); idempotent; raise `Refused` to refuse it."""


@hookspec
def release(order_id: str) -> None:
    """Let go of what `reserve` held; idempotent, also for an unknown order."""


@hookspec
def promised(products: Sequence[str], customer: Customer | None) -> Mapping[str, int] | None:
    """State how many pieces of products are put aside for others than a customer."""


@hookspec
def consents(subject: Subject) -> Purpose | None:
    """State what a person agreed to, or None where nothing is known; one provider."""


# Answers: collected from every plugin.


@hookspec
def answers(question: str, locale: str) -> Iterable[Any] | None:
    """Answer a visitor's question."""


@hookspec
def contact_panels(contact: Any) -> Iterable[Any] | None:
    """Show staff what the plugin knows about a contact."""


@hookspec
def contact_kinds() -> Iterable[str] | None:
    """Name kinds of contact beyond the core's own."""


@hookspec
def may_send(contact: Any, kind: str) -> bool | None:
    """Return False to veto a message to a contact, True where consent is implied by law."""


# Privacy.


@hookspec
def personal_data() -> Iterable[Personal] | None:
    """Declare what the plugin stores about people; export and erasure follow from it."""


@hookspec
def cookies() -> Iterable[Cookie] | None:
    """Declare which cookies the plugin has a browser keep."""


@hookspec
def export_personal_data(subject: Subject) -> dict[str, Any] | None:
    """Return a person's data where deriving it from `personal_data` is not enough."""


@hookspec
def rectify_personal_data(subject: Subject, changes: Mapping[str, Any]) -> int | None:
    """Put right what the plugin copied of a person; return the number of rows."""


@hookspec
def erase_personal_data(subject: Subject) -> int | Erased | Iterable[Erased] | None:
    """Erase a person's data where deriving it is not enough; return what was done."""


#: Event hooks with a batch form, and its name.
BATCH_FORMS = {"on_visit": "on_visits", "on_order": "on_orders", "on_signup": "on_signups"}
#: Decisions that exactly one plugin may take.
PROVIDED = ("price_cart", "consents")
