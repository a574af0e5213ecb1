"""Turn claimed rows into calls: decode, re-read orders, check consent, bind arguments."""

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from typing import Any

from .. import codec
from .. import events
from ..adapter import Adapter
from ..consent import Gate
from ..events import Event
from ..events import Occurrence
from ..events import OrderPlaced
from ..events import OrderRefunded
from ..events import Visit
from ..hookspecs import BATCH_FORMS
from ..loading import Contribution
from ..loading import Tables
from ..purposes import Purpose
from ..values import Order
from ..values import Subject
from .accept import Outbox
from .claim import Claimed

VISITS = "on_visit"
#: A batch of live events is one call under one lock, so it stays small.
LIVE_BATCH = 16
#: What a handler gets: a value, and the event that brings it.
Pair = tuple[Any, Event]


@dataclass(frozen=True, slots=True)
class Prepared:
    """Deliveries ready to be made by one call; without one there is nobody to tell (any more).

    There are several rows where the handler takes a batch.
    """

    rows: tuple[Claimed, ...]
    call: Callable[[], None] | None

    @property
    def subjects(self) -> set[str]:
        """Return whom the deliveries are about."""
        return {row.subject for row in self.rows if row.subject}


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that a handler takes in one call."""

    item: Contribution
    rows: list[Claimed]
    pairs: list[Pair]

    @property
    def is_full(self) -> bool:
        """Tell whether another row would keep the write lock for too long."""
        return len(self.rows) >= LIVE_BATCH


class Calls:
    """Prepare deliveries for one subscriber at a time, outside any transaction."""

    def __init__(self, tables: Tables, outbox: Outbox, adapter: Adapter, gate: Gate) -> None:
        self.tables = tables
        self._outbox = outbox
        self._adapter = adapter
        self._gate = gate

    def prepare(self, subscriber: str, rows: Sequence[Claimed]) -> list[Prepared]:
        """Return a call per row, or per batch; orders are read again, each once."""
        orders: dict[str, Order | None] = {}
        consents: dict[Subject | None, Purpose] = {}
        steps: list[Prepared | Batch] = []
        batch: Batch | None = None
        for row in rows:
            item = self._handler(subscriber, row.type)
            pairs = self._pairs(item, row, orders, consents) if item else []
            if item is None or not pairs:
                steps.append(Prepared((row,), None))
            elif item.name in BATCH_FORMS.values():
                if batch is None or batch.item is not item or batch.is_full:
                    steps.append(batch := Batch(item, [], []))
                batch.rows.append(row)
                batch.pairs.extend(pairs)
            else:
                steps.append(Prepared((row,), bind(item, pairs)))
                batch = None  # what comes later must not be told with what came before
        return [
            Prepared(tuple(step.rows), bind(step.item, step.pairs))
            if isinstance(step, Batch)
            else step
            for step in steps
        ]

    def _pairs(
        self,
        item: Contribution,
        row: Claimed,
        orders: dict[str, Order | None],
        consents: dict[Subject | None, Purpose],
    ) -> list[Pair]:
        """Return the values of a row with their events; none where nobody may be told."""
        if row.payload is None:
            return []
        if row.type == VISITS:
            return self._visits(item, row, consents)
        subject = _subject(row)
        if not self._allowed(item, subject, Purpose(row.consents), consents):
            return []
        occurrence = self._occurrence(row, orders)
        event = self._event(item, row, subject)
        return [(occurrence.argument(), event)]

    def _handler(self, subscriber: str, hook: str) -> Contribution | None:
        found = (c for c in self._outbox.subscribers(hook) if c.loaded.name == subscriber)
        return next(found, None)

    def _allowed(
        self,
        item: Contribution,
        subject: Subject | None,
        then: Purpose,
        consents: dict[Subject | None, Purpose],
    ) -> bool:
        """Tell whether consent was there when it happened and still is."""
        needs = item.options.needs
        if needs == Purpose.NECESSARY:
            return True
        if subject not in consents:
            consents[subject] = self._gate.consents(subject)
        return then.allows(needs) and consents[subject].allows(needs)

    def _occurrence(self, row: Claimed, orders: dict[str, Order | None]) -> Occurrence:
        """Return what happened; a placed order is read again, so its payload need not be."""
        if row.type == OrderPlaced.hook:
            if row.key not in orders:
                orders[row.key] = self._adapter.order_by_id(row.key)
            now = orders[row.key]
            if now is not None:
                return OrderPlaced(now)
        occurrence = events.loads(self.tables.events[row.type], row.payload or "")
        return as_it_is_now(occurrence, self._adapter, orders)

    def _event(self, item: Contribution, row: Claimed, subject: Subject | None) -> Event:
        since = self._outbox.since(item.loaded.name)
        historical = since is not None and row.occurred_at < since
        id, name = str(row.event_id), row.type
        return Event(id, name, row.version, row.occurred_at, subject, historical)

    def _visits(
        self, item: Contribution, row: Claimed, consents: dict[Subject | None, Purpose]
    ) -> list[Pair]:
        pairs: list[Pair] = []
        for number, entry in enumerate(json.loads(row.payload or "[]")):
            subject = _visit_subject(entry["subject"])
            if self._allowed(item, subject, Purpose(entry["consents"]), consents):
                visit = codec.loads(Visit, json.dumps(entry["visit"]))
                at = datetime.fromisoformat(entry["at"])
                # an identity reaches only those who asked for a purpose that covers it
                known = subject if item.options.needs != Purpose.NECESSARY else None
                event = Event(f"{row.event_id}.{number}", VISITS, Visit.version, at, known)
                pairs.append((visit, event))
        return pairs


def as_it_is_now(
    occurrence: Occurrence, adapter: Adapter, orders: dict[str, Order | None]
) -> Occurrence:
    """Return an order's event with the order as the shop states it now; each is read once."""
    if not isinstance(occurrence, OrderPlaced | OrderRefunded):
        return occurrence
    id = occurrence.order.id
    if id not in orders:
        orders[id] = adapter.order_by_id(id)
    now = orders[id]
    if now is None:
        return occurrence
    if isinstance(occurrence, OrderPlaced):
        return OrderPlaced(now)
    return replace(occurrence, order=_refunded_as_told(now, occurrence))


