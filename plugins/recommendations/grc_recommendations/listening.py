"""What the plugin does when something happens in the shop."""

from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

import grc_core as grc

from . import counting
from . import measuring
from .strategies import Bought
from .tables import Basket
from .tables import Credit
from .tables import Outcome
from .tables import Participant
from .tables import Touch
from .tables import Viewed

#: Views older than this are forgotten, orders of a person are not used further back.
VIEWS_KEPT = timedelta(days=90)
PAST_KEPT = timedelta(days=3 * 365)
#: Results are compared for so long.
RESULTS_KEPT = timedelta(days=365)
_BASKET: Any = Basket.__table__
_PAST = (
    select(_BASKET.c.placed_at, _BASKET.c.products)
    .where(_BASKET.c.person == bindparam("person"), _BASKET.c.placed_at >= bindparam("since"))
    .order_by(_BASKET.c.placed_at.desc())
    .limit(bindparam("limit"))
)


class Listening(grc.Plugin):
    """Count orders, subtract refunds, and follow what people choose."""

    @grc.hookimpl(history=True)
    def on_orders(self, batch: Sequence[tuple[grc.Order, grc.Event]]) -> None:
        """Count orders, of the past too; credit those of today."""
        allowed: dict[str, bool] = {}
        counting.count(self.session, [self._row(order, allowed) for order, _ in batch])
        fresh = [order for order, event in batch if not event.historical]
        if fresh and measuring.underway(self.session):
            measuring.credit(self.session, [(order, self._names(order)) for order in fresh])

    @grc.hookimpl
    def on_refund(self, refund: grc.OrderRefunded) -> None:
        """Subtract what was given back, as far as a sum tells; add what was after all not."""
        order = refund.order
        kept = counting.kept_of(order)
        if kept is not None and not counting.recount(self.session, order.id, kept):
            counting.count(self.session, [self._row(order, {})])
        if kept == []:
            measuring.take_back(self.session, [order.id])
        else:
            measuring.give_back(self.session, order, kept)

    @grc.hookimpl(needs=grc.Purpose.PERSONALISATION)
    def on_visits(self, batch: Sequence[tuple[grc.Visit, grc.Event]]) -> None:
        """Remember which products were looked at one after the other."""
        for visit, event in batch:
            if visit.product_id and event.subject is not None and event.subject.id:
                self.session.add(
                    Viewed(
                        person=str(event.subject),
                        product_id=visit.product_id,
                        at=event.occurred_at,
                    )
                )

    @grc.hookimpl
    def on_consent(self, change: grc.ConsentChanged) -> None:
        """Let go of what a person no longer agrees to."""
        person = str(change.subject)
        if not change.after.allows(grc.Purpose.PERSONALISATION):
            counting.unlink(self.session, person)
            self.session.execute(delete(Viewed).where(Viewed.person == person))
        elif change.subject.kind == "customer":
            key = f"{person} {self.grc.now().isoformat()}"
            self.defer(self.recall, key=key, customer_id=change.subject.id)
        if not change.after.allows(grc.Purpose.ANALYTICS):
            measuring.forget_person(self.session, person)

    def recall(self, customer_id: str) -> None:
        """Link somebody's earlier orders to them again, now that they agreed."""
        subject = grc.Subject("customer", customer_id)
        with self.grc.shop.outside():
            if not self.grc.consents(subject).allows(grc.Purpose.PERSONALISATION):
                return
            ids = [order.id for order in self.grc.shop.orders_of(customer_id)]
        rows = update(Basket).where(Basket.order_id.in_(ids))
        self.session.execute(rows.values(person=str(subject)))

    @grc.every(days=1)
    def forget_old(self) -> None:
        """Remove what its time is over of; orders stay in the counts, but are nobody's."""
        now = self.grc.now()
        for model in (Viewed, Touch):
            self.session.execute(delete(model).where(model.at < now - VIEWS_KEPT))
        old = Basket.placed_at < now - PAST_KEPT
        self.session.execute(update(Basket).where(old).values(person=None))
        self.session.execute(delete(Credit).where(Credit.at < now - RESULTS_KEPT))
        self.session.execute(delete(Outcome).where(Outcome.at < now - RESULTS_KEPT))
        long_ago = Participant.first_at < now - RESULTS_KEPT
        self.session.execute(delete(Participant).where(long_ago))

    @grc.hookimpl
    def personal_data(self) -> list[grc.Personal]:
        """Declare what is stored about people."""
        asked, counted = grc.Purpose.PERSONALISATION, grc.Purpose.ANALYTICS
        return [
            grc.Personal(Basket, ["order_id", "placed_at", "products"], "person", asked, "consent",
                         keep=PAST_KEPT, why="products that go with what you bought"),
            grc.Personal(Viewed, ["product_id", "at"], "person", asked, "consent",
                         keep=VIEWS_KEPT, why="products others looked at next"),
            grc.Personal(Touch, ["product_id", "widget", "arm", "version", "at"], "person",
                         counted, "consent", keep=VIEWS_KEPT,
                         why="whether recommendations lead to orders"),
            grc.Personal(Outcome, ["order_id", "arm", "amount", "at"], "person", counted,
                         "consent", keep=RESULTS_KEPT,
                         why="whether recommendations lead to orders"),
            grc.Personal(Participant, ["arm", "first_at"], "person", counted, "consent",
                         keep=RESULTS_KEPT, why="whether recommendations lead to orders"),
        ]  # fmt: skip

    @grc.hookimpl
    def erase_personal_data(self, subject: grc.Subject) -> int:
        """Take somebody’s orders out of the counts, and remove the rest."""
        person = str(subject)
        rows = counting.forget_person(self.session, person)
        rows += measuring.forget_person(self.session, person)
        views: Any = self.session.execute(delete(Viewed).where(Viewed.person == person))
        return rows + int(views.rowcount)

    def past_of(self, person: str, limit: int = 60) -> list[Bought]:
        """Return somebody's latest orders, oldest first."""
        known = {"person": person, "since": self.grc.now() - PAST_KEPT, "limit": limit}
        rows = self.session.connection().execute(_PAST, known)
        return [Bought(at, products) for at, products in rows][::-1]

    def _row(
        self, order: grc.Order, allowed: dict[str, bool]
    ) -> tuple[str, str | None, datetime, str, list[str]]:
        subject = grc.Subject.of_order(order) if order.customer_id else None
        person = str(subject) if subject and self._may(subject, allowed) else None
        kept = counting.kept_of(order)
        products = counting.products_of(order.lines) if kept is None else kept
        return order.id, person, order.placed_at, order.state, products

    def _may(self, subject: grc.Subject, known: dict[str, bool]) -> bool:
        if subject.id not in known:
            agreed = self.grc.consents(subject)
            known[subject.id] = agreed.allows(grc.Purpose.PERSONALISATION)
        return known[subject.id]

    def _names(self, order: grc.Order) -> list[str]:
        """Return all names that an order's buyer goes by: account, and browsers joined to it."""
        subject = grc.Subject.of_order(order)
        if subject is None:
            return []
        contact = self.grc.contacts.of(subject)
        visitors = contact.visitor_ids if contact else ()
        return [str(subject), *(f"visitor:{id}" for id in visitors)]
