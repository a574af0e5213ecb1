"""A price as the core and the shop understand it."""

import grc_core as grc

from .pricing import Asked
from .pricing import Priced
from .promotions import Fate


def pricing_of(asked: Asked, priced: Priced, locale: str) -> grc.Pricing:
    """Return the price as the core and the shop understand it."""
    decision = priced.decision

    def money(amount: int) -> grc.Money:
        return grc.Money(amount, decision.currency)

    lines = [
        grc.OrderLine(
            line.product_id, line.quantity, line.unit_price, line.variant_id,
            money(priced.line_off(index)),
        )
        for index, line in enumerate(asked.cart.lines)
    ]  # fmt: skip
    applied = [discount_of(priced, fate, locale, decision.currency) for fate in decision.applied]
    if priced.points:
        applied.append(grc.Discount("points", money(priced.points_off), "applied"))
    if priced.credit:
        applied.append(grc.Discount("credit", money(priced.credit), "applied"))
    rejected = [
        discount_of(priced, fate, locale, decision.currency)
        for fate in decision.trace
        if fate.outcome != "applied"
    ]
    goods = decision.subtotal - decision.discount - priced.paid
    is_free = decision.shipping_before > 0 and decision.shipping == 0
    shipping: grc.Money | None = None
    if asked.cart.shipping is not None or is_free:
        shipping = money(decision.shipping)
    total = goods + (decision.shipping if asked.cart.shipping is not None else 0)
    return grc.Pricing(tuple(lines), shipping, money(total), tuple(applied), tuple(rejected))


def discount_of(priced: Priced, fate: Fate, locale: str, currency: str) -> grc.Discount:
    """Return what became of a promotion, under its title."""
    title = priced.title(fate.promotion, locale) or None
    key = fate.promotion.removeprefix("offer:")
    return grc.Discount(key, grc.Money(fate.amount, currency), fate.reason, title)
