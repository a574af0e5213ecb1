"""The cart: product ids and quantities in the visitor's signed session cookie."""

import secrets
from dataclasses import dataclass

from flask import g
from flask import session
from sqlalchemy import select

from .extensions import db
from .models import Product

#: Nobody needs more of one thing, and the cookie stays small.
MAX_QUANTITY = 99
MAX_LINES = 60


@dataclass(frozen=True, slots=True)
class Item:
    """A product in the cart with its quantity."""

    product: Product
    quantity: int

    @property
    def total(self) -> int:
        """Return quantity times today's price, in cents."""
        return self.quantity * self.product.price

    @property
    def orderable(self) -> bool:
        """Tell whether as many as wanted are on the shelf or may be ordered for later."""
        product = self.product
        return product.active and (self.quantity <= product.left or product.backorder)

    @property
    def waiting(self) -> int:
        """Return how many of the pieces wait for the next delivery to the shop."""
        return self.product.waiting(self.quantity)


def cart_id() -> str | None:
    """Return the random id of this browser's cart, or None before the first product."""
    stored = session.get("cart")
    return str(stored["id"]) if stored else None


def quantities() -> dict[int, int]:
    """Return quantity by product id, in the order of adding; no database involved."""
    stored = session.get("cart")
    return {int(key): quantity for key, quantity in stored["lines"].items()} if stored else {}


def items() -> list[Item]:
    """Return the products in the cart, read once per request."""
    if "cart_items" not in g:
        g.cart_items = _load()
    found: list[Item] = g.cart_items
    return found


def count() -> int:
    """Return the number of pieces in the cart."""
    return sum(item.quantity for item in items())


def subtotal() -> int:
    """Return the running total in cents, before taxes and shipping."""
    return sum(item.total for item in items())


def put(product_id: int, quantity: int) -> None:
    """Set the quantity of a product; zero takes it out."""
    lines = quantities()
    if quantity > 0:
        lines[product_id] = min(quantity, MAX_QUANTITY)
    else:
        lines.pop(product_id, None)
    _save(lines)


def add(product_id: int, quantity: int = 1) -> None:
    """Put more of a product in the cart."""
    put(product_id, quantities().get(product_id, 0) + max(1, quantity))


def clear() -> None:
    """Empty the cart; the next one gets a new id."""
    session.pop("cart", None)
    g.pop("cart_items", None)


def _save(lines: dict[int, int]) -> None:
    kept = dict(list(lines.items())[:MAX_LINES])
    session["cart"] = {"id": cart_id() or secrets.token_hex(12), "lines": kept}
    g.pop("cart_items", None)


def _load() -> list[Item]:
    wanted = quantities()
    if not wanted:
        return []
    rows = db.session.scalars(select(Product).where(Product.id.in_(wanted), Product.active))
    products = {product.id: product for product in rows}
    return [Item(products[key], wanted[key]) for key in wanted if key in products]
