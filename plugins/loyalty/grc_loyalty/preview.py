"""What a promotion would do to sample carts, beside the others that are on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grc_core as grc

from .base import Base
from .promotions import Cart
from .promotions import Customer
from .promotions import InvalidPromotion
from .promotions import Line
from .promotions import Policy
from .promotions import evaluate
from .reading import promotion_of
from .shelf import promotions_on

#: Pieces and products of each sample cart.
_SAMPLES = ((1, 1), (2, 2), (4, 3))


@dataclass(frozen=True, slots=True)
class Preview:
    """A sample cart: what it costs without and with the promotion, and what becomes of it."""

    products: tuple[str, ...]
    before: grc.Money
    after: grc.Money
    outcome: str
    reason: str
    by: tuple[str, ...]
    #: pieces, or minor units, that are missing
    missing: int | None

    @property
    def more(self) -> grc.Money:
        """Return what is missing as money."""
        return grc.Money(self.missing or 0, self.before.currency)


def preview(plugin: Base, key: str, definition: Mapping[str, Any]) -> list[Preview]:
    """Price sample carts of the shop's own products with a promotion as it is being written."""
    try:
        rule = promotion_of({**definition, "id": key})
    except InvalidPromotion:
        return []
    others = [
        found.rule
        for name, found in promotions_on(plugin.session).items()
        if name != key and not found.needs_code
    ]
    products: list[grc.Product] = []
    for product in plugin.grc.shop.catalogue():
        products.append(product)
        if len(products) == 12:
            break
    found: list[Preview] = []
    for wide, pieces in _SAMPLES:
        chosen = products[:: max(1, len(products) // wide)][:wide]
        if not chosen:
            continue
        currency = chosen[0].price.currency
        lines = [
            Line(item.id, item.price.amount, pieces, frozenset(item.categories)) for item in chosen
        ]
        cart = Cart(lines, currency, plugin.settings.usual_shipping, None)
        policy = Policy(zone=plugin.settings.zone)
        now = plugin.grc.now()
        without = evaluate(cart, others, Customer(), now, policy)
        decided = evaluate(cart, [*others, rule], Customer(), now, policy)
        fate = decided.fate(key)
        found.append(
            Preview(
                tuple(f"{pieces} × {item.name}" for item in chosen),
                grc.Money(without.total, currency),
                grc.Money(decided.total, currency),
                fate.outcome if fate else "",
                fate.reason if fate else "",
                tuple(fate.by) if fate else (),
                fate.missing if fate else None,
            )
        )
    return found
