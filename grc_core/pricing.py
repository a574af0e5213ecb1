"""Offers, and the one price that comes of them."""

import logging
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import Protocol

from .errors import ConversionError
from .purposes import Purpose
from .values import Cart
from .values import Customer
from .values import Discount
from .values import Exemplary
from .values import Money
from .values import OrderLine
from .values import _Ids

log = logging.getLogger("grc")


@dataclass(frozen=True, slots=True)
class Offer(_Ids):
    """A reduction that a plugin proposes: exactly one of percent, amount, free shipping.

    `percent` is 0 to 100; `products` and `categories` limit it (empty: the whole cart); `code`
    is the coupon it needs; `reason` is said to the visitor.
    """

    key: str
    percent: Decimal | int | None = None
    amount: Money | None = None
    free_shipping: bool = False
    products: Sequence[str] = ()
    categories: Sequence[str] = ()
    code: str | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        kinds = (self.percent is not None, self.amount is not None, self.free_shipping)
        if sum(kinds) != 1:
            raise ConversionError(
                f"offer {self.key!r} needs exactly one of percent, amount, free_shipping"
            )
        if self.percent is not None and not 0 <= self.percent <= 100:
            raise ConversionError(f"offer {self.key!r}: percent is 0 to 100, not {self.percent}")
        self._freeze("products", "categories")


@dataclass(frozen=True, slots=True)
class Coupon(_Ids):
    """What a code grants, for a system beside the shop that is to know it too.

    `key` names its promotion. `percent` or `amount` is off the goods of an order of `least` or
    more, until `ends_at`. `limit` is how often all codes of the promotion may be used together,
    `code_limit` how often this one; of these, `used` and `code_used` are gone. `beyond` says
    what these fields cannot: the coupon is then more, or less, than they say. One that was
    withdrawn, used up or is over is not `is_on`.
    """

    code: str
    key: str
    percent: Decimal | None = None
    amount: Money | None = None
    title: str = ""
    least: Money | None = None
    limit: int | None = None
    code_limit: int | None = None
    used: int = 0
    code_used: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    is_on: bool = True
    beyond: Sequence[str] = ()

    def __post_init__(self) -> None:
        self._require("code", "key")
        self._freeze("beyond")


@dataclass(frozen=True, slots=True)
class Pricing(Exemplary):
    """What a cart costs: priced lines, shipping, the total, and each offer's fate."""

    lines: Sequence[OrderLine]
    shipping: Money | None
    total: Money
    applied: Sequence[Discount] = ()
    rejected: Sequence[Discount] = ()


def full_price(cart: Cart, offers: Iterable[Offer], currency: str) -> Pricing:
    """Price a cart without any reduction; every offer is rejected with a reason.

    This is the core's own answer to `price_cart`, used where no plugin prices.
    """
    lines = tuple(
        OrderLine(line.product_id, line.quantity, line.unit_price, line.variant_id)
        for line in cart.lines
    )
    total = Money(0, lines[0].unit_price.currency if lines else currency)
    for line in lines:
        total += line.unit_price * line.quantity
    nothing = Money(0, total.currency)
    rejected = tuple(
        Discount(offer.key, nothing, "no_pricer", "No installed plugin applies offers.")
        for offer in offers
    )
    return Pricing(lines, None, total, (), rejected)


class Decisions(Protocol):
    """What the desk needs of the compiled hooks."""

    def collect(
        self, hook: str, consents: Purpose = Purpose.NECESSARY, **arguments: Any
    ) -> list[Any]:
        """Call every plugin, each fenced, and return the answers of those that worked."""

    def provide(self, hook: str, consents: Purpose = Purpose.NECESSARY, **arguments: Any) -> Any:
        """Ask the one provider of a decision; None where there is none or it fails."""

    def demand(self, hook: str, **arguments: Any) -> None:
        """Call every plugin and let the first error through."""


class Desk:
    """Ask every plugin for offers and one of them, or the core, for the price.

    `hooks` is the table of compiled decisions, read at each call.
    """

    def __init__(self, hooks: Decisions, currency: str) -> None:
        self._hooks = hooks
        self._currency = currency
        #: tells whether a customer gets no promotion just now, because of a complaint say
        self.is_suppressed: Callable[[Customer], bool] = lambda customer: False

    def price(
        self,
        cart: Cart,
        codes: Sequence[str] = (),
        customer: Customer | None = None,
        consents: Purpose = Purpose.NECESSARY,
    ) -> Pricing:
        """Return what the cart costs now, with every plugin's offers considered.

        `consents` is what this person agreed to: offers that need more are not asked for.
        """
        known: dict[str, Any] = {"cart": cart, "customer": customer, "codes": codes}
        offers: list[Offer] = []
        for found in self._hooks.collect("offers", consents, **known):
            offers.extend(_usable(found))
        if offers and customer is not None and self.is_suppressed(customer):
            offers = []
        answer = self._hooks.provide("price_cart", consents, **known, offers=offers)
        return answer if isinstance(answer, Pricing) else full_price(cart, offers, self._currency)

    def reserve(
        self,
        cart: Cart,
        order_id: str,
        pricing: Pricing | None = None,
        codes: Sequence[str] = (),
    ) -> None:
        """Hold what the order needs with every plugin; one refusal releases all and is raised."""
        try:
            self._hooks.demand(
                "reserve", cart=cart, order_id=order_id, pricing=pricing, codes=codes
            )
        except Exception:
            self.release(order_id)
            raise

    def promised(self, products: Sequence[str], customer: Customer | None = None) -> dict[str, int]:
        """Return how many pieces are put aside for others, by product; nothing where none are."""
        found: dict[str, int] = {}
        for answer in self._hooks.collect("promised", products=products, customer=customer):
            for id, pieces in (answer or {}).items():
                found[id] = found.get(id, 0) + pieces
        return found

    def release(self, order_id: str) -> None:
        """Let go of what was held for an order; harmless when nothing was."""
        self._hooks.collect("release", order_id=order_id)


def _usable(found: Any) -> list[Offer]:
    """Return the offers in a plugin's answer, and log what is none."""
    if found is None:
        return []
    items = list(found) if isinstance(found, Iterable) else [found]
    bad = [item for item in items if not isinstance(item, Offer)]
    if bad:
        log.error("a plugin's answer to `offers` holds %.80r, which is not an Offer", bad[0])
    return [item for item in items if isinstance(item, Offer)]
