"""The adapter that a shop's developer writes: where things are, and where things happen."""

import logging
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from typing import TypeVar

from .conversion import Converter
from .errors import nearest
from .narrowing import narrowed
from .values import exponent

log = logging.getLogger("grc")
F = TypeVar("F", bound=Callable[..., Any])
#: Finds an id in a request: a name (view argument, then query, then form) or a function.
Finder = str | Callable[[], object] | None

#: Parts of a shop that an adapter may provide as functions.
PARTS = ("customer", "customers", "products", "catalogue", "cart", "orders", "staff")
#: Everything that `requires=` may name.
CAPABILITIES = (*PARTS, "email", "stock")
#: Slots that any shop may place; a shop adds its own with `Shop(slots=…)`.
SLOTS = (
    "site.top",
    "site.bottom",
    "home.main",
    "search.empty",
    "product.details",
    "product.below",
    "cart.below",
    "checkout.summary",
    "order.thanks",
    "order.details",
    "account.main",
    "help.main",
)
KINDS = ("visit", "cart", "order", "signup")
POSITIONS = ("start", "end", "before", "after")


@dataclass(frozen=True, slots=True)
class Hint:
    """Endpoints at which something may have happened, and where the ids stand."""

    kind: str
    endpoints: tuple[str, ...]
    product: Finder = None
    order: Finder = None


@dataclass(frozen=True, slots=True)
class Placement:
    """A slot put into pages from outside, at an element found by tag or `#id`."""

    slot: str
    endpoints: tuple[str, ...]
    selector: str
    where: str
    product: Finder = None
    order: Finder = None


class Shop:
    """Describe a shop to GRC, with decorators for its data and calls for its endpoints.

    `currency` (ISO 4217) is that of bare numbers, `locales` the languages of its pages, first
    the default, `timezone` that of naive datetimes, `slots` its own slot names, `without` the
    capabilities that its data cannot serve although a function is there (`email`, `stock`).
    """

    def __init__(
        self,
        currency: str,
        locales: Sequence[str] = ("en",),
        *,
        timezone: str = "UTC",
        slots: Sequence[str] = (),
        without: Sequence[str] = (),
        acknowledge: bool = False,
    ) -> None:
        exponent(currency)
        self.locales = tuple(locales)
        self.converter = Converter(currency, timezone)
        self.slots = (*SLOTS, *slots)
        self.acknowledge = acknowledge
        self.layout_function: Callable[..., str] | None = None
        self.locale_function: Callable[[], str | None] | None = None
        self.hints: list[Hint] = []
        self.placements: list[Placement] = []
        self.functions: dict[str, Callable[..., Any]] = {}
        self._without = frozenset(without)

    @property
    def currency(self) -> str:
        """Return the currency of bare numbers."""
        return self.converter.currency

    @property
    def capabilities(self) -> frozenset[str]:
        """Return what this shop can serve."""
        found = set(self.functions)
        if found & {"customer", "customers", "orders"}:
            found.add("email")
        if found & {"products", "catalogue"}:
            found.add("stock")
        return frozenset(found) - self._without

    def _part(self, name: str, function: F) -> F:
        self.functions[name] = narrowed(name, function)
        return function

    def customer(self, function: F) -> F:
        """Register `() -> Customer | None`: who is signed in; called in a request only."""
        return self._part("customer", function)

    def customers(self, function: F) -> F:
        """Register `(*, after=None, id=None) -> Iterable[Customer]`; `after` is inclusive.

        Arguments that the function leaves out are seen to by GRC, which reads everything then.
        """
        return self._part("customers", function)

    def products(self, function: F) -> F:
        """Register `(ids) -> Iterable[Product]`: many at once."""
        return self._part("products", function)

    def catalogue(self, function: F) -> F:
        """Register `() -> Iterable[Product]`: everything, streamed."""
        return self._part("catalogue", function)

    def cart(self, function: F) -> F:
        """Register `() -> Cart | None`: this visitor's cart; called in a request only."""
        return self._part("cart", function)

    def orders(self, function: F) -> F:
        """Register `(*, after=None, id=None, customer_id=None) -> Iterable[Order]`.

        It is the source of truth: placed orders whose cursor is `after` or later, in the order
        of their cursors; one order by `id`; or a customer's orders. What the function leaves
        out of its arguments, GRC sees to by reading everything.
        """
        return self._part("orders", function)

    def locale(self, function: F) -> F:
        """Register `() -> str | None`: the language that the shop shows this request in."""
        self.locale_function = function
        return function

    def layout(self, function: F) -> F:
        """Register `(title, head, content) -> str`: a plugin's page in the shop's own layout.

        `head` and `content` are markup. Without it such pages are plain ones of GRC's own.
        """
        self.layout_function = function
        return function

    def staff(self, function: F) -> F:
        """Register `() -> frozenset[str] | bool`: the roles of who is signed in."""
        return self._part("staff", function)

    def on(
        self,
        kind: str,
        *,
        endpoints: str | Sequence[str],
        product: Finder = None,
        order: Finder = None,
    ) -> None:
        """Say at which endpoints a `visit`, `cart`, `order` or `signup` may happen.

        `product` and `order` say where the id stands: the name of a view argument or query
        parameter, or a function that returns it.
        """
        if kind not in KINDS:
            log.warning("shop.on(%r) is passed over: unknown kind%s", kind, nearest(kind, KINDS))
            return
        self.hints.append(Hint(kind, _endpoints(endpoints), product, order))

    def place(
        self,
        slot: str,
        *,
        endpoints: str | Sequence[str],
        selector: str = "main",
        where: str = "end",
        product: Finder = None,
        order: Finder = None,
    ) -> None:
        """Put a slot into the pages of some endpoints without editing a template.

        `selector` is a tag (`main`) or an id (`#content`), `where` one of `start`, `end`,
        `before`, `after` that element.
        """
        if where not in POSITIONS:
            log.warning("shop.place(%r): where=%r is taken as 'end'; use one of %s", slot, where,
                        ", ".join(POSITIONS))  # fmt: skip
            where = "end"
        placement = Placement(slot, _endpoints(endpoints), selector, where, product, order)
        self.placements.append(placement)


def _endpoints(value: str | Sequence[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
