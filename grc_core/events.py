"""What happens in a shop, as values that are stored once and delivered to each subscriber."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any
from typing import ClassVar
from uuid import uuid4

from . import codec
from .errors import ConversionError
from .purposes import Purpose
from .values import Cart
from .values import CartLine
from .values import Customer
from .values import Exemplary
from .values import Money
from .values import Order
from .values import Subject


@dataclass(frozen=True, slots=True)
class Event(Exemplary):
    """What surrounds a delivered value: its id, name, version, time, subject and history."""

    id: str
    name: str
    version: int
    occurred_at: datetime
    subject: Subject | None = None
    historical: bool = False


class Occurrence(Exemplary):
    """Base of the event values; a plugin's own event derives from it.

    `hook` names the hook that receives it and `version` the shape of its fields. `key` must be
    the same each time the same thing is reported, and different for different things.
    """

    __slots__ = ()
    hook: ClassVar[str]
    version: ClassVar[int] = 1

    def key(self) -> str:
        """Return the natural key; by default there is none and each report is a new event."""
        return uuid4().hex

    def about(self) -> Subject | None:
        """Return whom the event is about."""
        return None

    def argument(self) -> Any:
        """Return what a handler receives as its first argument."""
        return self


@dataclass(frozen=True, slots=True)
class Visit(Occurrence):
    """A page that a person, not a program, looked at."""

    hook: ClassVar[str] = "on_visit"
    path: str
    endpoint: str | None = None
    product_id: str | None = None
    referrer: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class CartChange(Occurrence):
    """A cart's new content; `before` is the last one that GRC saw."""

    hook: ClassVar[str] = "on_cart_change"
    cart: Cart
    before: Cart | None = None
    added: Sequence[CartLine] = ()
    removed: Sequence[CartLine] = ()

    def about(self) -> Subject | None:
        """Return the cart's customer, where it has one."""
        return Subject("customer", self.cart.customer_id) if self.cart.customer_id else None


@dataclass(frozen=True, slots=True)
class SignUp(Occurrence):
    """A new customer."""

    hook: ClassVar[str] = "on_signup"
    customer: Customer

    def key(self) -> str:
        """Return the customer's id."""
        return self.customer.id

    def about(self) -> Subject:
        """Return the customer."""
        return Subject("customer", self.customer.id)

    def argument(self) -> Customer:
        """Return the customer."""
        return self.customer


@dataclass(frozen=True, slots=True)
class OrderPlaced(Occurrence):
    """An order that the shop has accepted."""

    hook: ClassVar[str] = "on_order"
    order: Order

    def __post_init__(self) -> None:
        if not isinstance(self.order, Order):
            raise ConversionError(f"OrderPlaced takes an Order with an id, not {self.order!r}")

    def key(self) -> str:
        """Return the order's id."""
        return self.order.id

    def about(self) -> Subject | None:
        """Return the order's customer, else the guest's address."""
        return Subject.of_order(self.order)

    def argument(self) -> Order:
        """Return the order."""
        return self.order


@dataclass(frozen=True, slots=True)
class OrderRefunded(Occurrence):
    """Money given back: `amount` of this refund; `order.refunded` holds the sum so far.

    A refund that did not arrive, or was taken back, has a negative `amount`, a lower sum, and
    one more in `undone`. Of two events of an order the one with more `undone` holds, and of
    those with as many the one with the larger sum.
    """

    hook: ClassVar[str] = "on_refund"
    order: Order
    amount: Money
    reason: str | None = None
    #: how many refunds of this order were undone so far
    undone: int = 0

    def key(self) -> str:
        """Return the order's id with the sum refunded so far, and how often it has fallen."""
        so_far = self.order.refunded or self.amount
        return f"{self.order.id}:{so_far.amount}" + (f":{self.undone}" if self.undone else "")

    def about(self) -> Subject | None:
        """Return the order's customer, else the guest's address."""
        return Subject.of_order(self.order)


@dataclass(frozen=True, slots=True)
class ShipmentChanged(Occurrence):
    """A parcel that moved on; `number` is None for an order without tracking."""

    hook: ClassVar[str] = "on_shipment"
    order_id: str
    number: str | None
    carrier: str | None
    state: str
    before: str | None = None
    late: bool = False
    subject: Subject | None = field(default=None, kw_only=True)

    def key(self) -> str:
        """Return order, parcel and state."""
        return f"{self.order_id}:{self.number or ''}:{self.state}"

    def about(self) -> Subject | None:
        """Return the order's customer, else the guest's address."""
        return self.subject


@dataclass(frozen=True, slots=True)
class ConsentChanged(Occurrence):
    """A choice that a person made or took back."""

    hook: ClassVar[str] = "on_consent"
    subject: Subject
    before: Purpose | None
    after: Purpose

    def about(self) -> Subject:
        """Return the person who chose."""
        return self.subject


@dataclass(frozen=True, slots=True)
class Unsubscribed(Occurrence):
    """A way out of commercial mail that a person took: the one click, or its page's button."""

    hook: ClassVar[str] = "on_unsubscribe"
    contact_id: str
    subject: Subject | None = None

    def about(self) -> Subject | None:
        """Return the contact's customer, else its address."""
        return self.subject


#: The core's events by the hook that receives them.
CORE_EVENTS: dict[str, type[Occurrence]] = {
    kind.hook: kind
    for kind in (
        Visit,
        CartChange,
        SignUp,
        OrderPlaced,
        OrderRefunded,
        ShipmentChanged,
        ConsentChanged,
        Unsubscribed,
    )
}


def dumps(occurrence: Occurrence) -> str:
    """Return an event's payload as JSON text."""
    return codec.dumps(occurrence)


def loads(kind: type[Occurrence], payload: str) -> Occurrence:
    """Rebuild an event from its payload."""
    loaded: Occurrence = codec.loads(kind, payload)
    return loaded
