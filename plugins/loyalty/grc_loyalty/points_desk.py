"""Earn points with orders, lose them with refunds, and show them."""

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

import grc_core as grc

from . import ledger
from .buyers import Standing
from .buyers import past_of
from .buyers import standing
from .desk import Desk
from .ledger import Writing
from .models import Account
from .models import Purchase
from .once import insert_once
from .promotions import InvalidCart
from .stock import Stored


class PointsDesk(Desk):
    """Keep customers' points and tiers in step with their orders."""

    @grc.hookimpl(history=True)
    def on_orders(self, batch: Sequence[tuple[grc.Order, grc.Event]]) -> None:
        """Note what was bought; of the past only the sums, without points."""
        for order, event in batch:
            self._note(order)
            if not event.historical:
                self.settle_order(order.id)
                self._credit(order)
                self._undo(order)

    @grc.hookimpl
    def on_refund(self, refund: grc.OrderRefunded) -> None:
        """Take back points in proportion, and give spent ones back."""
        self._note(refund.order)
        self._undo(refund.order)

    def _note(self, order: grc.Order) -> None:
        if order.customer_id is None or order.total is None:
            return
        if order.total.currency != self.grc.shop.shop.currency:
            return
        refunded = _refunded(order)
        is_new = insert_once(
            self.session,
            Purchase,
            order_id=order.id,
            customer_id=order.customer_id,
            at=order.placed_at,
            amount=order.total.amount,
            refunded=refunded,
        )
        if not is_new:
            mine = self.session.query(Purchase).filter_by(order_id=order.id)
            mine.filter(Purchase.refunded < refunded).update({"refunded": refunded})

    def _credit(self, order: grc.Order) -> None:
        if order.customer_id is None or order.total is None:
            return
        now = self.grc.now()
        points = self.points_of(order)
        opens = order.placed_at + timedelta(days=self.settings.points_wait_days)
        writing = Writing(f"earn:{order.id}", order.customer_id, "earn", points, now, order.id)
        expires = opens + timedelta(days=self.settings.points_last_days)
        ledger.earn(self.session, writing, opens_at=opens, expires_at=expires)

    def points_of(self, order: grc.Order) -> int:
        """Return how many points an order earns: goods only, without shipping and taxes."""
        if order.total is None:
            return 0
        rate: int = self.settings.points_per_unit
        return _goods(order) * rate // _unit(order.total.currency)

    def _undo(self, order: grc.Order) -> None:
        """Bring points in line with what was refunded so far."""
        refunded = _refunded(order)
        if order.customer_id is None or order.total is None or not refunded:
            return
        paid, now = order.total.amount, self.grc.now()
        claw = Writing(f"claw:{order.id}", order.customer_id, "clawback", 0, now, order.id)
        ledger.claw_back(self.session, f"earn:{order.id}", refunded, paid, claw)
        spent = ledger.spent_on(self.session, order.id)
        target = spent * min(refunded, paid) // paid if paid else spent
        back = Writing(f"return:{order.id}", order.customer_id, "return", target, now, order.id)
        ledger.give_back(self.session, back)

    @grc.every(hours=1)
    def tend(self) -> None:
        """Open points whose return window is over, and expire old ones."""
        now = self.grc.now()
        ledger.mature(self.session, now)
        ledger.expire(self.session, now)

    def standing_of(self, customer_id: str) -> Standing:
        """Return a customer's tier."""
        past = past_of(self.session, customer_id, self.grc.now())
        return standing(past.spent, self.terms().tiers)

    @grc.widget("account.main", requires=("customer", "orders"), priority=30)
    def account(self, page: grc.Page) -> Markup | None:
        """Show the customer's points, their worth and the way to the next tier."""
        if page.customer is None:
            return None
        account = ledger.account_of(self.session, page.customer.id)
        found = self.standing_of(page.customer.id)
        facts = self._purse_facts(account)
        entries = ledger.latest(self.session, page.customer.id)
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
        earned = left * self.settings.points_per_unit // _unit(priced.decision.currency)
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


def _refunded(order: grc.Order) -> int:
    """Return what was given back so far; a cancelled order was given back whole."""
    if order.total is not None and order.state in ("cancelled", "refunded"):
        return order.total.amount
    return order.refunded.amount if order.refunded else 0


def _goods(order: grc.Order) -> int:
    """Return what the goods of an order cost, without shipping and taxes."""
    total = 0
    for line in order.lines:
        off = line.discount.amount if line.discount else 0
        total += line.unit_price.amount * line.quantity - off
    return max(0, total)


def _unit(currency: str) -> int:
    """Return how many minor units make one whole: 100 cents, 1 yen."""
    return grc.Money.of(1, currency).amount
