"""Record events: one row per event, one per subscriber, in a transaction of ours or the host's."""

import json
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from .. import events
from ..events import Occurrence
from ..loading import Contribution
from ..loading import Tables
from ..purposes import Purpose
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from ..storage.models import PluginRow
from ..storage.upsert import insert_new
from ..values import Subject
from .workers import Worker

TASK = "task:"
_DELIVERIES = insert(DeliveryRow.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Report:
    """Something that happened, as it is handed to the outbox."""

    occurrence: Occurrence
    occurred_at: datetime
    subject: Subject | None = None
    consents: Purpose = Purpose.NECESSARY
    #: the occurrence's own key unless given
    key: str | None = None
    #: True for what was there before GRC: known from now on, delivered to nobody
    known: bool = False


class Follower(Protocol):
    """A part of the core that records more in the transaction of a new event."""

    def wants(self, hook: str) -> bool:
        """Tell whether an event matters to it, so that the event's payload is kept."""

    def follow(self, connection: Connection, event_id: int, hook: str) -> None:
        """Record what follows from a new event."""


class Outbox:
    """Accept events and deferred work for the subscribers of one app."""

    def __init__(self, tables: Tables, clock: Callable[[], datetime]) -> None:
        self._tables = tables
        self._clock = clock
        self._since: dict[str, datetime] = {}
        self._subscribers: dict[str, tuple[Contribution, ...]] = {}
        #: what runs the core's own deferred work, by the first part of its name
        self.workers: dict[str, Worker] = {}
        self.followers: list[Follower] = []

    def learn_baselines(self, connection: Connection) -> None:
        """Read when each plugin was first upgraded: what is older is history for it."""
        rows = connection.execute(select(PluginRow.name, PluginRow.since))
        self._since = {row.name: row.since for row in rows}

    def since(self, plugin: str) -> datetime | None:
        """Return a plugin's baseline, or None before its first upgrade."""
        return self._since.get(plugin)

    def subscribers(self, hook: str) -> tuple[Contribution, ...]:
        """Return the handlers of an event that can be delivered to at all."""
        found = self._subscribers.get(hook)
        if found is None:
            found = tuple(item for item in self._tables.subscribers(hook) if item.off is None)
            self._subscribers[hook] = found
        return found

    def accept(self, connection: Connection, reports: Iterable[Report]) -> list[Report]:
        """Record the events not known yet, with a delivery per subscriber; return the new ones.

        Runs in the transaction of `connection`; it neither commits nor sets a savepoint.
        """
        now, fresh = self._clock(), []
        deliveries: list[dict[str, Any]] = []
        for report in reports:
            hook = report.occurrence.hook
            key = report.key or report.occurrence.key()
            to = () if report.known else self._recipients(hook, report)
            followers = self._followers(hook, report)
            payload = events.dumps(report.occurrence) if to or followers else None
            id = self._new_event(connection, hook, key, payload, report, now)
            if id is None:
                continue
            fresh.append(report)
            subject = str(report.subject) if report.subject and report.subject.id else None
            deliveries += [_delivery(id, name, subject, now) for name in to]
            for follower in followers:
                follower.follow(connection, id, hook)
        if deliveries:
            connection.execute(_DELIVERIES, deliveries)
        return fresh

    def _recipients(self, hook: str, report: Report) -> list[str]:
        return [
            item.loaded.name
            for item in self.subscribers(hook)
            if report.consents.allows(item.options.needs)
            and self._concerned(item, report.occurred_at)
        ]

    def _followers(self, hook: str, report: Report) -> list[Follower]:
        since = self._since.get("core")
        if report.known or since is None or report.occurred_at < since:
            return []
        return [follower for follower in self.followers if follower.wants(hook)]

    def _concerned(self, item: Contribution, occurred_at: datetime) -> bool:
        since = self._since.get(item.loaded.name)
        return since is not None and (occurred_at >= since or item.options.history)

    def _new_event(
        self,
        connection: Connection,
        type: str,
        key: str,
        payload: str | None,
        report: Report,
        now: datetime,
    ) -> int | None:
        subject = None if report.known else report.subject
        row = {
            "type": type,
            "key": key,
            "version": report.occurrence.version,
            "subject_kind": subject.kind if subject else None,
            "subject_id": subject.id if subject else None,
            "gpc": subject.gpc if subject else False,
            "consents": report.consents.value,
            "historical": report.known,
            "occurred_at": report.occurred_at,
            "accepted_at": now,
            "payload": payload,
        }
        return _insert_event(connection, row)

    def defer(
        self,
        connection: Connection,
        task: str,
        key: str,
        run_at: datetime | None,
        arguments: Mapping[str, Any],
    ) -> bool:
        """Record work for later, named `<plugin>.<method>`; False when the key is known."""
        now = self._clock()
        row = {
            "type": TASK + task,
            "key": key,
            "version": 1,
            "subject_kind": None,
            "subject_id": None,
            "gpc": False,
            "consents": Purpose.NECESSARY.value,
            "historical": False,
            "occurred_at": now,
            "accepted_at": now,
            "payload": json.dumps(dict(arguments), ensure_ascii=False),
        }
        id = _insert_event(connection, row)
        if id is None:
            return False
        plugin = task.partition(".")[0]
        connection.execute(_DELIVERIES, [_delivery(id, plugin, None, run_at or now)])
        return True

    def deliver_past(self, connection: Connection, occurrence: Occurrence, plugin: str) -> None:
        """Record a delivery of something past to one plugin."""
        hook, key, now = occurrence.hook, occurrence.key(), self._clock()
        value = occurrence.argument()
        at = getattr(value, "placed_at", None) or getattr(value, "created_at", None) or now
        report = Report(occurrence, at, occurrence.about())
        payload = events.dumps(occurrence)
        id = self._new_event(connection, hook, key, payload, report, now)
        if id is None:
            mine = (EventRow.type == hook, EventRow.key == key)
            id = connection.execute(select(EventRow.id).where(*mine)).scalar_one()
            connection.execute(update(EventRow).where(*mine).values(payload=payload))
        subject = str(report.subject) if report.subject else None
        connection.execute(_DELIVERIES, [_delivery(id, plugin, subject, now)])

    def supersede(self, connection: Connection, hook: str, key: str) -> None:
        """Drop what is still pending of an event that a newer one replaces."""
        event = select(EventRow.id).where(EventRow.type == hook, EventRow.key == key)
        pending = update(DeliveryRow).where(
            DeliveryRow.event_id == event.scalar_subquery(), DeliveryRow.state == "pending"
        )
        connection.execute(pending.values(state="dropped", finished_at=self._clock()))


def _insert_event(connection: Connection, row: dict[str, Any]) -> int | None:
    # A savepoint would be simpler, but pysqlite kept the event after the host's rollback.
    statement = insert_new(connection.dialect.name, EventRow)
    found: int | None = connection.execute(statement, row).scalar()
    return found


def _delivery(event_id: int, subscriber: str, subject: str | None, at: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "subscriber": subscriber,
        "subject": subject,
        "state": "pending",
        "attempts": 0,
        "run_at": at,
    }


def known_keys(connection: Connection, hook: str, keys: Sequence[str]) -> set[str]:
    """Return which keys of an event are known already."""
    query = select(EventRow.key).where(EventRow.type == hook, EventRow.key.in_(keys))
    return set(connection.scalars(query))
