"""The values that plugins see: frozen, with string ids, without rows or requests of the shop."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from decimal import ROUND_HALF_UP
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any
from typing import Self

from .currencies import EXPONENTS
from .errors import ConversionError
from .errors import nearest
from .purposes import Purpose

#: The states an order may be in, in the order a parcel usually goes through them.
ORDER_STATES = ("placed", "paid", "shipped", "delivered", "cancelled", "refunded", "returned")


#: The largest number that every database stores.
_LARGEST = 2**63 - 1


#: Told of each id that is no text, while somebody wants to know: see `noting_ids`.
_note: ContextVar[Callable[[str], None] | None] = ContextVar("note", default=None)


@contextmanager
def noting_ids(note: Callable[[str], None]) -> Iterator[None]:
    """Tell of the ids that are made text meanwhile, as `Order.id: UUID -> text`."""
    token = _note.set(note)
    try:
        yield
    finally:
        _note.reset(token)


def text_id(value: object, what: str) -> str:
    """Return an id as text, refusing a missing one; `what` names the field in the error."""
    if value is None or value == "" or isinstance(value, bool):
        raise ConversionError(f"{what} is {value!r}; every {what} needs the shop's own id")
    if type(value) is str:
        return value
    if (note := _note.get()) is not None:
        note(f"{what}: {type(value).__name__} -> text")
    return str(value)


def optional_id(value: object) -> str | None:
    """Return an id as text, or None where there is none."""
    return None if value is None or value == "" else str(value)


def exponent(currency: str) -> int:
    """Return how many minor digits a currency has; refuse one that ISO 4217 does not know."""
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        hint = nearest(str(currency), EXPONENTS)
        raise ConversionError(f"unknown currency {currency!r}{hint}") from None


class Exemplary:
    """What tests can make one of with a word: `Order.example(state="paid")`."""

    __slots__ = ()

    @classmethod
    def example(cls, **changes: Any) -> Self:
        """Return a plausible value for tests, with some fields changed."""
        from .examples import fields_of

        return cls(**{**fields_of(cls), **changes})


@dataclass(frozen=True, slots=True, order=True)
class Money(Exemplary):
    """An amount in minor units (cents for CAD, yen for JPY) and its ISO 4217 currency."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise ConversionError(
                f"Money.amount counts minor units and must be an int, not {self.amount!r}; "
                f"use Money.of({self.amount!r}, {self.currency!r})"
            )
        exponent(self.currency)
        if not -_LARGEST <= self.amount <= _LARGEST:
            raise ConversionError(f"{self.amount} {self.currency} is more than can be stored")

    @classmethod
    def of(cls, value: "Money | Decimal | float | str", currency: str) -> "Money":
        """Build money from a number of major units: `Money.of(12.5, "CAD")` is 1250 cents.

        Goes through `Decimal(str(value))` and rounds half away from zero to the currency's
        minor unit. Raises ConversionError for anything that is not a finite number.
        """
        if isinstance(value, Money):
            return value
        digits = exponent(currency)
        try:
            number = Decimal(str(value).strip())
            minor = number.scaleb(digits).quantize(Decimal(1), rounding=ROUND_HALF_UP)
            amount = int(minor)
        except (InvalidOperation, ValueError, OverflowError):
            raise ConversionError(f"{value!r} is not an amount of money") from None
        return cls(amount, currency)

    @property
    def decimal(self) -> Decimal:
        """Return the amount in major units, exactly."""
        return Decimal(self.amount).scaleb(-exponent(self.currency))

    def format(self, locale: str = "en") -> str:
        """Return the amount as people of a locale write it, such as `12,50 $`.

        A language alone is read as that of the currency's own country: `fr` and CAD as `fr_CA`.
        """
        from babel.core import Locale
        from babel.core import UnknownLocaleError
        from babel.numbers import format_currency

        tag = locale.replace("-", "_")
        try:
            found = Locale.parse(tag if "_" in tag else f"{tag}_{self.currency[:2]}")
        except (UnknownLocaleError, ValueError):
            found = Locale.parse(tag)
        return format_currency(self.decimal, self.currency, locale=found)

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.amount * count, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __bool__(self) -> bool:
        return self.amount != 0

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ConversionError(f"cannot combine {self.currency} with {other.currency}")
        return other.amount


