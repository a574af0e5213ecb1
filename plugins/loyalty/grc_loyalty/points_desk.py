"""Show customers their points, their tier, and what a cart would earn."""

from markupsafe import Markup

import grc_core as grc

from . import balances
from .buyers import Standing
from .buyers import past_of
from .buyers import standing
from .earning import Earning
from .earning import unit
from .models import Account
from .promotions import InvalidCart
from .stock import Stored


class PointsDesk(Earning):
    """Show points and tiers."""

    def standing_of(self, customer_id: str) -> Standing:
        """Return a customer's tier."""
        past = past_of(self.session, customer_id, self.grc.now())
        return standing(past.spent, self.terms().tiers)

    @grc.widget("account.main", requires=("customer", "orders"), priority=30)
    def account(self, page: grc.Page) -> Markup | None:
        """Show the customer's points, their worth and the way to the next tier."""
        if page.customer is None:
            return None
        account = balances.account_of(self.session, page.customer.id)
        found = self.standing_of(page.customer.id)
        facts = self._purse_facts(account)
        entries = balances.latest(self.session, page.customer.id)
        missing = self._money(found.missing)
        return self.render(
            "account.html", **facts, standing=found, missing=missing, entries=entries
        )

    def _purse_facts(self, account: Account | None) -> dict[str, object]:
        balance = account.balance if account else 0
        worth = balance * self.settings.point_worth
        pending = account.pending if account else 0
        return {"balance": balance, "pending": pending, "worth": self._money(worth)}

    def _money(self, amount: int) -> grc.Money:
        return grc.Money(amount, self.grc.shop.shop.currency)

    @grc.widget("cart.below", requires=("cart",), priority=20)
    def cart_hint(self, page: grc.Page) -> Markup | None:
        """Say what is missing for the nearest promotion, and what the order will earn."""
        if page.cart is None or not page.cart.lines:
            return None
        buyer = page.customer.id if page.customer else None
        try:
            found = self.priced(page.cart, buyer)
        except InvalidCart:
            return None
        if found is None:
            return None
        priced = found[1]
        hints = [
            fate
            for fate in priced.decision.trace
            if fate.reason == "subtotal_too_low" and fate.missing and fate.promotion in priced.known
        ]
        nearest = min(hints, key=lambda fate: fate.missing or 0, default=None)
        applied = [
            (priced.known[fate.promotion].title(page.locale), self._money(fate.amount))
            for fate in priced.decision.applied
            if fate.promotion in priced.known
        ]
        left = priced.decision.subtotal - priced.decision.discount
        earned = left * self.settings.points_per_unit // unit(priced.decision.currency)
        hint: dict[str, object] = {"title": None}
        if nearest is not None and self.hints():
            stored, subtotal = priced.known[nearest.promotion], priced.decision.subtotal
            hint = self._hint(stored, nearest.missing or 0, subtotal, page.locale)
        return self.render("cart_hint.html", **hint, applied=applied, earns=earned if buyer else 0)

    def _hint(self, stored: Stored, missing: int, subtotal: int, locale: str) -> dict[str, object]:
        is_shipping = all(
            effect.kind == "free_shipping" or effect.target == "shipping"
            for effect in stored.rule.effects
        )
        return {
            "title": stored.title(locale),
            "is_shipping": is_shipping,
            "missing": self._money(missing),
            "share": subtotal * 100 // (subtotal + missing),
        }
