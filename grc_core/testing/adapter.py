"""The in-memory shop's adapter: every function that an adapter may have, in its simplest form."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import TYPE_CHECKING
from typing import Any

from flask import session

from ..values import Cart
from ..values import Customer
from ..values import Order
from ..values import Product

if TYPE_CHECKING:  # the shop makes its adapter
    from .shop import MiniShop


def connect(mini: "MiniShop") -> None:
    """Let GRC read an in-memory shop."""
    shop = mini.shop

    @shop.customer
    def customer() -> Customer | None:
        mini.calls.append("customer")
        known = mini.customers.get(session.get("user", ""))
        return known.replace(verified=True) if known else None

    @shop.customers
    def customers(*, after: Any = None, id: str | None = None) -> Iterable[Customer]:
        mini.calls.append("customers")
        if id is not None:
            return [mini.customers[id]] if id in mini.customers else []
        found = sorted(mini.customers.values(), key=lambda item: item.cursor)
        return [item for item in found if after is None or item.cursor >= after]

    @shop.products
    def products(ids: Sequence[str]) -> Iterable[Product]:
        mini.calls.append("products")
        return [mini.products[id] for id in ids if id in mini.products]

    @shop.catalogue
    def catalogue() -> Iterable[Product]:
        return iter(mini.products.values())

    @shop.cart
    def cart() -> Cart | None:
        mini.calls.append("cart")
        if "cart" not in session:
            return None
        return Cart(session["cart"], mini.carts.get(session["cart"], []), session.get("user"))

    @shop.orders
    def orders(
        *, after: Any = None, id: str | None = None, customer_id: str | None = None
    ) -> Iterable[Order]:
        mini.calls.append("orders")
        if id is not None:
            return [mini.orders[id]] if id in mini.orders else []
        found = sorted(mini.orders.values(), key=lambda item: item.cursor)
        if customer_id is not None:
            return [item for item in found if item.customer_id == customer_id]
        return [item for item in found if after is None or item.cursor >= after]

    @shop.staff
    def staff() -> bool:
        return session.get("user") == "boss"

    shop.on("visit", endpoints="product", product="id")
    shop.on("cart", endpoints=["add", "empty"])
    shop.on("order", endpoints="checkout")
    shop.on("signup", endpoints="sign_up")
    shop.place("order.thanks", endpoints="done", order="order_id", selector="main", where="start")
