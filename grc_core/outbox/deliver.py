"""Deliver claimed events: the handler's writes and the mark "done" share one transaction."""

import logging
import threading
import time
from collections.abc import Callable
from collections.abc import Sequence
from contextlib import AbstractContextManager
from contextlib import nullcontext
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import func
from sqlalchemy import select

from ..adapter import Adapter
from ..storage.engine import Database
from ..storage.sessions import Scope
from ..storage.sessions import SharedScope
from ..storage.sessions import watched
from ..storage.sessions import working
from ..watching import Watchers
from ..watching import Work
from .accept import TASK
from .accept import Outbox
from .calls import Calls
from .calls import Prepared
from .claim import Claimed
from .claim import LostLease
from .claim import claim
from .claim import due_subscribers
from .claim import hand_back
from .claim import hand_back_all
from .claim import mark_done
from .claim import mark_failed
from .claim import put_off
from .tasks import run_task
from .workers import Later
from .workers import Step

log = logging.getLogger("grc")
#: On SQLite a batch holds the write lock for so long at most, then leaves it to others.
HOLD_SECONDS, PAUSE_SECONDS = 0.020, 0.002
#: The pause on a file that is the shop's own too: SQLite's waiting writers look again after
#: 1, 3, 8 and 18 ms, and would miss a shorter one.
SHARED_PAUSE_SECONDS = 0.015
#: PostgreSQL ends a handler's statement, or its idle transaction, after this.
HANDLER_SECONDS = 10
#: Deferred work may wait longer: for a mail server, say. Shorter than a lease.
TASK_SECONDS = 45
#: A batch is handed back after this, long before its lease ends and others take it.
BATCH_SECONDS = 15


def logged(subscriber: str, row: Claimed) -> dict[str, object]:
    """Return what a structured log keeps of a delivery, as attributes of the log record."""
    return {
        "grc_plugin": subscriber,
        "grc_event": row.type,
        "grc_event_id": str(row.event_id),
        "grc_delivery": row.id,
        "grc_attempt": row.attempts,
    }


class Apart(Exception):
    """Raise when the deliveries of a batch have to be made one by one."""


@dataclass(slots=True)
class Busy:
    """A handler at work, for the watchdog."""

    row: Claimed
    subscriber: str
    since: float
    connection: Connection | None
    #: when the call began; `since` begins anew with each transaction
    started: float = field(default_factory=time.monotonic)

    def opened(self, connection: Connection) -> None:
        """Note that deferred work has begun a transaction: from now on others wait for it."""
        self.connection, self.since = connection, time.monotonic()

    def closed(self) -> None:
        """Note that the transaction is over."""
        self.connection, self.since = None, time.monotonic()


