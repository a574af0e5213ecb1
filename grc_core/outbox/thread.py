"""The default runner: a background thread in each process that serves requests, no server."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

from sqlalchemy import Connection

from ..clock import Clock
from ..storage.engine import Database
from ..storage.sessions import watched
from .claim import next_due
from .deliver import HANDLER_SECONDS
from .deliver import TASK_SECONDS
from .deliver import Busy
from .deliver import Deliverer
from .deliver import cut_off
from .deliver import disarm
from .leases import Lease
from .runners import Work

log = logging.getLogger("grc")
#: How often to look for what other processes have recorded, and to pull without a hint.
POLL_SECONDS, PULL_SECONDS, HOUSEKEEP_SECONDS = 1.0, 60.0, 300.0
_ALL = frozenset({"orders", "customers"})


class Held:
    """A transaction of repeated work, which others wait for."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._since = 0.0

    def opened(self, connection: Connection) -> None:
        """Note that it has begun."""
        self._connection, self._since = connection, time.monotonic()

    def closed(self) -> None:
        """Note that it is over."""
        self._connection = None

    def too_long(self) -> bool:
        """Tell whether it has been open for longer than any handler may take."""
        return self._connection is not None and time.monotonic() - self._since > HANDLER_SECONDS

    def let_go(self) -> None:
        """Take the database from the work."""
        connection, self._connection = self._connection, None
        if connection is not None:
            disarm(connection)


class ThreadRunner:
    """Start with a process's first request; one process at a time drains a SQLite file."""

    def __init__(self, work: Work, database: Database, clock: Clock) -> None:
        self._work = work
        self._database = database
        self._clock = clock
        self._pid = 0
        self._generation = 0
        self._start_lock = threading.Lock()
        atexit.register(self.stop)

    def request_started(self) -> None:
        """Start the thread unless this very process (not its parent) has one."""
        if self._pid == os.getpid():
            return
        with self._start_lock:
            if self._pid != os.getpid():
                self._reset()
                self._pid = os.getpid()

    def _reset(self) -> None:
        """Forget what belongs to a parent process, and start anew."""
        self._stopping = threading.Event()
        self._condition = threading.Condition()
        self._sources: frozenset[str] = _ALL
        self._woken = True
        self._pull_at = 0.0
        self._housekeep_at = 0.0
        owner = f"{os.getpid()}-{uuid4().hex[:8]}"
        lasts = timedelta(seconds=15)
        self._lease = Lease(self._database, "drain", owner, lasts)
        self._deliverer: Deliverer | None = None
        self._repeating: threading.Thread | None = None
        self._held: Held | None = None
        self._take_charge()
        self._start(self._watch, "grc-watchdog")

    def _take_charge(self) -> None:
        """Start a thread in the place of the one that was in charge, if any."""
        self._generation += 1
        self._thread = self._start(partial(self._loop, self._generation), "grc-runner")

    def _start(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def wake(self, sources: frozenset[str] = frozenset()) -> None:
        """Tell the thread that there is work."""
        if self._pid != os.getpid():
            return
        with self._condition:
            self._sources |= sources
            self._woken = True
            self._condition.notify()

    def request_ended(self) -> None:
        """Leave the visit in memory until there are more."""

    def stop(self) -> None:
        """End the thread after its present delivery and write the visits that wait."""
        if self._pid != os.getpid():
            return
        self._stopping.set()
        self.wake()
        self._pid = 0
        self._thread.join(timeout=3)
        if self._work.ready():
            self._quietly(self._work.flush)
            self._quietly(self._lease.give_up)

    def _loop(self, generation: int) -> None:
        stopping = self._stopping
        while not stopping.is_set() and generation == self._generation:
            with self._condition:
                if not self._woken:
                    self._condition.wait(self._pause())
                sources, self._sources = self._sources, frozenset()
                self._woken = False
            self._quietly(partial(self._round, sources))

    def _pause(self) -> float:
        return max(0.0, min(POLL_SECONDS, self._pull_at - time.monotonic()))

    def _round(self, sources: frozenset[str]) -> None:
        now = time.monotonic()
        if now >= self._housekeep_at:
            self._housekeep_at = now + HOUSEKEEP_SECONDS
            self._work.housekeep()
        if not self._work.ready():
            self._housekeep_at = min(self._housekeep_at, now + 5)
            return
        self._work.flush_due()
        if now >= self._pull_at:
            sources = _ALL
        if sources:
            self._pull(sources)
        if self._may_drain():
            self._drain()
            self._repeat()

    def _pull(self, sources: frozenset[str]) -> None:
        self._pull_at = time.monotonic() + PULL_SECONDS
        wait = self._work.pull(sources)
        if wait is not None:
            self._pull_at = time.monotonic() + wait

    def _may_drain(self) -> bool:
        return not self._database.is_sqlite or self._lease.hold(self._clock())

    def _drain(self) -> None:
        due = next_due(self._database)
        if due is None or due > self._clock():
            return
        self._deliverer = deliverer = self._work.deliverer()
        deliverer.drain(self._stopping.is_set)
        if not deliverer.cut_off.is_set():
            self._deliverer = None

    def _repeat(self) -> None:
        """Run repeated work in a thread of its own: a training may take minutes."""
        at_work = self._repeating is not None and self._repeating.is_alive()
        if not at_work and self._work.repeat_due():
            self._held = held = Held()
            self._repeating = self._start(partial(self._repeat_watched, held), "grc-repeat")

    def _repeat_watched(self, held: Held) -> None:
        with watched(held):
            self._quietly(self._work.repeat)

    def _watch(self) -> None:
        """Cut off a handler that hangs and put another thread in the place of its own."""
        stopping = self._stopping
        while not stopping.wait(0.5):
            deliverer = self._deliverer
            busy = deliverer.busy if deliverer else None
            if deliverer and busy and time.monotonic() - busy.since > _limit(busy):
                self._deliverer = None
                self._quietly(partial(cut_off, deliverer, self._database, self._clock))
                self._take_charge()
            if self._held and self._held.too_long():
                log.error("repeated work keeps the database too long; it is cut off")
                self._quietly(self._held.let_go)

    def _quietly(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            log.exception("the background work stumbled and goes on")
            time.sleep(min(1.0, POLL_SECONDS))


def _limit(busy: Busy) -> float:
    """Return how long work may take: deferred work waits for others' servers."""
    return TASK_SECONDS if busy.connection is None else HANDLER_SECONDS
