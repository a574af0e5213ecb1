"""The past, for plugins that ask for it: in chunks, resumable, without deliveries."""

import json
import logging
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select

from .. import codec
from ..adapter import Adapter
from ..consent import Gate
from ..errors import GRCError
from ..errors import nearest
from ..events import Event
from ..events import Occurrence
from ..events import OrderPlaced
from ..events import SignUp
from ..hookspecs import BATCH_FORMS
from ..loading import Contribution
from ..loading import Tables
from ..outbox.accept import Outbox
from ..outbox.calls import bind
from ..purposes import Purpose
from ..storage.engine import Database
from ..storage.models import BackfilledRow
from ..storage.models import BackfillRow
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from ..storage.sessions import Scope
from ..storage.sessions import working
from ..values import Customer
from ..values import Order
from .cursors import dump
from .pages import Pages
from .signups import Forgotten

log = logging.getLogger("grc")
Progress = Callable[[str, int], None]
#: Hooks with a past, and the part of the shop that has it.
PAST = {"on_order": "orders", "on_signup": "customers"}


@dataclass(frozen=True, slots=True)
class Backfilled:
    """What a plugin was given of the past."""

    plugin: str
    hook: str
    count: int
    failed: int = 0


class Backfill:
    """Give plugins what happened before their own installation, each thing once."""

    def __init__(
        self,
        database: Database,
        tables: Tables,
        outbox: Outbox,
        adapter: Adapter,
        gate: Gate,
        clock: Callable[[], datetime],
        forgotten: Forgotten,
    ) -> None:
        self._database = database
        self._tables = tables
        self._outbox = outbox
        self._adapter = adapter
        self._gate = gate
        self._clock = clock
        self._forgotten = forgotten

    def run(self, plugin: str | None, progress: Progress) -> list[Backfilled]:
        """Stream the past to one plugin or all; what was done before is passed over."""
        if plugin is not None and self._tables.find(plugin) is None:
            names = [item.name for item in self._tables.plugins]
            raise GRCError(f"no plugin is named {plugin!r}{nearest(plugin, names)}")
        with self._database.read() as connection:
            self._outbox.learn_baselines(connection)
        return [
            self._fill(item, hook, progress)
            for hook, item in self._wanting()
            if plugin in (None, item.loaded.name)
        ]

    def _wanting(self) -> Iterator[tuple[str, Contribution]]:
        for hook, part in PAST.items():
            for item in self._outbox.subscribers(hook):
                since = self._outbox.since(item.loaded.name)
                if item.options.history and item.on and since and self._adapter.has(part):
                    yield hook, item

    def _fill(self, item: Contribution, hook: str, progress: Progress) -> Backfilled:
        stream = self._adapter.orders if PAST[hook] == "orders" else self._adapter.customers
        label, count, failed = f"{item.loaded.name} {hook}", 0, 0
        pages: Pages[Any] = Pages(self._adapter, PAST[hook], stream, self._resume(item, hook))
        for page in pages:
            found = [self._past(value, item) for value in page]
            happened = [occurrence for occurrence in found if occurrence is not None]
            done, bad = self._chunk(item, hook, happened, pages.cursor)
            count, failed = count + done, failed + bad
            progress(label, len(page))
        self._note(item, hook, pages.cursor, finished=True)
        return Backfilled(item.loaded.name, hook, count, failed)

    def _past(self, value: Any, item: Contribution) -> Occurrence | None:
        """Return the event of something that lies before the plugin's baseline."""
        since = self._outbox.since(item.loaded.name)
        if isinstance(value, Order) and since and value.placed_at < since:
            return OrderPlaced(value)
        if isinstance(value, Customer) and since:
            return SignUp(value) if (value.created_at or since) <= since else None
        return None

    def _chunk(
        self, item: Contribution, hook: str, happened: Sequence[Occurrence], cursor: Any
    ) -> tuple[int, int]:
        """Deliver a chunk: effects, keys and the cursor in one transaction.

        Return how many the plugin took and how many it failed on.
        """
        allowed = self._allowed(item, happened)
        with self._database.write() as connection:
            done = self._done(connection, item.loaded.name, hook, [o.key() for o in allowed])
            gone = self._forgotten(connection, filter(None, (o.about() for o in allowed)))
            fresh = [o for o in allowed if o.key() not in done and o.about() not in gone]
            failed = self._call(connection, item, fresh)
            for occurrence in failed:
                # it goes the way of live events from here: retried, then among the dead
                self._outbox.deliver_past(connection, occurrence, item.loaded.name)
            rows = [{"plugin": item.loaded.name, "hook": hook, "key": o.key()} for o in fresh]
            if rows:
                connection.execute(insert(BackfilledRow), rows)
            self._save(connection, item, hook, cursor, None)
        return len(fresh) - len(failed), len(failed)

    def _allowed(self, item: Contribution, happened: Sequence[Occurrence]) -> Sequence[Occurrence]:
        needs = item.options.needs
        if needs == Purpose.NECESSARY:
            return happened
        with self._adapter.fresh():
            consents = self._gate.many(occurrence.about() for occurrence in happened)
        return [o for o in happened if consents[o.about()].allows(needs)]

    def _done(
        self, connection: Connection, plugin: str, hook: str, keys: Sequence[str]
    ) -> set[str]:
        """Return keys that the plugin has been given, by a backfill or as deliveries."""
        mine = (BackfilledRow.plugin == plugin, BackfilledRow.hook == hook)
        query = select(BackfilledRow.key).where(*mine, BackfilledRow.key.in_(keys))
        delivered = (
            select(EventRow.key)
            .join(DeliveryRow, DeliveryRow.event_id == EventRow.id)
            .where(DeliveryRow.subscriber == plugin, EventRow.type == hook)
            .where(EventRow.key.in_(keys))
        )
        return {*connection.scalars(query), *connection.scalars(delivered)}

    def _call(
        self, connection: Connection, item: Contribution, fresh: Sequence[Occurrence]
    ) -> list[Occurrence]:
        """Call the handler, all at once in its batch form; return what it failed on."""
        if item.name in BATCH_FORMS.values():
            done = self._fenced(connection, item, fresh)
            return [] if done else list(fresh)
        return [one for one in fresh if not self._fenced(connection, item, [one])]

    def _fenced(
        self, connection: Connection, item: Contribution, happened: Sequence[Occurrence]
    ) -> bool:
        """Call in a savepoint; False when the handler failed."""
        pairs = [(occurrence.argument(), self._event(occurrence)) for occurrence in happened]
        connection.exec_driver_sql("SAVEPOINT grc_backfill")
        scope = Scope(connection)
        try:
            with working(scope):
                bind(item, pairs)()
                if scope.touched:
                    scope.session.commit()
        except Exception:
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT grc_backfill")
            log.exception("plugin %s: %s failed on the past", item.loaded.name, item.name)
            return False
        finally:
            connection.exec_driver_sql("RELEASE SAVEPOINT grc_backfill")
        return True

    def _event(self, occurrence: Occurrence) -> Event:
        value = occurrence.argument()
        at = getattr(value, "placed_at", None) or getattr(value, "created_at", None)
        id = f"past:{occurrence.key()}"
        when = at or self._clock()
        return Event(id, occurrence.hook, occurrence.version, when, occurrence.about(), True)

    def _resume(self, item: Contribution, hook: str) -> Any:
        mine = (BackfillRow.plugin == item.loaded.name, BackfillRow.hook == hook)
        with self._database.read() as connection:
            text = connection.scalar(select(BackfillRow.cursor).where(*mine))
        return codec.decode_any(json.loads(text)) if text else None

    def _note(self, item: Contribution, hook: str, cursor: Any, finished: bool) -> None:
        with self._database.write() as connection:
            self._save(connection, item, hook, cursor, self._clock() if finished else None)

    def _save(
        self,
        connection: Connection,
        item: Contribution,
        hook: str,
        cursor: Any,
        finished_at: datetime | None,
    ) -> None:
        mine = (BackfillRow.plugin == item.loaded.name, BackfillRow.hook == hook)
        connection.execute(delete(BackfillRow).where(*mine))
        row = {"plugin": item.loaded.name, "hook": hook, "finished_at": finished_at}
        text = None if cursor is None else dump(cursor)
        connection.execute(insert(BackfillRow).values(cursor=text, **row))


def backfill(runtime: Any, plugin: str | None, progress: Progress) -> list[Backfilled]:
    """Give one plugin, or all, the past of the shop."""
    past: Backfill = runtime.backfill
    return past.run(plugin, progress)
