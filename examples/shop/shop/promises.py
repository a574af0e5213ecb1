"""What of the stock is promised to others, if anybody keeps a list: the shop itself has none."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping

from flask import current_app

from .models import Product

#: Whoever was put at ``app.extensions["promised"]``: pieces for others, by product id.
Keeper = Callable[[list[int]], Mapping[int, int]]


def to_others(product_ids: Iterable[int]) -> Mapping[int, int]:
    """Return how many pieces of products are promised to others than who is asking."""
    keeper: Keeper | None = current_app.extensions.get("promised")
    ids = list(product_ids)
    return keeper(ids) if keeper and ids else {}


def mind(products: Iterable[Product]) -> None:
    """Have products count what is promised to others as not for sale."""
    known = {product.id: product for product in products}
    for id, pieces in to_others(known).items():
        known[id].promised = pieces