class _Ids(Exemplary):
    """Turn the id fields of a value into text as it is built."""

    __slots__ = ()

    def _require(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if type(value) is not str or not value:
                what = f"{type(self).__name__}.{name}"
                object.__setattr__(self, name, text_id(value, what))

    def _allow(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if value is not None and (type(value) is not str or not value):
                object.__setattr__(self, name, optional_id(value))

    def _freeze(self, *names: str) -> None:
        for name in names:
            value = getattr(self, name)
            if type(value) is not tuple:
                frozen = (value,) if isinstance(value, str) else tuple(value or ())
                object.__setattr__(self, name, frozen)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields changed."""
        from dataclasses import replace

        return replace(self, **changes)  # type: ignore[type-var]


@dataclass(frozen=True, slots=True)
class Address(Exemplary):
    """Where something goes; `country` is an ISO 3166 code such as `CA`."""

    country: str
    region: str | None = None
    postcode: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Tracking(_Ids):
    """A parcel's tracking number, with the carrier's name and page where known."""

    number: str
    carrier: str | None = None
    url: str | None = None

    def __post_init__(self) -> None:
        self._require("number")


@dataclass(frozen=True, slots=True)
class Customer(_Ids):
    """A person or company with an account in the shop.

    `verified` means that the shop authenticated this person in this very request,
    `email_verified` that the address was proven, `cursor` any sortable value that moves forward
    with each new customer, `consents` a choice that the shop already recorded.
    """

    id: str
    email: str | None = None
    name: str | None = None
    locale: str | None = None
    verified: bool = False
    email_verified: bool = False
    created_at: datetime | None = None
    cursor: Any = None
    birthday: date | None = None
    consents: Purpose | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._require("id")


@dataclass(frozen=True, slots=True)
class Product(_Ids):
    """Something the shop sells; `stock` is None where the shop does not count it."""

    id: str
    name: str
    price: Money
    url: str | None = None
    image: str | None = None
    categories: Sequence[str] = ()
    stock: int | None = None
    available: bool = True
    cost: Money | None = None
    brand: str | None = None
    variant_of: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._require("id")
        self._allow("variant_of")
        self._freeze("categories")


@dataclass(frozen=True, slots=True)
class CartLine(_Ids):
    """One product in a cart."""

    product_id: str
    quantity: int
    unit_price: Money
    variant_id: str | None = None

    def __post_init__(self) -> None:
        self._require("product_id")
        self._allow("variant_id")


@dataclass(frozen=True, slots=True)
class Cart(_Ids):
    """What a visitor is about to buy.

    `shipping` is what it would cost before any reduction and `country` where it goes, as far as
    the visitor has said.
    """

    id: str | None = None
    lines: Sequence[CartLine] = ()
    customer_id: str | None = None
    shipping: Money | None = None
    country: str | None = None

    def __post_init__(self) -> None:
        self._allow("id", "customer_id")
        self._freeze("lines")


@dataclass(frozen=True, slots=True)
class Discount(Exemplary):
    """A reduction that was applied or rejected, and why."""

    key: str
    amount: Money
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class OrderLine(_Ids):
    """One product of an order; `discount` is the reduction of the whole line."""

    product_id: str
    quantity: int
    unit_price: Money
    variant_id: str | None = None
    discount: Money | None = None

    def __post_init__(self) -> None:
        self._require("product_id")
        self._allow("variant_id")


@dataclass(frozen=True, slots=True)
class Order(_Ids):
    """A placed order as the shop states it now.

    `cursor` is an opaque sortable value, set when the order becomes placed and moved forward at
    each later change. `total` is computed where the shop has none. `refunded` is cumulative.
    `number` is what people call it where that is not the id, such as the one on the invoice.
    """

    id: str
    lines: Sequence[OrderLine]
    placed_at: datetime
    state: str
    cursor: Any
    customer_id: str | None = None
    email: str | None = None
    total: Money | None = None
    discounts: Sequence[Discount] = ()
    shipping: Money | None = None
    tax: Money | None = None
    refunded: Money | None = None
    currency: str | None = None
    address: Address | None = None
    payment_method: str | None = None
    channel: str = "web"
    tracking: Sequence[Tracking] = ()
    number: str | None = None

    def __post_init__(self) -> None:
        self._require("id")
        self._allow("customer_id", "number")
        self._freeze("lines", "discounts", "tracking")

    @property
    def label(self) -> str:
        """Return how the order is called before people: by its number, else by its id."""
        return self.number or self.id


@dataclass(frozen=True, slots=True)
class Subject(Exemplary):
    """Whom something is about: `kind` is `customer`, `visitor` or `email`."""

    kind: str
    id: str
    gpc: bool = False

    @classmethod
    def of_order(cls, order: Order) -> "Subject | None":
        """Return whom an order belongs to: its customer, else the guest's address."""
        if order.customer_id:
            return cls("customer", order.customer_id)
        return cls("email", order.email.strip().lower()) if order.email else None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"
