"""The core as a subscriber of its own events: it writes contacts, statistics and timeline."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..adapter import Adapter
from ..events import ConsentChanged
from ..events import Event
from ..events import OrderRefunded
from ..events import ShipmentChanged
from ..events import Visit
from ..plugin import Plugin
from ..plugin import hookimpl
from ..purposes import Purpose
from ..values import Customer
from ..values import Money
from ..values import Order
from ..values import Product
from ..values import Subject
from .addresses import Stated
from .addresses import add_addresses
from .addresses import reindex
from .claims import Claimed
from .facts import fact_of
from .facts import keep_orders
from .facts import keep_visits
from .facts import known_orders
from .identity import Identities
from .signin import SignedIn
from .stats import Statistics
from .text import SUMMARY
from .text import TAG
from .text import cut
from .text import email_key
from .timeline import add_entries


class CorePlugin(Plugin):
    """Keep contacts, their statistics and their timeline."""

    name, events = "core", (SignedIn,)

    def __init__(self, identities: Identities, statistics: Statistics, adapter: Adapter) -> None:
        self._identities = identities
        self._statistics = statistics
        self._adapter = adapter

    @hookimpl(history=True, priority=0)
    def on_orders(self, batch: Sequence[tuple[Order, Event]]) -> None:
        """Keep who ordered what, and when."""
        products = self._products(order for order, _ in batch)
        connection = self._connection
        facts: list[dict[str, Any]] = []
        entries: list[dict[str, Any]] = []
        buyers = self._buyers(connection, [order for order, _ in batch])
        for order, _ in batch:
            person = buyers.of(Subject.of_order(order))
            if person is not None:
                facts.append(fact_of(order, person, products))
                entries.append(_ordered(person, order))
        self._keep(connection, facts)
        add_entries(connection, entries)

    @hookimpl(history=True, priority=0)
    def on_signups(self, batch: Sequence[tuple[Customer, Event]]) -> None:
        """Keep new customers; a proven address brings a guest's orders along."""
        told = [(customer, customer.created_at or event.occurred_at) for customer, event in batch]
        people = self._identities.learn_all(self._connection, told)
        entries = [
            _entry(person, "sign-up", at, "", f"signup:{customer.id}")
            for (customer, at), person in zip(told, people, strict=True)
            if person is not None
        ]
        add_entries(self._connection, entries)

    @hookimpl(priority=0)
    def on_refund(self, refund: OrderRefunded, event: Event) -> None:
        """Keep what was given back."""
        order, connection = refund.order, self._connection
        person = self._buyers(connection, [order]).of(Subject.of_order(order))
        if person is None:
            return
        so_far = order.refunded.amount if order.refunded else refund.amount.amount
        fact = fact_of(order, person, self._products([order]), so_far, refund.undone)
        self._keep(connection, [fact])
        summary = f"{order.label}: {_amount(refund.amount)}"
        data = {"order": order.id, "amount": refund.amount.amount,
                "currency": refund.amount.currency, "reason": refund.reason}  # fmt: skip
        entry = _entry(person, "refund", event.occurred_at, summary, _key(event), data)
        add_entries(connection, [entry])

    @hookimpl(priority=0)
    def on_shipment(self, shipment: ShipmentChanged, event: Event) -> None:
        """Keep that a parcel moved on."""
        connection = self._connection
        fact = known_orders(connection, [shipment.order_id]).get(shipment.order_id)
        person = fact["contact_id"] if fact else self._claim(connection, event)
        if person is not None:
            called = (fact and fact["number"]) or shipment.order_id
            summary = f"{called}: {shipment.state}"
            data = {"order": shipment.order_id, "number": shipment.number,
                    "carrier": shipment.carrier, "state": shipment.state}  # fmt: skip
            entry = _entry(person, "shipment", event.occurred_at, summary, _key(event), data)
            add_entries(connection, [entry])

    @hookimpl(priority=0)
    def on_consent(self, change: ConsentChanged, event: Event) -> None:
        """Keep a choice of somebody known; a choice alone makes nobody known."""
        person = self._identities.known(self._connection, change.subject)
        if person is not None:
            labels = change.after.labels
            data = {"after": labels, "before": change.before.labels if change.before else None}
            summary = ", ".join(labels)
            entry = _entry(person, "consent", event.occurred_at, summary, _key(event), data)
            add_entries(self._connection, [entry])

    @hookimpl(needs=Purpose.ANALYTICS, priority=0)
    def on_visits(self, batch: Sequence[tuple[Visit, Event]]) -> None:
        """Keep on which days somebody looked at the shop."""
        connection = self._connection
        visits = [(event.subject, event.occurred_at) for _, event in batch if event.subject]
        found = self._identities.claim_all(connection, visits)
        seen = ((found.of(subject), at.date()) for subject, at in visits)
        days = {(person, day) for person, day in seen if person is not None}
        keep_visits(connection, days)
        self._statistics.sum_visits(connection, {person for person, _ in days})

    @hookimpl(priority=0)
    def on_signed_in(self, signed_in: SignedIn, event: Event) -> None:
        """Join a browser with the customer who signed in there, if either still agrees."""
        names = Subject("customer", signed_in.customer_id), Subject("visitor", signed_in.visitor)
        if not any(self.grc.consents(name).allows(Purpose.ANALYTICS) for name in names):
            return
        self._identities.sign_in(
            self._connection, signed_in.customer_id, signed_in.visitor, event.occurred_at
        )

    @property
    def _connection(self) -> Connection:
        connection: Connection = self.session.connection()
        return connection

    def _claim(self, connection: Connection, event: Event) -> int | None:
        if event.subject is None or not event.subject.id:
            return None
        return self._identities.claim(connection, event.subject, event.occurred_at)

    def _buyers(self, connection: Connection, orders: Sequence[Order]) -> Claimed:
        """Return who ordered; an address typed at the checkout is kept, and proves nothing."""
        whose = [(Subject.of_order(order), order) for order in orders]
        claimed = self._identities.claim_all(
            connection, [(subject, order.placed_at) for subject, order in whose if subject]
        )
        stated: list[Stated] = []
        for subject, order in whose:
            person, email = claimed.of(subject), email_key(order.email)
            if person is not None and subject and subject.kind == "customer" and email:
                stated.append(Stated(person, email, False, order.placed_at))
        reindex(connection, add_addresses(connection, stated))
        return claimed

    def _keep(self, connection: Connection, facts: Sequence[dict[str, Any]]) -> None:
        self._statistics.sum_orders(connection, keep_orders(connection, facts))

    def _products(self, orders: Iterable[Order]) -> dict[str, Product]:
        """Return the products of orders, for what they cost."""
        if not self._adapter.has("products"):
            return {}
        lines = [line for order in orders for line in order.lines]
        ids = {line.product_id for line in lines} | {line.variant_id or "" for line in lines}
        with self._adapter.fresh():
            return self._adapter.products(sorted(ids - {""}))


def _ordered(person: int, order: Order) -> dict[str, Any]:
    total = order.total
    summary = f"{order.label}: {_amount(total)}" if total else order.label
    data = {"order": order.id, "amount": total.amount if total else None,
            "currency": total.currency if total else None, "state": order.state,
            "payment_method": order.payment_method, "channel": order.channel,
            "products": [line.product_id for line in order.lines[:100]]}  # fmt: skip
    return _entry(person, "order", order.placed_at, summary, f"order:{order.id}", data)


def _entry(
    person: int,
    kind: str,
    at: datetime,
    summary: str,
    key: str,
    data: dict[str, Any] | None = None,
) -> dict[str, Any]:
    return {
        "contact_id": person,
        "channel": "web",
        "kind": cut(kind, TAG) or kind,
        "at": at,
        "summary": cut(summary, SUMMARY) or "",
        "data": data or {},
        "operator": None,
        "key": key,
        "counts": False,
    }


def _key(event: Event) -> str:
    return f"{event.name}:{event.id}"


def _amount(money: Money) -> str:
    return f"{money.decimal} {money.currency}"
