"""What a shop hands over, turned into exact values; each change that was needed is noted."""

from collections.abc import Callable
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import TypeVar
from zoneinfo import ZoneInfo

from .errors import ConversionError
from .errors import nearest
from .purposes import Purpose
from .values import ORDER_STATES
from .values import Address
from .values import Cart
from .values import CartLine
from .values import Customer
from .values import Discount
from .values import Money
from .values import Order
from .values import OrderLine
from .values import Product
from .values import Tracking
from .values import exponent

T = TypeVar("T")
#: Types of cursors that come back from the database as they were.
_KEPT = (str, int, float, date, Decimal, list, tuple)
#: Receives one sentence for each field that had to be converted.
Note = Callable[[str], None]


def _silent(note: str) -> None:
    del note


@dataclass(frozen=True, slots=True)
class Converter:
    """Make values exact: money in minor units, aware UTC times, text ids, known states."""

    currency: str
    timezone: str = "UTC"
    note: Note = _silent

    def noting(self, note: Note) -> "Converter":
        """Return a converter that reports what it converts."""
        return replace(self, note=note)

    def customer(self, raw: Customer) -> Customer:
        """Return the customer with exact times and purposes."""
        raw = _expect(raw, Customer)
        created = self._time(raw.created_at, "Customer.created_at") if raw.created_at else None
        consents = None if raw.consents is None else Purpose.parse(raw.consents)
        birthday = raw.birthday.date() if isinstance(raw.birthday, datetime) else raw.birthday
        return replace(
            raw,
            created_at=created,
            consents=consents,
            birthday=birthday if isinstance(birthday, date) else None,
            email=_text(raw.email),
            name=_text(raw.name),
            locale=_text(raw.locale),
            cursor=self._cursor(raw.cursor, "Customer.cursor"),
        )

    def product(self, raw: Product) -> Product:
        """Return the product with exact money and stock."""
        raw = _expect(raw, Product)
        if raw.price is None:
            raise ConversionError(f"Product {raw.id!r} has no price")
        return replace(
            raw,
            name=str(raw.name),
            price=self._money(raw.price, "Product.price"),
            cost=self._optional_money(raw.cost, "Product.cost"),
            stock=None if raw.stock is None else self._count(raw.stock, "Product.stock"),
            available=bool(raw.available),
            categories=tuple(str(category) for category in raw.categories),
        )

    def cart(self, raw: Cart) -> Cart:
        """Return the cart with exact money; lines without a quantity are left out."""
        raw = _expect(raw, Cart)
        lines = tuple(self._cart_line(line) for line in raw.lines)
        return replace(
            raw,
            lines=tuple(line for line in lines if line.quantity > 0),
            shipping=self._optional_money(raw.shipping, "Cart.shipping"),
        )

    def order(self, raw: Order) -> Order:
        """Return the order with exact money and times, its total computed where missing."""
        raw = _expect(raw, Order)
        currency = raw.currency or self.currency
        exponent(currency)
        inner = self if currency == self.currency else replace(self, currency=currency)
        return inner._order(raw)

    def _order(self, raw: Order) -> Order:
        if raw.placed_at is None:
            raise ConversionError(f"Order {raw.id!r} has no placed_at")
        order = replace(
            raw,
            currency=self.currency,
            lines=tuple(self._order_line(line) for line in raw.lines),
            placed_at=self._time(raw.placed_at, "Order.placed_at"),
            state=self._state(raw.state),
            cursor=self._cursor(raw.cursor, "Order.cursor"),
            email=_text(raw.email),
            discounts=tuple(self._discount(item) for item in raw.discounts),
            shipping=self._optional_money(raw.shipping, "Order.shipping"),
            tax=self._optional_money(raw.tax, "Order.tax"),
            refunded=self._optional_money(raw.refunded, "Order.refunded"),
            total=self._optional_money(raw.total, "Order.total"),
            address=None if raw.address is None else _expect(raw.address, Address),
            tracking=tuple(_expect(item, Tracking) for item in raw.tracking),
        )
        if order.total is None:
            self.note("Order.total was missing and is computed from lines, shipping and tax")
            order = replace(order, total=order_total(order))
        return order

    def _order_line(self, raw: OrderLine) -> OrderLine:
        raw = _expect(raw, OrderLine)
        return replace(
            raw,
            quantity=self._count(raw.quantity, "OrderLine.quantity"),
            unit_price=self._money(raw.unit_price, "OrderLine.unit_price"),
            discount=self._optional_money(raw.discount, "OrderLine.discount"),
        )

    def _cart_line(self, raw: CartLine) -> CartLine:
        raw = _expect(raw, CartLine)
        return replace(
            raw,
            quantity=self._count(raw.quantity, "CartLine.quantity"),
            unit_price=self._money(raw.unit_price, "CartLine.unit_price"),
        )

    def _discount(self, raw: Discount) -> Discount:
        raw = _expect(raw, Discount)
        return replace(raw, amount=self._money(raw.amount, "Discount.amount"))

    def _optional_money(self, value: Any, what: str) -> Money | None:
        return None if value is None else self._money(value, what)

    def _money(self, value: Any, what: str) -> Money:
        if isinstance(value, Money):
            return value
        if isinstance(value, bool) or value is None:
            raise ConversionError(f"{what} is {value!r}, not an amount of money")
        self.note(f"{what}: {type(value).__name__} -> minor units of {self.currency}")
        return Money.of(value, self.currency)

    def _count(self, value: Any, what: str) -> int:
        if type(value) is int:
            return value
        try:
            count = int(value)
        except (TypeError, ValueError, OverflowError):
            raise ConversionError(f"{what} is {value!r}, not a whole number") from None
        if count != float(value):
            raise ConversionError(f"{what} is {value!r}, not a whole number")
        self.note(f"{what}: {type(value).__name__} -> int")
        return count

    def _time(self, value: Any, what: str) -> datetime:
        if isinstance(value, str):
            self.note(f"{what}: text -> datetime")
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                raise ConversionError(f"{what} is {value!r}, not an ISO 8601 time") from None
        if not isinstance(value, datetime):
            raise ConversionError(f"{what} is {value!r}, not a datetime")
        if value.tzinfo is None:
            self.note(f"{what}: naive datetime taken as {self.timezone}")
            value = value.replace(tzinfo=ZoneInfo(self.timezone))
        time: datetime = value
        return time if time.tzinfo is UTC else time.astimezone(UTC)

    def _cursor(self, value: Any, what: str) -> Any:
        """Return a cursor that can be kept: a value of the shop's own type as its text."""
        if value is None or isinstance(value, _KEPT):
            return value
        self.note(f"{what}: {type(value).__name__} -> text")
        return str(value)

    def _state(self, value: Any) -> str:
        state = str(value).strip().lower()
        if state not in ORDER_STATES:
            hint = nearest(state, ORDER_STATES)
            raise ConversionError(
                f"unknown order state {value!r}{hint}; map the shop's states to one of "
                f"{', '.join(ORDER_STATES)}"
            )
        return state


def order_total(order: Order) -> Money:
    """Return lines less their discounts, plus shipping and tax, less the order's discounts."""
    total = Money(0, order.currency or "")
    for line in order.lines:
        total += line.unit_price * line.quantity
        total = total - line.discount if line.discount else total
    for part in (order.shipping, order.tax):
        total = total + part if part else total
    for discount in order.discounts:
        total -= discount.amount
    return total


def _expect(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise ConversionError(f"expected a grc_core.{kind.__name__}, got {value!r:.80}")
    return value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def iterable(value: Any, what: str) -> Iterable[Any]:
    """Return what an adapter function gave as an iterable, or raise a clear error."""
    if value is None:
        raise ConversionError(f"@shop.{what} returned None; return or yield the values instead")
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        raise ConversionError(f"@shop.{what} returned {value!r:.80}, which is not iterable")
    found: Iterable[Any] = value
    return found
