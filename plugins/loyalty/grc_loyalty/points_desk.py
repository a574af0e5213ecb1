"""Show customers their points, their tier, and what a cart would earn."""

from flask import request
from markupsafe import Markup

import grc_core as grc

from .buyers import Standing
from .buyers import standing
from .earning import Earning
from .earning import unit
from .shelf import Stored


class PointsDesk(Earning):
    """Show points and tiers."""

    def standing_of(self, customer_id: str) -> Standing:
        """Return a customer's tier."""
        past, terms = self.person(customer_id).past, self.terms()
        return standing(past, terms.tiers, terms.perks.by_points)

    @grc.widget("account.main", requires=("customer", "orders"), priority=30)
    def account(self, page: grc.Page) -> Markup | None:
        """Show the customer's points, their worth and the way to the next tier."""
        if page.customer is None:
            return None
        person = self.person(page.customer.id)
        found = self.standing_of(page.customer.id)
        return self.render(
            "account.html",
            balance=person.balance,
            pending=person.pending,
            worth=self._money(person.balance * self.settings.point_worth),
            credit=self._money(person.credit),
            standing=found,
            missing=self._money(found.missing),
            entries=[(item, self._money(item.points)) for item in person.movements],
            **self._friends(person.friend_code),
        )

    def _friends(self, code: str | None) -> dict[str, object]:
        """Return what the account says of the code for friends, and of gift cards."""
        return {
            "is_open": bool(self.settings.referral_promotion),
            "code": code,
            "reward": self.settings.referral_points,
            "notice": request.args.get("coupon", ""),
            "back": request.path,
        }

    def _money(self, amount: int) -> grc.Money:
        return grc.Money(amount, self.grc.shop.shop.currency)

    @grc.widget("cart.below", requires=("cart",), priority=20)
    def cart_hint(self, page: grc.Page) -> Markup | None:
        """Say what is missing for the nearest promotion, and what the order will earn."""
        priced = self.shown(page)
        if priced is None:
            return None
        hints = [
            fate
            for fate in priced.decision.trace
            if fate.reason == "subtotal_too_low" and fate.missing and fate.promotion in priced.known
        ]
        nearest = min(hints, key=lambda fate: fate.missing or 0, default=None)
        applied = [
            (priced.title(fate.promotion, page.locale), self._money(fate.amount))
            for fate in priced.decision.applied
        ]
        left = priced.decision.subtotal - priced.decision.discount
        earned = left * self.settings.points_per_unit // unit(priced.decision.currency)
        hint: dict[str, object] = {"title": None}
        if nearest is not None and self.hints():
            stored, subtotal = priced.known[nearest.promotion], priced.decision.subtotal
            hint = self._hint(stored, nearest.missing or 0, subtotal, page.locale)
        return self.render(
            "cart_hint.html", **hint, applied=applied, earns=earned if page.customer else 0
        )

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
