"""What is known of the products at training: enough for neighbours in price and department."""

import json
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from grc_core import Product

#: Days of stock of what is not sold at all.
NEVER = 10_000.0


@dataclass(frozen=True, slots=True)
class Item:
    """A product as it was when the model was trained; money in minor units."""

    categories: tuple[str, ...]
    price: int
    #: share of the price that is margin; None where the cost is not known
    margin: float | None
    #: for how many days the stock lasts at the sales of late; None where it is not counted
    days: float | None = None
    #: what it shares with products that travel in the same parcel, such as a warehouse
    parcel: str | None = None


class Catalogue:
    """Products by id, in the order of the shop's catalogue."""

    def __init__(self, items: dict[str, Item]) -> None:
        self.items = items

    @classmethod
    def of(
        cls, products: Iterable[Product], daily: Mapping[str, float], parcel: str = "warehouse"
    ) -> "Catalogue":
        """Read the shop's catalogue; `daily` are the orders per day of each product.

        `parcel` names the attribute that products of one parcel share.
        """
        return cls({it.id: item_of(it, daily.get(it.id, 0.0), parcel) for it in products})

    @cached_property
    def by_category(self) -> dict[str, list[str]]:
        """Return the products of each category."""
        found: dict[str, list[str]] = {}
        for id, item in self.items.items():
            for category in item.categories:
                found.setdefault(category, []).append(id)
        return found

    def parcels(self, products: Iterable[str]) -> frozenset[str]:
        """Return the parcels in which some products travel, where that is known."""
        found = (self.items[id].parcel for id in products if id in self.items)
        return frozenset(parcel for parcel in found if parcel)

    def neighbours(self, product: Product) -> list[str]:
        """Return the other products of the same categories."""
        found = [id for name in product.categories for id in self.by_category.get(name, ())]
        return [id for id in dict.fromkeys(found) if id != product.id]

    def dumps(self) -> bytes:
        """Return the catalogue as bytes."""
        rows = {
            id: [item.categories, item.price, item.margin, item.days, item.parcel]
            for id, item in self.items.items()
        }
        return json.dumps(rows).encode()

    @classmethod
    def loads(cls, blob: bytes) -> "Catalogue":
        """Read what `dumps` wrote."""
        rows = json.loads(blob)
        return cls({id: Item(tuple(row[0]), *row[1:]) for id, row in rows.items()})


def item_of(product: Product, daily: float, parcel: str) -> Item:
    """Return what is remembered of a product."""
    price = product.price.amount
    known = product.cost is not None and price > 0
    margin = (price - product.cost.amount) / price if known and product.cost else None
    days = None if product.stock is None else min(product.stock / max(daily, 1e-3), NEVER)
    shared = product.attributes.get(parcel)
    return Item(tuple(product.categories), price, margin, days, str(shared) if shared else None)
