"""Offers of other plugins as promotions of the engine."""

from collections.abc import Sequence

import grc_core as grc

from .promotions import Condition
from .promotions import Effect
from .promotions import Filter
from .promotions import Promotion


def rule_of(offer: grc.Offer) -> Promotion:
    """Return another plugin's offer for the engine."""
    names = frozenset(offer.products), frozenset(offer.categories)
    scope = [Filter(skus=names[0])] if names[0] else []
    scope += [Filter(tags=names[1])] if names[1] else []
    id = f"offer:{offer.key}"
    if offer.free_shipping:
        conditions = []
        if names[0]:
            conditions.append(Condition("contains_any_product", names=names[0]))
        if names[1]:
            conditions.append(Condition("contains_any_tag", names=names[1]))
        return Promotion(id, [Effect("free_shipping", "shipping")], conditions)
    if offer.amount is not None:
        effects = [
            Effect("fixed", "matching_lines", amount=offer.amount.amount, filter=filter)
            for filter in (scope or [Filter()])[:1]
        ]
        return Promotion(id, effects, currency=offer.amount.currency)
    kind = "each_unit" if scope else "order"
    effects = [
        Effect("percent", kind, percent=str(offer.percent), filter=filter)
        for filter in scope or [Filter()]
    ]
    return Promotion(id, effects)


def distinct(rules: Sequence[Promotion]) -> list[Promotion]:
    """Return each id once: two plugins may propose the same offer."""
    return list({rule.id: rule for rule in rules}.values())