class Deliverer:
    """Deliver what is due, one subscriber's batch at a time; used by one thread."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        adapter: Adapter,
        calls: Calls,
        watchers: Watchers,
        clock: Callable[[], datetime],
        owner: str,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._adapter = adapter
        self._calls = calls
        self._watchers = watchers
        self._clock = clock
        self.owner = owner
        self.busy: Busy | None = None
        #: set by the watchdog: this thread's work was taken from it
        self.cut_off = threading.Event()
        self.delivered = 0

    def drain(self, until: Callable[[], bool] = lambda: False) -> int:
        """Deliver everything that is due now, subscriber by subscriber in turns."""
        before = self.delivered
        while not until() and not self.cut_off.is_set():
            due = filter(self._is_on, due_subscribers(self._database, self._clock()))
            claimed = [self.step(name) for name in due]  # each has its turn in each round
            if not any(claimed):
                break
        return self.delivered - before

    def _is_on(self, subscriber: str) -> bool:
        """Tell whether deliveries may be tried: those of a plugin that is off just wait."""
        if subscriber in self._outbox.workers:
            return True
        loaded = self._calls.tables.find(subscriber)
        return loaded is not None and loaded.on

    def step(self, subscriber: str) -> bool:
        """Claim and deliver one batch; False when there was nothing to claim."""
        rows = claim(self._database, subscriber, self.owner, self._clock())
        if not rows:
            return False
        deadline = time.monotonic() + BATCH_SECONDS
        try:
            events = [row for row in rows if not row.type.startswith(TASK)]
            if events:
                self._deliver(subscriber, events, deadline)
            tasks = [row for row in rows if row.type.startswith(TASK)]
            self._run_tasks(subscriber, tasks, deadline)
        except Exception as error:
            if not self.cut_off.is_set():
                log.exception("delivery to %s stopped; it is tried again", subscriber)
                self._fail(rows, error)
        return True

    def _deliver(self, subscriber: str, rows: Sequence[Claimed], deadline: float) -> None:
        with self._adapter.outside():
            prepared = self._calls.prepare(subscriber, rows)
        transaction = self._together if len(prepared) > 1 else self._transaction
        while prepared and not self.cut_off.is_set():
            if time.monotonic() > deadline:
                self._hand_back([row for item in prepared for row in item.rows])
                return
            try:
                prepared = transaction(subscriber, prepared)
            except Apart:
                transaction = self._transaction
                continue
            if self._database.is_sqlite and len(rows) > 1:
                time.sleep(SHARED_PAUSE_SECONDS if self._database.is_shared else PAUSE_SECONDS)

    def _together(self, subscriber: str, prepared: list[Prepared]) -> list[Prepared]:
        """Deliver in one session as many as fit in the hold; return the rest.

        If any handler fails or rolls back, all is undone and `Apart` raised: then each is
        called again in a savepoint of its own, so that one fails alone.
        """
        count = 0
        with self._database.write() as connection:
            self._limit(connection)
            deadline = time.monotonic() + HOLD_SECONDS
            try:
                # the shop's own session is closed again before we commit: on a file that both
                # share, its reading would keep us from it
                with self._adapter.outside(), working(scope := SharedScope(connection)):
                    for item in prepared:
                        self._call(connection, subscriber, item)
                        scope.after_each()
                        count += 1
                        if time.monotonic() > deadline and self._database.is_sqlite:
                            break
                    scope.finish()
            except (Exception, SystemExit) as error:
                if self.cut_off.is_set():
                    raise
                raise Apart from error
            finally:
                self.busy = None
            if self.cut_off.is_set():
                raise LostLease("the handler took too long and was cut off")
            done = [row.id for item in prepared[:count] for row in item.rows]
            mark_done(connection, done, self.owner, self._clock())
        self.delivered += len(done)
        return prepared[count:]

    def _call(self, connection: Connection, subscriber: str, item: Prepared) -> None:
        if item.call is not None:
            self.busy = busy = Busy(item.rows[0], subscriber, time.monotonic(), connection)
            item.call()
            self._tell(busy)

    def _tell(self, busy: Busy, error: BaseException | None = None) -> None:
        """Tell who measures of a call that is over."""
        if not self._watchers.functions:
            return
        row, kind = busy.row, "task" if busy.row.type.startswith(TASK) else "event"
        name = row.type.removeprefix(TASK).rpartition(".")[2]
        failure = type(error).__name__ if error else None
        seconds = time.monotonic() - busy.started
        self._watchers.tell(
            Work(kind, busy.subscriber, name, row.type, seconds, failure, str(row.event_id))
        )

    def _transaction(self, subscriber: str, prepared: list[Prepared]) -> list[Prepared]:
        """Deliver in one transaction as many as fit in the hold; return the rest."""
        done: list[int] = []
        failed: set[str] = set()
        with self._database.write() as connection:
            self._limit(connection)
            deadline = time.monotonic() + HOLD_SECONDS
            with self._adapter.outside():
                while prepared:
                    item = prepared.pop(0)
                    ids = [row.id for row in item.rows]
                    if item.subjects & failed:
                        hand_back(connection, ids, self.owner)
                    elif self._one(connection, subscriber, item):
                        done += ids
                    else:
                        failed |= item.subjects
                    if time.monotonic() > deadline and self._database.is_sqlite:
                        break
            waiting = [item for item in prepared if item.subjects & failed]
            ids = [row.id for item in waiting for row in item.rows]
            hand_back(connection, ids, self.owner)
            mark_done(connection, done, self.owner, self._clock())
        self.delivered += len(done)
        return [item for item in prepared if not item.subjects & failed]

    def _limit(self, connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {name} = '{HANDLER_SECONDS}s'")

    def _one(self, connection: Connection, subscriber: str, item: Prepared) -> bool:
        """Call one handler inside a savepoint; an author's commit or rollback stays inside."""
        if item.call is None:
            return True
        connection.exec_driver_sql("SAVEPOINT grc_delivery")
        self.busy = busy = Busy(item.rows[0], subscriber, time.monotonic(), connection)
        scope = Scope(connection)
        try:
            with working(scope):
                item.call()
                if scope.touched:
                    scope.session.commit()
        except (Exception, SystemExit) as error:
            if self.cut_off.is_set():
                raise
            self._tell(busy, error)
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT grc_delivery")
            connection.exec_driver_sql("RELEASE SAVEPOINT grc_delivery")
            for row in item.rows:
                self._failed(connection, subscriber, row, error)
            return False
        finally:
            self.busy = None
        if self.cut_off.is_set():
            raise LostLease("the handler took too long and was cut off")
        connection.exec_driver_sql("RELEASE SAVEPOINT grc_delivery")
        self._tell(busy)
        return True

    def _failed(
        self, connection: Connection, subscriber: str, row: Claimed, error: BaseException
    ) -> None:
        text = f"{type(error).__name__}: {error}"
        dead = mark_failed(connection, row, self.owner, text, self._clock())
        log.log(
            logging.ERROR if dead else logging.WARNING,
            "plugin %s failed on %s (delivery %s, attempt %s)%s: %s",
            subscriber,
            row.type,
            row.id,
            row.attempts,
            "; it is dead, see: flask grc events" if dead else "",
            text,
            exc_info=error,
            extra=logged(subscriber, row),
        )

    def _hand_back(self, rows: Sequence[Claimed]) -> None:
        with self._database.write() as connection:
            hand_back(connection, [row.id for row in rows], self.owner)

    def _run_tasks(self, subscriber: str, rows: Sequence[Claimed], deadline: float) -> None:
        worker = self._outbox.workers.get(subscriber, self._plugins_work)
        try:
            with worker() as step:
                for number, row in enumerate(rows):
                    if time.monotonic() > deadline or self.cut_off.is_set():
                        self._hand_back(rows[number:])
                        return
                    self._run_task(subscriber, row, step)
        except Later as later:
            with self._database.write() as connection:
                put_off(connection, subscriber, self.owner, later.until)

    def _plugins_work(self) -> AbstractContextManager[Step]:
        step = partial(run_task, self._calls.tables, self._database, self._adapter)
        return nullcontext(step)

    def _run_task(self, subscriber: str, row: Claimed, step: Step) -> None:
        self.busy = busy = Busy(row, subscriber, time.monotonic(), None)
        failure: BaseException | None = None
        own = subscriber in self._outbox.workers
        try:
            with watched(busy), self._adapter.outside() if own else nullcontext():
                step(row)
        except Later:
            raise
        except (Exception, SystemExit) as error:
            failure = error
        finally:
            self.busy = None
        if self.cut_off.is_set():
            return  # the watchdog has put it back already
        self._tell(busy, failure)
        with self._database.write() as connection:
            if failure is not None:
                self._failed(connection, subscriber, row, failure)
            else:
                mark_done(connection, [row.id], self.owner, self._clock())
                self.delivered += 1

    def _fail(self, rows: Sequence[Claimed], error: Exception) -> None:
        """Put a whole batch back after its transaction failed (a full disk, a lost lease)."""
        try:
            with self._database.write() as connection:
                for row in rows:
                    text = f"{type(error).__name__}: {error}"
                    mark_failed(connection, row, self.owner, text, self._clock())
        except Exception:
            log.exception("the batch stays claimed until its lease ends")


