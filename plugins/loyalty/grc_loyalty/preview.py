"""What a promotion would do to sample carts, beside the others that are on."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import grc_core as grc

from .base import Base
from .promotions import Cart
from .promotions import Customer
from .promotions import InvalidPromotion
from .promotions import Line
from .promotions import Policy
from .promotions import Promotion
from .promotions import evaluate
from .reading import promotion_of
from .shelf import promotions_on

#: Pieces and products of each sample cart.
_SAMPLES = ((1, 1), (2, 2), (4, 3))
#: So many products are drawn from, and so many are looked at for those that are named.
_FEW, _LOOKED_AT = 12, 5000


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
    products, meant = _sample(plugin.grc.shop.catalogue(), _names_in(rule))
    carts = [(products[:: max(1, len(products) // wide)][:wide], count) for wide, count in _SAMPLES]
    found: list[Preview] = []
    for chosen, pieces in [(meant, 1), *carts]:
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


def _names_in(rule: Promotion) -> set[str]:
    """Return the categories, tags and products that a promotion names."""
    filters = [part.filter for part in rule.effects] + [part.buy for part in rule.effects]
    filters += [part.filter for part in rule.conditions]
    named = {name for each in filters for name in (*each.tags, *each.skus)}
    about = [part.names for part in rule.conditions if part.kind.startswith("contains_")]
    return named.union(*about)


def _sample(
    catalogue: Iterable[grc.Product], named: set[str]
) -> tuple[list[grc.Product], list[grc.Product]]:
    """Return some products, and one of each category or product that is named."""
    some: list[grc.Product] = []
    meant: list[grc.Product] = []
    missing = set(named)
    for product in islice(catalogue, _LOOKED_AT):
        if len(some) < _FEW:
            some.append(product)
        hit = missing.intersection((product.id, product.brand or "", *product.categories))
        if hit:
            meant.append(product)
            missing -= hit
        if len(some) == _FEW and not missing:
            break
    return some, meant
