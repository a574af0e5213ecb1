"""The plugin's answers to the core: what a cart costs, and what an order holds."""

from collections.abc import Sequence
from datetime import timedelta

import grc_core as grc

from . import balances
from . import holds
from . import ledger
from . import throttle
from .base import Base
from .entries import Writing
from .models import CartCode
from .models import CartPoints
from .models import Hold
from .pricing import Priced
from .pricing import limit_customer
from .quoting import pricing_of

_KEEP_CARTS = timedelta(days=30)


class Desk(Base):
    """Price carts, hold what they need, and let go of it."""

    @grc.hookimpl
    def price_cart(
        self,
        cart: grc.Cart,
        customer: grc.Customer | None,
        codes: Sequence[str],
        offers: Sequence[grc.Offer],
    ) -> grc.Pricing | None:
        """Price a cart with the promotions of the tables and the offers of every plugin."""
        # The shop says whose cart it is; `reserve` goes by the same.
        buyer = customer.id if customer else cart.customer_id
        found = self.priced(cart, buyer, codes, offers)
        return pricing_of(*found, self.locale()) if found else None

    @grc.hookimpl
    def reserve(
        self,
        cart: grc.Cart,
        order_id: str,
        pricing: grc.Pricing | None,
        codes: Sequence[str],
    ) -> None:
        """Hold the coupons and points that the cart's price rests on, or refuse the order."""
        # Priced in a session of its own: where writers take turns, only the holding is a turn.
        with self.grc.reading(), self.grc.shop.outside():
            abandoned = self._abandoned(cart, order_id)
            found = self.priced(cart, cart.customer_id, codes, own=[order_id, *abandoned])
        if found is None:
            return
        priced, now = found[1], self.grc.now()
        _compare(priced, pricing)
        until = now + timedelta(minutes=self.settings.hold_minutes)
        placing = holds.Placing(order_id, cart.id, cart.customer_id, now, until)
        self.forget()
        for other in abandoned:
            self._let_go(other)
        try:
            for use in _uses(priced):
                holds.hold(self.session, use, placing)
        except holds.UsedUp as error:
            raise grc.Refused(f"The offer {error.promotion} was used up meanwhile.") from error
        if priced.points and cart.customer_id:
            self._hold_points(priced, placing, cart.customer_id)

    def _hold_points(self, priced: Priced, placing: holds.Placing, customer_id: str) -> None:
        use = holds.Use("", priced.points_off, priced.decision.currency)
        holds.hold(self.session, use, placing)
        key = f"burn:{placing.order_id}"
        writing = Writing(key, customer_id, "burn", -priced.points, placing.now, placing.order_id)
        if not ledger.burn(self.session, writing):
            raise grc.Refused("The points were spent meanwhile.")

    def _abandoned(self, cart: grc.Cart, order_id: str) -> list[str]:
        """Return earlier attempts to pay this very cart that still hold something."""
        if cart.id is None:
            return []
        others = holds.orders_of_cart(self.session, cart.id, but=order_id)
        return [other for other in others if self.grc.shop.order_by_id(other) is None]

    @grc.hookimpl
    def release(self, order_id: str) -> None:
        """Let go of everything that an order holds."""
        self._let_go(order_id)

    def _let_go(self, order_id: str) -> None:
        self.forget()
        now = self.grc.now()
        for held in holds.release(self.session, order_id, now):
            if held.what == _POINTS and held.customer_id:
                writing = Writing(
                    f"unburn:{order_id}", held.customer_id, "return", _ALL, now, order_id
                )
                ledger.give_back(self.session, writing)

    @grc.every(minutes=5)
    def sweep(self) -> None:
        """Release what orders hold that never came, and forget old carts."""
        now = self.grc.now()
        for order_id in holds.stale_orders(self.session, now):
            with self.grc.shop.outside():
                is_placed = self.grc.shop.order_by_id(order_id) is not None
            if not is_placed:
                self._let_go(order_id)
        throttle.forget(self.session, now)
        for model in (CartCode, CartPoints):
            self.session.query(model).filter(model.at < now - _KEEP_CARTS).delete()

    def settle_order(self, order_id: str) -> list[Hold]:
        """Commit what a placed order holds."""
        points = balances.spent_on(self.session, order_id)
        again = holds.released(self.session, order_id, _POINTS)
        found = holds.commit(self.session, order_id)
        for customer_id in again:
            key, now = f"burn:{order_id}", self.grc.now()
            ledger.burn_again(
                self.session, Writing(key, customer_id, "burn", -points, now, order_id)
            )
        return found


_POINTS = "points"
#: More than an order can have spent.
_ALL = 2**53


def _compare(priced: Priced, pricing: grc.Pricing | None) -> None:
    """Refuse an order whose discounts are not any more what the customer was told.

    Offers of other plugins are asked for by `price` alone, so they are taken as promised.
    """
    gone = [fate for fate in priced.decision.trace if fate.reason in _GONE]
    blocked = [fate for fate in gone if fate.promotion in priced.codes]
    if pricing is None:
        if blocked:
            raise grc.Refused(f"The code for {blocked[0].promotion} holds no longer.")
        return
    now = {fate.promotion: fate.amount for fate in priced.decision.applied}
    if priced.points:
        now[_POINTS] = priced.points_off
    for promised in pricing.applied:
        is_ours = promised.key in priced.known or promised.key == _POINTS
        if is_ours and now.get(promised.key, 0) < promised.amount.amount:
            raise grc.Refused(f"The offer {promised.key} holds no longer.")


_GONE = ("used_up", "used_by_you", "expired", "not_yours", "not_identified", "own_code")


def _uses(priced: Priced) -> list[holds.Use]:
    """Return what the price makes use of, in one order for all, so that nobody waits in a ring."""
    uses = []
    for fate in sorted(priced.decision.applied, key=lambda fate: fate.promotion):
        stored, code = priced.known.get(fate.promotion), priced.codes.get(fate.promotion)
        if stored is None:
            continue
        use = holds.Use(
            fate.promotion,
            fate.amount,
            priced.decision.currency,
            code.id if code else None,
            stored.limit_total,
            limit_customer(stored, code),
            code.limit if code else None,
        )
        uses.append(use)
    return uses