def cut_off(deliverer: Deliverer, database: Database, clock: Callable[[], datetime]) -> None:
    """Take the database from a hanging handler and put its delivery back for a later attempt.

    Called from another thread. On SQLite the transaction is rolled back under the handler's
    feet and its connection made read-only, so that nothing it does later can count.
    """
    busy = deliverer.busy
    deliverer.cut_off.set()
    if busy is None:
        return
    if busy.connection is not None:
        disarm(busy.connection)
    seconds = time.monotonic() - busy.since
    log.error("plugin %s hangs on %s for %.0f s; it is cut off and tried again later",
              busy.subscriber, busy.row.type, seconds)  # fmt: skip
    with database.write() as connection:
        error = f"the handler hung for {seconds:.0f} s and was cut off"
        mark_failed(connection, busy.row, deliverer.owner, error, clock())
        hand_back_all(connection, deliverer.owner)


def disarm(connection: Connection) -> None:
    """Roll a hanging transaction back, and keep its connection from writing ever after."""
    raw: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "sqlite":
        # its time-outs end a statement and an idle transaction, but not one that goes on later
        with connection.engine.connect() as other:
            other.execute(select(func.pg_terminate_backend(raw.info.backend_pid)))
        return
    raw.interrupt()
    raw.rollback()
    raw.execute("PRAGMA query_only=ON")
    connection.connection.invalidate(soft=True)
