"""A shop that speaks SQL by itself, without models: `SQLShop`, one query for each part."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ..errors import ConversionError
from ..errors import nearest
from ..shop import Shop
from ..values import Cart
from ..values import CartLine
from ..values import Customer
from ..values import Money
from ..values import Order
from ..values import OrderLine
from ..values import Product
from .rows import BATCH
from .rows import Rows

_MONEY = ("price", "cost", "unit_price", "total", "shipping", "tax", "refunded", "discount")


class SQLShop(Shop):
    """A shop on `sqlite3` or psycopg.

    Each part is a query that names its columns after the fields of a value: `select userId as
    id, mail as email from users`. `customers` and `orders` need a column `cursor`; `lines` has
    `order_id` beside the fields of an OrderLine, `cart` has `customer_id` beside those of a
    CartLine. `connect` returns a connection, closed after each reading unless `close` is False;
    `mark` is how the driver writes a parameter. With `cents`, whole numbers of money are minor
    units. `states` maps the shop's states to GRC's. What else a `Shop` takes may follow.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        *,
        currency: str,
        customers: str = "",
        products: str = "",
        orders: str = "",
        lines: str = "",
        cart: str = "",
        states: Mapping[Any, str] | None = None,
        cents: bool = False,
        close: bool = True,
        mark: str = "?",
        **shop: Any,
    ) -> None:
        super().__init__(currency, **shop)
        self._rows = Rows(connect, mark, close)
        self._queries = {
            "customers": customers,
            "products": products,
            "orders": orders,
            "lines": lines,
            "cart": cart,
        }
        self._states = states or {}
        self._cents = cents
        self._me: Callable[[], Any] = lambda: None
        for name, function in (
            ("customers", self._customers),
            ("products", self._products),
            ("orders", self._orders),
        ):
            if self._queries[name]:
                self._part(name, function)
        if products:
            self.catalogue(self._catalogue)

    def signed_in(self, function: Callable[[], Any]) -> Callable[[], Any]:
        """Register `() -> id | None`: whom the shop has authenticated in this request.

        The customer and the cart are read by it, where there are queries for them.
        """
        self._me = function
        if self._queries["customers"]:
            self.customer(self._customer)
        if self._queries["cart"]:
            self.cart(self._cart)
        return function

    def _customer(self) -> Customer | None:
        me = self._me()
        found = () if me is None else self._customers(id=str(me))
        return next((item.replace(verified=True) for item in found), None)

    def _customers(self, *, after: Any = None, id: str | None = None) -> Iterator[Customer]:
        for row in self._narrowed("customers", after, id=id):
            yield self._value(Customer, row)

    def _products(self, ids: Sequence[str]) -> Iterator[Product]:
        for row in self._rows.all(self._queries["products"], "id", ids):
            yield self._value(Product, row)

    def _catalogue(self) -> Iterator[Product]:
        for row in self._rows.each(self._queries["products"], order="id"):
            yield self._value(Product, row)

    def _cart(self) -> Cart | None:
        me = self._me()
        if me is None:
            return None
        rows = self._rows.all(self._queries["cart"], "customer_id", [str(me)])
        return Cart(me, [self._value(CartLine, row, "customer_id") for row in rows], me)

    def _orders(
        self, *, after: Any = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterator[Order]:
        batch: list[dict[str, Any]] = []
        for row in self._narrowed("orders", after, id=id, customer_id=customer_id):
            batch.append(row)
            if len(batch) == BATCH:
                yield from self._complete(batch)
                batch = []
        yield from self._complete(batch)

    def _complete(self, batch: Sequence[dict[str, Any]]) -> Iterator[Order]:
        """Yield orders with their lines, which are one query for all of them."""
        ids = [str(row["id"]) for row in batch]
        lines: dict[str, list[OrderLine]] = {}
        for row in self._rows.all(self._queries["lines"], "order_id", ids):
            made = self._value(OrderLine, row, "order_id")
            lines.setdefault(str(row["order_id"]), []).append(made)
        for row, id in zip(batch, ids, strict=True):
            state = row.get("state", "placed")
            whole = {**row, "lines": lines.get(id, ()), "state": self._states.get(state, state)}
            yield self._value(Order, whole)

    def _narrowed(self, part: str, after: Any, **wanted: str | None) -> Iterator[dict[str, Any]]:
        ids = wanted.items()
        conditions = [self._rows.equals(name, value) for name, value in ids if value is not None]
        if after is not None:
            conditions.append(self._rows.since("cursor", after))
        return self._rows.each(self._queries[part], conditions, order="cursor")

    def _value(self, kind: type[Any], row: Mapping[str, Any], *besides: str) -> Any:
        """Return a value of a row; a column that is no field is named."""
        known = {item.name for item in fields(kind)}
        values = {name: value for name, value in row.items() if name not in besides}
        for name in values:
            if name not in known:
                hint = nearest(name, known)
                raise ConversionError(f"{kind.__name__} has no field {name!r}{hint}; name the "
                                      "columns of the query after its fields")  # fmt: skip
        if self._cents:
            for name in _MONEY:
                if isinstance(values.get(name), int):
                    values[name] = Money(values[name], str(row.get("currency") or self.currency))
        return kind(**values)
