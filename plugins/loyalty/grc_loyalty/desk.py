"""The plugin's answers to the core: what a cart costs, and what an order holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from datetime import timedelta

import grc_core as grc

from . import balances
from . import holds
from . import ledger
from . import throttle
from .base import Base
from .entries import UNITS
from .entries import Writing
from .models import CartCode
from .models import CartPoints
from .models import Hold
from .models.points import CREDIT
from .models.points import POINTS
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
            found = self.priced(cart, cart.customer_id, codes, own=[order_id])
        if found is None:
            return
        priced, now = _as_promised(found[1], pricing), self.grc.now()
        _compare(priced, pricing)
        until = now + timedelta(minutes=self.settings.hold_minutes)
        placing = holds.Placing(order_id, cart.id, cart.customer_id, now, until)
        self.forget()
        uses, spent = _uses(priced), _spent(priced) if cart.customer_id else []
        # What the order held before, and would not any more or not as much, is free again.
        kept = {use.what for use in uses} | {
            use.what for use, pieces in spent if self._spends(order_id, use.unit) == pieces
        }
        self._return(order_id, holds.give_up(self.session, order_id, kept, now))
        try:
            for use in uses:
                holds.hold(self.session, use, placing)
        except holds.UsedUp as error:
            raise grc.Refused(f"The offer {error.promotion} was used up meanwhile.") from error
        for use, pieces in spent:
            self._spend(use, pieces, placing, cart.customer_id or "")

    def _spends(self, order_id: str, unit: str) -> int:
        return balances.held_by(self.session, [order_id], unit)

    def _spend(self, use: holds.Use, pieces: int, placing: holds.Placing, customer_id: str) -> None:
        """Hold points or credit: they are off the account from now on."""
        holds.hold(self.session, use, placing)
        writing = _writing("burn", use.unit, placing.order_id, customer_id, -pieces, placing.now)
        if not ledger.burn(self.session, writing):
            raise grc.Refused(f"The {use.unit} was spent meanwhile.")

    @grc.hookimpl
    def release(self, order_id: str) -> None:
        """Let go of everything that an order holds."""
        self._let_go(order_id)

    def _let_go(self, order_id: str) -> None:
        self.forget()
        self._return(order_id, holds.release(self.session, order_id, self.grc.now()))

    def _return(self, order_id: str, let_go: Sequence[Hold]) -> None:
        """Put points and credit back to where they came from."""
        now = self.grc.now()
        for held in let_go:
            if held.what in UNITS and held.customer_id:
                ledger.give_back(
                    self.session,
                    _writing("return", held.what, order_id, held.customer_id, _ALL, now),
                )

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
        spent = balances.spent_on(self.session, order_id)
        again = [
            (unit, customer_id, spent.get(unit, 0))
            for unit in UNITS
            for customer_id in holds.released(self.session, order_id, unit)
        ]
        found = holds.commit(self.session, order_id)
        for unit, customer_id, pieces in again:
            writing = _writing("burn", unit, order_id, customer_id, -pieces, self.grc.now())
            ledger.burn_again(self.session, writing)
        return found


def _writing(
    kind: str, unit: str, order_id: str, customer_id: str, points: int, now: datetime
) -> Writing:
    """Return a line about what an order spent, or did not in the end."""
    name = {"return": "unburn"}.get(kind, kind)
    key = f"{name}:{order_id}" if unit == POINTS else f"{name}:{unit}:{order_id}"
    return Writing(key, customer_id, kind, points, now, order_id, unit=unit)


#: More than an order can have spent.
_ALL = 2**53


def _as_promised(priced: Priced, pricing: grc.Pricing | None) -> Priced:
    """Return a price that spends no more points and credit than the customer agreed to.

    Without the offers of other plugins, which only `price` asks for, more would be left to pay.
    """
    if pricing is None:
        return priced
    said = {item.key: item.amount.amount for item in pricing.applied}
    off = min(priced.points_off, said.get(POINTS, 0))
    points = priced.points * off // priced.points_off if off else 0
    return replace(
        priced, points=points, points_off=off, credit=min(priced.credit, said.get(CREDIT, 0))
    )


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
    now.update({POINTS: priced.points_off, CREDIT: priced.credit})
    for promised in pricing.applied:
        is_ours = promised.key in priced.known or promised.key in UNITS
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


def _spent(priced: Priced) -> list[tuple[holds.Use, int]]:
    """Return what of the customer's own pays, with how many points or minor units."""
    currency = priced.decision.currency
    found = (
        (holds.Use("", priced.points_off, currency, unit=POINTS), priced.points),
        (holds.Use("", priced.credit, currency, unit=CREDIT), priced.credit),
    )
    return [(use, pieces) for use, pieces in found if pieces]
