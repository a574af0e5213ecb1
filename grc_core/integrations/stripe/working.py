"""Work on an event, outside any transaction of the webhook: at least once, in any order."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete
from sqlalchemy import select

from ...errors import Refused
from ...events import Event
from ...events import OrderPlaced
from ...events import OrderRefunded
from ...plugin import Plugin
from ...plugin import every
from ...plugin import hookimpl
from ...values import Money
from ...values import Order
from .account import has_key
from .asking import fetched
from .asking import order_from_stripe
from .asking import order_of_payment
from .disputes import Unknown
from .disputes import judge
from .models import OPEN
from .models import EventRow
from .models import OrderRow
from .notice import DISPUTED
from .notice import FOREIGN
from .notice import REFUND
from .notice import THIN
from .notice import UNDISPUTED
from .notice import Notice
from .remarks import remark
from .remarks import worded
from .standing import UNDONE
from .standing import Standing
from .standing import insert_once
from .standing import note
from .standing import standing_of
from .told import Payment
from .told import payment_changed

log = logging.getLogger("grc")
#: Events that were worked on are kept so long, to be looked up; those that wait for an order,
#: which may be no order of a shop at all, for longer.
KEEP, KEEP_WAITING = timedelta(days=180), timedelta(days=400)
_FIELDS = tuple(Notice.__dataclass_fields__)


class Working(Plugin):
    """What an event does, once it is kept."""

    def work(self, event_id: str) -> None:
        """Bring our side in line with an event; harmless to repeat."""
        notice = self._kept(event_id)
        if notice is None or notice.means == FOREIGN:
            return
        if notice.means == THIN:
            notice, objection = self._completed(notice)
            if objection:
                self._end(notice, "review", objection)
                return
        order_id = None
        try:
            order_id = self._noted(notice)
            if order_id is None:
                raise Unknown(remark("its payment names no order: metadata order_id is empty"))
            complaint = self._settle(notice, order_id)
        except Unknown as unknown:
            self._end(notice, "waiting", str(unknown), order_id)
        except Refused as refused:
            self._end(notice, "review", str(refused), order_id)
        else:
            self._end(notice, "review" if complaint else "done", complaint, order_id)

    def work_again(self, ids: Sequence[str]) -> list[str]:
        """Work once more on the events named, as far as they are known; return these."""
        known = select(EventRow.id).where(EventRow.id.in_(ids), EventRow.means != FOREIGN)
        found = list(self.session.scalars(known.order_by(EventRow.at, EventRow.id)))
        moment = self.grc.now().isoformat()
        for id in found:
            self.defer(self.work, key=f"{id}:{moment}", event_id=id)
        return found

    def _kept(self, event_id: str) -> Notice | None:
        with self.grc.reading():
            row = self.session.get(EventRow, event_id)
            return Notice(**{name: getattr(row, name) for name in _FIELDS}) if row else None

    def _completed(self, notice: Notice) -> tuple[Notice, str]:
        """Ask Stripe for what a thin event is about, and keep it; tell whose it is not."""
        full, objection = fetched(notice)
        if objection:
            full = replace(full, means=FOREIGN)
        with self.grc.writing():
            row = self.session.get_one(EventRow, notice.id)
            for name in _FIELDS:
                setattr(row, name, getattr(full, name))
        return full, objection

    def _noted(self, notice: Notice) -> str | None:
        """Add an event to its payment; return the order that the payment is for."""
        with self.grc.writing():
            row = note(self.session, notice)
            order_id = (row.order_id if row else None) or notice.order_id
            if row is not None and notice.order_id:
                nameless = (EventRow.payment_id == row.id) & EventRow.order_id.is_(None)
                self._wake(nameless, notice.order_id)
        if order_id is None and notice.payment_id and has_key():
            order_id = order_of_payment(notice.payment_id)
            if order_id is not None:
                with self.grc.writing():
                    payment = note(self.session, notice)
                    if payment is not None:
                        payment.order_id = order_id
        return order_id

    def _wake(self, waiting: Any, what: str) -> None:
        """Have events worked on again that waited for more to be known."""
        ids = select(EventRow.id).where(EventRow.state == "waiting", waiting).limit(500)
        for id in self.session.scalars(ids).all():
            self.defer(self.work, key=f"{id}:{what}", event_id=id)

    @hookimpl
    def on_order(self, order: Order, event: Event) -> None:
        """Work again on events that came before their order."""
        del event
        self._wake(EventRow.order_id == order.id, "order")

    def _settle(self, notice: Notice, order_id: str) -> str:
        """Tell the shop and the plugins where an order stands; return what is wrong with it."""
        with self.grc.reading():
            standing = standing_of(self.session, order_id)
        currency = standing.currency or self.grc.shop.shop.currency
        paid, refunded = Money(standing.paid, currency), Money(standing.refunded, currency)
        if standing.is_paid or standing.is_ended:
            state = "paid" if standing.is_paid else "ended"
            payment = Payment(order_id, state, paid, refunded, standing.reference, standing.undone)
            app: Any = current_app
            payment_changed.send(app._get_current_object(), payment=payment)
        if standing.is_ended:
            app = current_app
            app.extensions["grc"].desk.release(order_id)
            return ""
        has_money = standing.is_paid or standing.refunded or standing.undone
        if not (has_money or notice.means in (DISPUTED, UNDISPUTED)):
            return ""
        order = self._order(order_id, standing, notice)
        if order is None:
            raise Unknown(remark("the shop has no order %(order)s", order=order_id))
        self._tell(order, standing, refunded)
        if notice.means in (DISPUTED, UNDISPUTED):
            return judge(self, notice, order)
        return _complaint(notice, standing, order)

    def _order(self, order_id: str, standing: Standing, notice: Notice) -> Order | None:
        """Return an order as the shop states it; where it states none, as Stripe does."""
        if self.grc.shop.has("orders"):
            found: Order | None = self.grc.shop.order_by_id(order_id)
            return found
        return order_from_stripe(order_id, standing, notice.at) if standing.is_paid else None

    def _tell(self, order: Order, standing: Standing, refunded: Money) -> None:
        """Publish the order and what was refunded of it, each sum once."""
        with self.grc.writing():
            insert_once(self.session, OrderRow, id=order.id, told=0, undone=0)
            query = select(OrderRow).where(OrderRow.id == order.id).with_for_update()
            row = self.session.scalars(query).one()
            row.customer_id, row.label = order.customer_id, order.label
            if standing.is_paid or refunded:
                # always before its refunds: those who hear of both hear of them in this order
                self.emit(OrderPlaced(order))
            undone = standing.undone
            if (undone, refunded.amount) > (row.undone, row.told):
                self.emit(_refund(order, refunded, row.told, undone))
                row.told, row.undone = refunded.amount, undone

    def _end(self, notice: Notice, state: str, text: str, order_id: str | None = None) -> None:
        if text:
            log.warning(
                "Stripe's %s %s is kept for review: %s", notice.type, notice.id, worded(text)
            )
        with self.grc.writing():
            row = self.session.get_one(EventRow, notice.id)
            row.state, row.note, row.order_id = state, text, row.order_id or order_id

    @every(hours=24)
    def tidy(self) -> None:
        """Forget old events; what somebody has to look at stays, and so do payments."""
        now = self.grc.now()
        done = EventRow.state.not_in(OPEN) | (EventRow.means == FOREIGN)
        old = (EventRow.received_at < now - KEEP) & done
        stale = (EventRow.received_at < now - KEEP_WAITING) & (EventRow.state == "waiting")
        self.session.execute(delete(EventRow).where(old | stale))


def _refund(order: Order, so_far: Money, told: int, undone: int) -> OrderRefunded:
    """Return what is told of a sum that has changed; the shop may know of more refunds."""
    part = Money(so_far.amount - told, so_far.currency)
    if not undone and order.refunded and order.refunded.currency == so_far.currency:
        so_far = max(so_far, order.refunded)
    reason = "undone" if part.amount < 0 else "refunded"
    return OrderRefunded(order.replace(refunded=so_far), part, reason, undone)


def _complaint(notice: Notice, standing: Standing, order: Order) -> str:
    """Return what a person should look at, or nothing."""
    if standing.payments > 1:
        return remark(
            "order %(order)s was paid %(count)s times", order=order.label, count=standing.payments
        )
    if notice.means == REFUND and notice.status in UNDONE:
        return remark(
            "refund %(refund)s did not arrive: its money is back on the account",
            refund=notice.object_id,
        )
    due, currency = order.total, standing.currency
    if due is None or currency is None or not standing.is_paid:
        return ""
    paid = Money(standing.paid, currency)
    return "" if paid == due else remark("%(paid)s was paid of %(due)s", paid=paid, due=due)
