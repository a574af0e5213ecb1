"""Everything that brings the shop's events in."""

import logging
import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from typing import Any

from ..adapter import Adapter
from ..adapter import Unreadable
from ..outbox.accept import Outbox
from ..storage.engine import Database
from .cursors import position
from .cursors import remember
from .orders import OrderIntake
from .orders import Taken
from .pages import BrokenStream
from .pages import Pages
from .signups import SignUpIntake

log = logging.getLogger("grc")
_SOURCES = frozenset({"orders", "customers"})
#: In a shop where orders never stop, waiting for the youngest would never end.
_PATIENCE = 5
#: Told how far a long piece of work has come: what, and how many so far.
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a pull found."""

    orders: int = 0
    customers: int = 0
    events: int = 0
    unreadable: int = 0
    deliveries: int = 0
    wait: float | None = None


class Intake:
    """Pull orders and customers; the shop's own data is the truth."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        adapter: Adapter,
        orders: OrderIntake,
        signups: SignUpIntake,
        clock: Callable[[], datetime],
        overlap: float,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._adapter = adapter
        self._orders = orders
        self._signups = signups
        self._clock = clock
        self._overlap = timedelta(seconds=overlap)
        #: when this process last read all that was asked for
        self.pulled_at: datetime | None = None

    def pull(self, sources: frozenset[str]) -> SyncReport:
        """Read what is new or changed since an overlap ago."""
        self._learn_baselines()
        taken, signups = Taken(), 0
        try:
            if "orders" in sources and self._adapter.has("orders"):
                taken = self._pull_orders()
        finally:  # what is wrong with the orders does not hold up the customers
            if "customers" in sources and self._adapter.has("customers"):
                signups = self._pull_customers()
        events = taken.events + signups
        self.pulled_at = self._clock()
        return SyncReport(taken.orders, signups, events, taken.unreadable, wait=taken.wait)

    def sync(self) -> SyncReport:
        """Pull everything now, waiting for orders that are too young to be read."""
        report = self.pull(_SOURCES)
        for _ in range(_PATIENCE):
            if report.wait is None:
                break
            time.sleep(report.wait + 0.01)
            report = _sum(report, self.pull(_SOURCES))
        return report

    def prime(self, progress: Progress = lambda part, count: None) -> None:
        """Make everything that is there before GRC known, so that it is never taken for new."""
        self._learn_baselines()
        for part in ("orders", "customers"):
            if self._adapter.has(part) and not self._was_read(part):
                self._prime(part, progress)  # a broken source is for the caller to report

    def reread(self) -> Taken:
        """Read open and unreadable orders again, a bounded number."""
        return self._orders.reread() if self._adapter.has("orders") else Taken()

    def _learn_baselines(self) -> None:
        with self._database.read() as connection:
            self._outbox.learn_baselines(connection)

    def _was_read(self, part: str) -> bool:
        with self._database.read() as connection:
            return position(connection, part, self._clock())[0]

    def _primed(self, part: str) -> bool:
        if not self._was_read(part):
            try:
                self._prime(part, lambda name, count: None)
            except BrokenStream as error:
                log.warning("%s cannot be read yet, the next pull tries again: %s", part, error)
                return False
        return True

    def _pull_orders(self) -> Taken:
        if not self._primed("orders"):
            return Taken()
        taken = Taken()
        pages = self._pages("orders", self._adapter.orders)
        for page in self._read(pages):
            taken.add(self._orders.take(page))
        self._remember("orders", _before(taken.held, pages.cursor))
        return taken

    def _pull_customers(self) -> int:
        if not self._primed("customers"):
            return 0
        pages = self._pages("customers", self._adapter.customers)
        found = sum(self._signups.take(page) for page in self._read(pages))
        self._remember("customers", pages.cursor)
        return found

    def _prime(self, part: str, progress: Progress) -> None:
        """Read a source for the first time, making what lies before the baseline known.

        What came after the baseline is left to the next pull, which starts at the first of it.
        """
        stream = self._adapter.orders if part == "orders" else self._adapter.customers
        take = self._orders.take if part == "orders" else self._signups.take
        pages: Pages[Any] = Pages(self._adapter, part, stream, None)
        count, since = 0, self._outbox.since("core")
        now = self._clock()
        recent: list[Any] = []
        for page in pages:
            past = [item for item in page if _is_past(item, since, now)]
            later = [item for item in page if not _is_past(item, since, now)]
            recent += [getattr(item, "cursor", None) for item in later]
            take(past, prime=True)
            count += len(page)
            progress(part, count)
        self._remember(part, self._overlapped(_before(recent, pages.cursor)))

    def _overlapped(self, cursor: Any) -> Any:
        """Go back an overlap where a cursor is a time: something may still be committed late."""
        return cursor - self._overlap if isinstance(cursor, datetime) else cursor

    def _pages(self, part: str, stream: Callable[[Any], Iterator[Any]]) -> Pages[Any]:
        with self._database.read() as connection:
            _, after = position(connection, part, self._clock() - self._overlap)
        return Pages(self._adapter, part, stream, after)

    def _read(self, pages: Pages[Any]) -> Iterator[list[Any]]:
        try:
            yield from pages
        except BrokenStream as error:
            log.warning("a source of the shop broke off, the next pull goes on: %s", error)

    def _remember(self, part: str, cursor: Any) -> None:
        now = self._clock()
        with self._database.write() as connection:
            remember(connection, part, cursor, now, now - self._overlap)


def _before(waiting: list[Any], cursor: Any) -> Any:
    """Return a position that does not lie behind anything that still has to be read."""
    known = [item for item in waiting if item is not None]
    try:
        return min([*known, cursor]) if cursor is not None else cursor
    except TypeError:
        return cursor


def _is_past(item: Any, since: datetime | None, now: datetime) -> bool:
    """Tell whether something was there before; a time to come is a clock or a zone that is off."""
    if isinstance(item, Unreadable):
        return True
    at = getattr(item, "placed_at", None) or getattr(item, "created_at", None)
    return since is None or at is None or at < since or at > now


def _sum(one: SyncReport, two: SyncReport) -> SyncReport:
    return SyncReport(
        max(one.orders, two.orders),
        one.customers + two.customers,
        one.events + two.events,
        max(one.unreadable, two.unreadable),
        wait=two.wait,
    )
