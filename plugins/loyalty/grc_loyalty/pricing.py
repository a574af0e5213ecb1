"""From the shop's cart to the engine and back: which promotions, for whom, and what it costs."""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

import grc_core as grc

from . import balances
from . import holds
from . import stock
from .buyers import Past
from .buyers import standing
from .known import Around
from .models import Code
from .models.points import CREDIT
from .perks import Perks
from .perks import with_perks
from .promotions import Cart
from .promotions import Customer
from .promotions import Decision
from .promotions import InvalidCart
from .promotions import Line
from .promotions import Policy
from .promotions import Promotion
from .promotions import evaluate
from .promotions.allocation import allocate
from .proposed import distinct
from .proposed import rule_of
from .shelf import Stored


@dataclass(frozen=True, slots=True)
class Terms:
    """The settings that a price depends on."""

    zone: str
    floor_at_cost: bool
    usual_shipping: int
    point_worth: int
    #: that of store credit
    currency: str
    tiers: Sequence[tuple[str, int]]
    perks: Perks


@dataclass(frozen=True, slots=True)
class Asked:
    """A cart to price, with everything that is read from the shop."""

    cart: grc.Cart
    customer_id: str | None
    products: Mapping[str, grc.Product]
    offers: Sequence[grc.Offer]
    digests: Sequence[str]
    now: datetime
    #: orders whose holds do not stand in the way, since they are this very cart's
    own: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Priced:
    """What a cart costs and why; points and credit are on top of what the promotions decided."""

    decision: Decision
    known: Mapping[str, Stored]
    codes: Mapping[str, Code]
    points: int
    points_off: int
    #: how much store credit pays
    credit: int
    #: what points and credit take off each line
    line_paid: Sequence[int]
    past: Past | None
    #: what the offers of other plugins say of themselves
    reasons: Mapping[str, str]

    @property
    def paid(self) -> int:
        """Return what points and credit pay."""
        return self.points_off + self.credit

    def title(self, promotion: str, locale: str) -> str:
        """Return what a promotion or an offer is called; empty for an offer without a reason."""
        stored = self.known.get(promotion)
        return stored.title(locale) if stored else self.reasons.get(promotion, "")

    def line_off(self, index: int) -> int:
        """Return everything that is off a line."""
        return self.decision.lines[index].discount + self.line_paid[index]


def price(
    session: Session, asked: Asked, terms: Terms, known: Mapping[str, Stored], around: Around
) -> Priced:
    """Price a cart; raises InvalidCart for one that cannot be priced."""
    cart = asked.cart
    currency = _currency(cart)
    typed = {code.promotion: code for code in _typed(session, asked, around)}
    past = around.person.past if asked.customer_id else None
    ours = holds.held_by(session, asked.own)
    rules = [
        stored.rule if key in ours else _rule(stored, typed.get(key), asked, around)
        for key, stored in known.items()
        if not stored.needs_code or key in typed
    ]
    rules += [rule_of(offer) for offer in asked.offers]
    customer = None
    if past is not None:
        tier = standing(past, terms.tiers, terms.perks.by_points).tier
        customer = Customer(past.orders, frozenset({tier} if tier else ()))
        rules, known = with_perks(rules, known, tier, terms)
    shipping = cart.shipping.amount if cart.shipping is not None else terms.usual_shipping
    decision = evaluate(
        Cart(_lines(asked, terms), currency, shipping, None, cart.country),
        distinct(rules),
        customer,
        asked.now,
        Policy(zone=terms.zone),
    )
    points = _points(session, asked, terms, decision, around)
    off = points * terms.point_worth
    credit = _credit(session, asked, terms, decision, around, off)
    totals = [line.total for line in decision.lines]
    paid = allocate(off + credit, totals, totals, range(len(totals)), Policy())
    reasons = {f"offer:{offer.key}": offer.reason for offer in asked.offers if offer.reason}
    return Priced(decision, known, typed, points, off, credit, paid, past, reasons)


