"""Earn points with orders, lose them with refunds, and wait until orders are paid."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_
from sqlalchemy import select

import grc_core as grc

from . import aging
from . import asides
from . import balances
from . import friends
from . import holds
from . import ledger
from .desk import Desk
from .entries import Writing
from .models import Hold
from .models import Purchase
from .once import insert_once

#: Orders in these states have been paid for, or will be as the shop has agreed to.
_PAID = frozenset({"paid", "shipped", "delivered", "returned", "refunded"})
_CANCELLED = ("cancelled", "refunded")
#: The shop is asked so often, of so many orders at a time, whether an order is paid by now.
_ASK_EVERY, _ASK_AT_MOST = timedelta(minutes=50), 200
#: An order that is not paid after so long never will be.
_NEVER = timedelta(days=90)


class Earning(Desk):
    """Keep customers' points in step with their orders."""

    @grc.hookimpl(history=True)
    def on_orders(self, batch: Sequence[tuple[grc.Order, grc.Event]]) -> None:
        """Note what was bought; of the past only the sums, without points."""
        for order, event in batch:
            self._note(order, event.historical)
            if not event.historical:
                used = self.settle_order(order.id)
                self._credit(order)
                if order.customer_id is not None:
                    ordered = [line.product_id for line in order.lines]
                    asides.bought(self.session, order.customer_id, ordered)
                self._thank_referrer(order, used)
                self._write_thanks(order)
                self._undo(order)

    @grc.hookimpl
    def on_refund(self, refund: grc.OrderRefunded) -> None:
        """Take back points in proportion, and give spent ones back.

        Where a refund did not arrive, what it did is undone.
        """
        self._note(refund.order, undone=refund.undone)
        self._undo(refund.order)

    def _total(self, order: grc.Order) -> int | None:
        """Return what an order cost, in the currency that points are worth."""
        total = order.total
        is_ours = total is not None and total.currency == self.grc.shop.shop.currency
        return total.amount if total is not None and is_ours else None

    def _note(self, order: grc.Order, historical: bool = False, undone: int = 0) -> None:
        total = self._total(order)
        if order.customer_id is None or total is None:
            return
        refunded, is_paid = _refunded(order), historical or self.is_paid(order)
        is_new = insert_once(
            self.session,
            Purchase,
            order_id=order.id,
            customer_id=order.customer_id,
            at=order.placed_at,
            amount=total,
            refunded=refunded,
            undone=undone,
            is_paid=is_paid,
            checked_at=self.grc.now(),
        )
        if not is_new:
            mine = self.session.query(Purchase).filter_by(order_id=order.id)
            grew = (Purchase.undone == undone) & (Purchase.refunded < refunded)
            better = mine.filter((Purchase.undone < undone) | grew)
            better.update({"refunded": refunded, "undone": undone})
            if order.state in _CANCELLED:
                # That an order came to nothing the shop knows best, whatever became of refunds.
                mine.filter(Purchase.refunded < refunded).update({"refunded": refunded})
            if is_paid:
                mine.filter(~Purchase.is_paid).update({"is_paid": True})
                for what in ("earn", "refer"):
                    aging.mark_paid(self.session, f"{what}:{order.id}")

    def is_paid(self, order: grc.Order) -> bool:
        """Tell whether an order counts: it is paid, or the shop does not report payments."""
        return order.state in _PAID or not self.settings.points_need_payment

    def _credit(self, order: grc.Order) -> None:
        if order.customer_id is None or self._total(order) is None:
            return
        now = self.grc.now()
        points = self.points_of(order)
        writing = Writing(f"earn:{order.id}", order.customer_id, "earn", points, now, order.id)
        self._earn(order, writing)

    def _earn(self, order: grc.Order, writing: Writing) -> None:
        """Credit points that wait for the order's payment and its return window."""
        opens = order.placed_at + timedelta(days=self.settings.points_wait_days)
        expires = opens + timedelta(days=self.settings.points_last_days)
        ledger.earn(
            self.session,
            writing,
            opens_at=opens,
            expires_at=expires,
            is_paid=self.is_paid(order),
        )

    def _write_thanks(self, order: grc.Order) -> None:
        """Thank by mail, once, where the shop wants it and the buyer agreed to such mail."""
        if not self.settings.thanks_mail or order.state in _CANCELLED:
            return
        earned = self.points_of(order) if order.customer_id else 0
        days = self.settings.points_wait_days
        self.mail(order, "thanks", f"thanks:{order.id}", "commercial", order=order.label,
                  earned=earned, days=days)  # fmt: skip

    def _thank_referrer(self, order: grc.Order, used: Sequence[Hold]) -> None:
        """Credit whoever passed on the code that a first order used."""
        code = friends.passed_on(self.session, used)
        if code is None or code.referrer_id is None:
            return
        with self.grc.shop.outside():
            referrer = self.grc.shop.customer_by_id(code.referrer_id)
            friend = self.grc.shop.customer_by_id(order.customer_id or "")
        now, most = self.grc.now(), self.settings.referral_most
        if friends.why_not(self.session, referrer, friend, order, now, most):
            return
        points: int = self.settings.referral_points
        self._earn(order, Writing(f"refer:{order.id}", code.referrer_id, "refer", points, now))

    def points_of(self, order: grc.Order) -> int:
        """Return how many points an order earns: goods only, without shipping and taxes."""
        if order.total is None:
            return 0
        rate: int = self.settings.points_per_unit
        # Goods that were paid otherwise than with money earn nothing.
        return min(_goods(order), order.total.amount) * rate // unit(order.total.currency)

    def _undo(self, order: grc.Order) -> None:
        """Bring points in line with what was refunded so far."""
        now = self.grc.now()
        if order.state == "cancelled":
            holds.reverse(self.session, order.id, now)
        if order.customer_id is None or order.total is None:
            return
        known = self.session.get(Purchase, order.id, populate_existing=True)
        refunded, undone = (known.refunded, known.undone) if known else (_refunded(order), 0)
        paid = order.total.amount
        if not paid and order.state in (*_CANCELLED, "returned"):
            # Nothing was paid with money, so that the state alone tells that all went back.
            refunded = paid = 1
        if not refunded and not undone:
            return
        # After a refund that did not arrive, the same is taken back once more.
        again = f":u{undone}" if undone else ""
        claw = Writing(f"claw:{order.id}{again}", order.customer_id, "clawback", 0, now, order.id)
        self._claw(f"earn:{order.id}", refunded, paid, claw, undone)
        referrer = balances.owner_of(self.session, f"refer:{order.id}")
        if referrer is not None:
            claw = Writing(f"unrefer:{order.id}{again}", referrer, "clawback", 0, now)
            self._claw(f"refer:{order.id}", refunded, paid, claw, undone)
        for unit, spent in sorted(balances.spent_on(self.session, order.id).items()):
            target = spent * min(refunded, paid) // paid if paid else 0
            back = Writing(
                f"return:{order.id}", order.customer_id, "return", target, now, order.id, unit=unit
            )
            ledger.give_back(self.session, back)
            if undone:
                ledger.take_again(self.session, back)

    def _claw(self, source: str, refunded: int, paid: int, claw: Writing, undone: int) -> None:
        """Bring what was taken back of some points in line with what was refunded."""
        ledger.claw_back(self.session, source, refunded, paid, claw)
        if undone:
            ledger.unclaw(self.session, source, refunded, paid, claw.like(f"{claw.key}:back", 0))

    @grc.every(hours=1)
    def tend(self) -> None:
        """Open points whose return window is over, and expire old ones."""
        now = self.grc.now()
        aging.mature(self.session, now)
        aging.expire(self.session, now)

    @grc.every(hours=1)
    def follow_payments(self) -> None:
        """Ask the shop which orders are paid by now: nothing else tells."""
        now = self.grc.now()
        asked_before = or_(Purchase.checked_at.is_(None), Purchase.checked_at < now - _ASK_EVERY)
        waiting = select(Purchase.order_id).where(
            ~Purchase.is_paid,
            Purchase.refunded < Purchase.amount,
            Purchase.at > now - _NEVER,
            asked_before,
        )
        with self.grc.reading():
            ids = self.session.scalars(
                waiting.order_by(Purchase.checked_at).limit(_ASK_AT_MOST)
            ).all()
        with self.grc.shop.outside():
            found = [self.grc.shop.order_by_id(id) for id in ids]
        self.session.query(Purchase).filter(Purchase.order_id.in_(ids)).update({"checked_at": now})
        for order in found:
            if order is not None:
                self._note(order)
                self._undo(order)


def _refunded(order: grc.Order) -> int:
    """Return what was given back so far; a cancelled order was given back whole."""
    if order.total is not None and order.state in _CANCELLED:
        return order.total.amount
    return order.refunded.amount if order.refunded else 0


def _goods(order: grc.Order) -> int:
    """Return what the goods of an order cost, without shipping and taxes."""
    total = 0
    for line in order.lines:
        off = line.discount.amount if line.discount else 0
        total += line.unit_price.amount * line.quantity - off
    return max(0, total)


def unit(currency: str) -> int:
    """Return how many minor units make one whole: 100 cents, 1 yen."""
    return grc.Money.of(1, currency).amount
