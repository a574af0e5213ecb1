"""Turn claimed rows into calls: decode, re-read orders, check consent, bind arguments."""

import json
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .. import codec
from .. import events
from ..adapter import Adapter
from ..consent import Gate
from ..errors import NotUpgraded
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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A delivery ready to be made; without a call there is nobody to tell (any more)."""

    row: Claimed
    call: Callable[[], None] | None


class Calls:
    """Prepare deliveries for one subscriber at a time, outside any transaction."""

    def __init__(self, tables: Tables, outbox: Outbox, adapter: Adapter, gate: Gate) -> None:
        self.tables = tables
        self._outbox = outbox
        self._adapter = adapter
        self._gate = gate

    def prepare(self, subscriber: str, rows: Sequence[Claimed]) -> list[Prepared]:
        """Return a call per row; orders are read again, each once."""
        orders: dict[str, Order | None] = {}
        consents: dict[Subject | None, Purpose] = {}
        return [Prepared(row, self._call(subscriber, row, orders, consents)) for row in rows]

    def _call(
        self,
        subscriber: str,
        row: Claimed,
        orders: dict[str, Order | None],
        consents: dict[Subject | None, Purpose],
    ) -> Callable[[], None] | None:
        item = self._handler(subscriber, row.type)
        if item is None or row.payload is None:
            return None
        if not item.loaded.on:
            raise_later = NotUpgraded(f"plugin {subscriber} is off: {item.loaded.off}")
            return _raising(raise_later)
        if row.type == VISITS:
            return self._visits(item, row, consents)
        occurrence = events.loads(self.tables.events[row.type], row.payload)
        subject = _subject(row)
        if not self._allowed(item, subject, Purpose(row.consents), consents):
            return None
        occurrence = self._as_it_is_now(occurrence, orders)
        event = self._event(item, row, subject)
        return bind(item, [(occurrence.argument(), event)])

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

    def _as_it_is_now(self, occurrence: Occurrence, orders: dict[str, Order | None]) -> Occurrence:
        """Return an order's event with the order as the shop states it now."""
        if not isinstance(occurrence, OrderPlaced | OrderRefunded):
            return occurrence
        id = occurrence.order.id
        if id not in orders:
            orders[id] = self._adapter.order_by_id(id)
        now = orders[id]
        if now is None:
            return occurrence
        if isinstance(occurrence, OrderPlaced):
            return OrderPlaced(now)
        return OrderRefunded(now, occurrence.amount, occurrence.reason)

    def _event(self, item: Contribution, row: Claimed, subject: Subject | None) -> Event:
        since = self._outbox.since(item.loaded.name)
        historical = since is not None and row.occurred_at < since
        id, name = str(row.event_id), row.type
        return Event(id, name, row.version, row.occurred_at, subject, historical)

    def _visits(
        self, item: Contribution, row: Claimed, consents: dict[Subject | None, Purpose]
    ) -> Callable[[], None] | None:
        pairs: list[tuple[Any, Event]] = []
        for number, entry in enumerate(json.loads(row.payload or "[]")):
            subject = _visit_subject(entry["subject"])
            if self._allowed(item, subject, Purpose(entry["consents"]), consents):
                visit = codec.loads(Visit, json.dumps(entry["visit"]))
                at = datetime.fromisoformat(entry["at"])
                # an identity reaches only those who asked for a purpose that covers it
                known = subject if item.options.needs != Purpose.NECESSARY else None
                event = Event(f"{row.event_id}.{number}", VISITS, Visit.version, at, known)
                pairs.append((visit, event))
        return bind(item, pairs) if pairs else None


def bind(item: Contribution, pairs: list[tuple[Any, Event]]) -> Callable[[], None]:
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


def _raising(error: Exception) -> Callable[[], None]:
    def call() -> None:
        raise error

    return call


def _subject(row: Claimed) -> Subject | None:
    if row.subject_kind is None:
        return None
    return Subject(row.subject_kind, row.subject_id or "", row.gpc)


def _visit_subject(entry: list[Any] | None) -> Subject | None:
    return Subject(entry[0], entry[1], entry[2]) if entry else None