def _currency(cart: grc.Cart) -> str:
    currencies = {line.unit_price.currency for line in cart.lines}
    if cart.shipping is not None:
        currencies.add(cart.shipping.currency)
    if len(currencies) != 1:
        raise InvalidCart(f"a cart is in one currency, not in {sorted(currencies)}")
    return currencies.pop()


def _typed(session: Session, asked: Asked, around: Around) -> list[Code]:
    """Return the codes typed for the cart or handed over by the shop, each promotion once."""
    found = [*stock.codes_of_cart(session, asked.cart.id)] if around.has_codes else []
    found += stock.codes_by_digest(session, asked.digests)
    return list({code.promotion: code for code in found}.values())


def _of_a_friend(code: Code, asked: Asked, around: Around) -> str | None:
    """Return what keeps a friend's code from holding: it is for somebody else's first order."""
    if asked.customer_id is None:
        return "not_identified"
    if code.referrer_id == asked.customer_id:
        return "own_code"
    return "not_this_order" if around.person.past.orders else None


def limit_customer(stored: Stored, code: Code | None) -> int | None:
    """Return how often one customer may use a promotion.

    A friend's code is for one order: orders that are placed but not reported yet are no past, so
    only the limit keeps a second cart from the same discount.
    """
    return 1 if code and code.referrer_id is not None else stored.limit_customer


def _rule(stored: Stored, code: Code | None, asked: Asked, around: Around) -> Promotion:
    """Return a promotion for the engine, blocked where a limit or a code stands in the way."""
    blocked = None
    if code and code.referrer_id is not None:
        blocked = _of_a_friend(code, asked, around)
    most = limit_customer(stored, code)
    if stored.is_used_up or (code and code.limit is not None and code.used >= code.limit):
        blocked = "used_up"
    elif code and code.expires_at is not None and code.expires_at <= asked.now:
        blocked = "expired"
    elif code and code.customer_id is not None and code.customer_id != asked.customer_id:
        blocked = "not_yours"
    elif blocked is None and most is not None and asked.customer_id is None:
        blocked = "not_identified"
    elif blocked is None and most is not None and around.uses.get(stored.rule.id, 0) >= most:
        blocked = "used_by_you"
    return replace(stored.rule, blocked=blocked) if blocked else stored.rule


def _lines(asked: Asked, terms: Terms) -> list[Line]:
    lines = []
    for line in asked.cart.lines:
        product = asked.products.get(line.product_id)
        tags: set[str] = set()
        floor = 0
        if product is not None:
            tags.update(product.categories)
            tags.update(map(str, product.attributes.get("tags", ())))
            if product.brand:
                tags.add(product.brand)
            same = product.cost is not None and product.cost.currency == line.unit_price.currency
            if terms.floor_at_cost and product.cost is not None and same:
                floor = product.cost.amount
        reduced = bool(product and product.attributes.get("reduced"))
        lines.append(
            Line(
                line.product_id,
                line.unit_price.amount,
                line.quantity,
                frozenset(tags),
                max(0, floor),
                reduced,
            )
        )
    return lines


def _points(
    session: Session, asked: Asked, terms: Terms, decision: Decision, around: Around
) -> int:
    """Return how many points pay for the goods; a point is worth money of one currency."""
    wish = around.wish
    if wish is None or not wish.points or wish.customer_id != asked.customer_id:
        return 0
    if decision.currency != terms.currency:
        return 0
    left = decision.subtotal - decision.discount
    balance = around.person.balance + balances.held_by(session, asked.own)
    return max(0, min(balance, left // terms.point_worth))


def _credit(
    session: Session, asked: Asked, terms: Terms, decision: Decision, around: Around, paid: int
) -> int:
    """Return how much credit pays of what points have left; it is money of one currency."""
    wish = around.wish
    if wish is None or not wish.credit or wish.customer_id != asked.customer_id:
        return 0
    if decision.currency != terms.currency:
        return 0
    left = decision.subtotal - decision.discount - paid
    balance = around.person.credit + balances.held_by(session, asked.own, CREDIT)
    return max(0, min(balance, left))
