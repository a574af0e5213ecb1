"""What is priced, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass

from .errors import InvalidCart
from .fields import is_whole
from .fields import make_sets
from .fields import make_tuple
from .rounding import Ratio
from .rounding import ratio_of

#: More of one thing is a mistake or an attack.
MOST_PIECES = 1_000_000
#: A unit price, or what a whole cart costs, never reaches this (2^53: also exact in a browser).
MOST_MONEY = 2**53


@dataclass(frozen=True, slots=True)
class Line:
    """A product in a cart; amounts are minor units.

    `floor` is the least that a piece may cost. `reduced` says that `unit` is already a reduced
    catalogue price. `tags` are what promotions name: tags, categories, brands.
    """

    sku: str
    unit: int
    quantity: int = 1
    tags: frozenset[str] = frozenset()
    floor: int = 0
    reduced: bool = False
    tax_percent: str | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.sku, str):
            raise InvalidCart(f"a line's sku is a text, not {self.sku!r:.40}")
        for name in ("unit", "quantity", "floor"):
            value = getattr(self, name)
            if not is_whole(value):
                raise InvalidCart(f"{name} of {self.sku!r} is {value!r}; it must be an int")
        if not 1 <= self.quantity <= MOST_PIECES:
            raise InvalidCart(
                f"{self.quantity} of {self.sku!r}: a cart holds 1 to {MOST_PIECES} of a thing"
            )
        if not 0 <= self.unit < MOST_MONEY or self.floor < 0:
            raise InvalidCart(f"{self.sku!r} costs {self.unit}, at least {self.floor}")
        if self.tax_percent is not None and self.tax_ratio[0] < 0:
            raise InvalidCart(f"the tax on {self.sku!r} is negative")
        make_sets(self, InvalidCart, "tags")

    @property
    def total(self) -> int:
        """Return quantity times unit price."""
        return self.unit * self.quantity

    @property
    def tax_ratio(self) -> Ratio:
        """Return the tax rate as an exact fraction of one."""
        try:
            return ratio_of(self.tax_percent or 0)
        except ValueError as error:
            raise InvalidCart(f"the tax on {self.sku!r}: {error}") from None


@dataclass(frozen=True, slots=True)
class Cart:
    """Lines in one currency with the shipping before any discount.

    `codes` are what the customer typed, None where every promotion's code counts as typed.
    """

    lines: Sequence[Line]
    currency: str
    shipping: int = 0
    codes: frozenset[str] | None = frozenset()
    country: str | None = None
    channel: str = "web"
    tax_included: bool = False

    def __post_init__(self) -> None:
        make_tuple(self, InvalidCart, "lines", Line)
        if not _is_currency(self.currency):
            raise InvalidCart(f"{self.currency!r} is no currency such as CAD")
        if not is_whole(self.shipping) or not 0 <= self.shipping < MOST_MONEY:
            raise InvalidCart(f"shipping is {self.shipping!r} minor units")
        if self.subtotal + self.shipping >= MOST_MONEY:
            raise InvalidCart("the cart costs more than can be counted")
        if self.codes is not None:
            make_sets(self, InvalidCart, "codes")

    @property
    def subtotal(self) -> int:
        """Return what the lines cost before any discount."""
        return sum([line.unit * line.quantity for line in self.lines])


@dataclass(frozen=True, slots=True)
class Customer:
    """What promotions may ask about a buyer.

    `orders` are those that were completed, without the cancelled ones; `groups` are segments,
    tiers and groups alike.
    """

    orders: int = 0
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not is_whole(self.orders) or self.orders < 0:
            raise InvalidCart(f"a customer has 0 or more orders, not {self.orders!r}")
        make_sets(self, InvalidCart, "groups")


def _is_currency(code: object) -> bool:
    return isinstance(code, str) and len(code) == 3 and code.isascii() and code.isalpha()