def _refunded_as_told(now: Order, occurrence: OrderRefunded) -> Order:
    """Return an order with the sum that was refunded, where the shop itself states less.

    A refund that the payment provider reported may never be written down by the shop; nor may
    one that it reported to have failed ever be struck out.
    """
    told, stated = occurrence.order.refunded, now.refunded
    if told is None or (stated is not None and stated.currency != told.currency):
        return now
    is_less = stated is None or stated.amount < told.amount
    return now.replace(refunded=told) if is_less or occurrence.undone else now


def bind(item: Contribution, pairs: list[Pair]) -> Callable[[], None]:
    """Return a call of a handler for values with their events, in its batch form if it is one."""
    if item.name in BATCH_FORMS.values():
        return lambda: item.call(pairs)
    with_event = "event" in item.arguments
    alone = item.arguments == ("event",)

    def call() -> None:
        for value, event in pairs:
            if alone:
                item.call(event)
            elif with_event:
                item.call(**{_first(item): value, "event": event})
            else:
                item.call(value) if item.arguments else item.call()

    return call


def _first(item: Contribution) -> str:
    return next(name for name in item.arguments if name != "event")


def _subject(row: Claimed) -> Subject | None:
    if row.subject_kind is None:
        return None
    return Subject(row.subject_kind, row.subject_id or "", row.gpc)


def _visit_subject(entry: list[Any] | None) -> Subject | None:
    return Subject(entry[0], entry[1], entry[2]) if entry else None
