"""Orders as they are pulled: new ones become events, changed ones what changed."""

import logging
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import DataError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import StatementError

from ..adapter import Adapter
from ..adapter import Unreadable
from ..consent import Gate
from ..events import Occurrence
from ..events import OrderPlaced
from ..outbox.accept import Outbox
from ..outbox.accept import Report
from ..outbox.accept import known_keys
from ..purposes import Purpose
from ..storage.engine import Database
from ..storage.models import OrderRow
from ..storage.models import UnreadableRow
from ..values import Order
from ..values import Subject
from .changes import changes
from .changes import is_changed
from .changes import snapshot

log = logging.getLogger("grc")
SOURCE = "orders"
#: Ids asked of the database at once.
_CHUNK = 500
#: What a database, or its driver, says of a value that it cannot hold.
_UNSTORABLE = (DataError, StatementError, ValueError, OverflowError)
#: How many orders at most are read again one by one in an hour.
REREAD_LIMIT, REREAD_AFTER, REREAD_DAYS = 100, timedelta(hours=1), timedelta(days=90)


@dataclass(slots=True)
class Taken:
    """What became of a page of orders."""

    events: int = 0
    orders: int = 0
    unreadable: int = 0
    #: seconds until the youngest order is old enough to be read
    wait: float | None = None
    #: cursors of orders that wait: the position must stay before them
    held: list[Any] = field(default_factory=list)

    def add(self, other: "Taken") -> None:
        """Count another page in."""
        self.events += other.events
        self.orders += other.orders
        self.unreadable += other.unreadable
        waits = [wait for wait in (self.wait, other.wait) if wait is not None]
        self.wait = min(waits, default=None)
        self.held += other.held


class OrderIntake:
    """Compare orders with what is known of them, and record what happened."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        adapter: Adapter,
        gate: Gate,
        clock: Callable[[], datetime],
        settle: float,
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._adapter = adapter
        self._gate = gate
        self._clock = clock
        self._settle = settle

    def take(self, page: Sequence[Order | Unreadable], *, prime: bool = False) -> Taken:
        """Record a page of orders; `prime` makes them known without telling anybody."""
        taken = Taken()
        readable = [item for item in page if isinstance(item, Order)]
        broken = [item for item in page if isinstance(item, Unreadable) and item.id]
        settled = readable if prime else self._settled(readable, taken)
        for start in range(0, len(settled), _CHUNK):
            chunk = settled[start : start + _CHUNK]
            try:
                taken.events += self._record(chunk, prime)
            except OperationalError:
                raise  # the database, not a value: the next pull tries again
            except _UNSTORABLE as error:
                log.warning("a page of orders is recorded one by one: %s", error)
                broken += self._one_by_one(chunk, prime, taken)
        taken.orders, taken.unreadable = len(settled), len(broken)
        self._quarantine(broken, [order.id for order in settled])
        return taken

    def _one_by_one(self, orders: Sequence[Order], prime: bool, taken: "Taken") -> list[Unreadable]:
        """Record each order on its own; return those that cannot be stored."""
        broken = []
        for order in orders:
            try:
                taken.events += self._record([order], prime)
            except _UNSTORABLE as error:
                broken.append(Unreadable(order.id, f"{type(error).__name__}: {error}"))
        return broken

    def _settled(self, orders: list[Order], taken: Taken) -> list[Order]:
        """Leave out orders that may not be complete yet; they come with the next pull."""
        now, ready = self._clock(), []
        for order in orders:
            age = (now - order.placed_at).total_seconds()
            # a time in the future is a clock or a zone that is off, not a young order
            young = 0 <= age < self._settle
            if order.lines and not young:
                ready.append(order)
            elif young:
                wait = self._settle - age
                taken.wait = wait if taken.wait is None else min(wait, taken.wait)
                taken.held.append(order.cursor)
            else:
                taken.held.append(order.cursor)
        return ready

    def _record(self, orders: Sequence[Order], prime: bool) -> int:
        now = self._clock()
        with self._database.read() as connection:
            rows = _known_rows(connection, [order.id for order in orders])
            emitted = self._already(connection, orders, rows)
        changed = [o for o in orders if o.id not in rows or is_changed(o, rows[o.id])]
        if not changed:
            return 0
        pairs = [
            (order, happened)
            for order in changed
            for happened in self._happened(order, rows.get(order.id), order.id in emitted, prime)
        ]
        reports = self._reports(pairs, now, prime)
        with self._database.write() as connection:
            accepted = self._outbox.accept(connection, reports)
            kept = [snapshot(order, now, rows.get(order.id)) for order in changed]
            _save(connection, kept, set(rows))
        return len(accepted)

    def _already(
        self, connection: Connection, orders: Sequence[Order], rows: dict[str, OrderRow]
    ) -> set[str]:
        """Return new orders that the shop has emitted itself."""
        unseen = [order.id for order in orders if order.id not in rows]
        return known_keys(connection, "on_order", unseen) if unseen else set()

    def _happened(
        self, order: Order, row: OrderRow | None, emitted: bool, prime: bool
    ) -> list[Occurrence]:
        placed: list[Occurrence] = [] if row or emitted else [OrderPlaced(order)]
        if row is None and (prime or self._is_past(order)):
            return placed  # what happened to it before is not known, so nothing is told
        return placed + changes(order, row)

    def _is_past(self, order: Order) -> bool:
        since = self._outbox.since("core")
        return since is None or order.placed_at < since

    def _reports(
        self, pairs: Sequence[tuple[Order, Occurrence]], now: datetime, prime: bool
    ) -> list[Report]:
        subjects = {order.id: Subject.of_order(order) for order, _ in pairs}
        with self._adapter.fresh():
            consents = {} if prime else self._gate.many(subjects.values())
        reports = []
        for order, occurrence in pairs:
            subject = subjects[order.id]
            at = order.placed_at if isinstance(occurrence, OrderPlaced) else now
            given = consents.get(subject, Purpose.NECESSARY)
            reports.append(Report(occurrence, at, subject, given, known=prime))
        return reports

    def _quarantine(self, broken: Sequence[Unreadable], readable: Sequence[str]) -> None:
        """Keep what cannot be read for another try, and forget what can be again."""
        with self._database.read() as connection:
            mine = select(UnreadableRow.id).where(UnreadableRow.source == SOURCE)
            kept = set(connection.scalars(mine))
        healed = kept.intersection(readable)
        fresh = {item.id: item for item in broken if item.id not in kept}
        if not healed and not fresh:
            return
        now = self._clock()
        rows = [
            {"source": SOURCE, "id": id, "error": item.error, "since": now, "checked_at": now}
            for id, item in fresh.items()
        ]
        with self._database.write() as connection:
            gone = (UnreadableRow.source == SOURCE, UnreadableRow.id.in_(healed))
            connection.execute(delete(UnreadableRow).where(*gone))
            if rows:
                connection.execute(insert(UnreadableRow), rows)

    def reread(self) -> Taken:
        """Read open and unreadable orders again by id, a bounded number per hour.

        Shops whose cursor does not move at a later change are followed this way.
        """
        now = self._clock()
        ids = self._to_reread(now)
        if not ids:
            return Taken()
        with self._adapter.fresh():
            found = [self._adapter.order_by_id(id) for id in ids]
        taken = self.take([order for order in found if order is not None])
        with self._database.write() as connection:
            for table in (OrderRow, UnreadableRow):
                checked = update(table).where(table.id.in_(ids))
                connection.execute(checked.values(checked_at=now))
        return taken

    def _to_reread(self, now: datetime) -> list[str]:
        stale, recent = now - REREAD_AFTER, now - REREAD_DAYS
        open_orders = (
            select(OrderRow.id)
            .where(OrderRow.open, OrderRow.checked_at < stale, OrderRow.placed_at > recent)
            .order_by(OrderRow.checked_at)
            .limit(REREAD_LIMIT)
        )
        unreadable = (
            select(UnreadableRow.id)
            .where(UnreadableRow.source == SOURCE, UnreadableRow.checked_at < stale)
            .limit(REREAD_LIMIT)
        )
        with self._database.read() as connection:
            return [*connection.scalars(unreadable), *connection.scalars(open_orders)]


def _known_rows(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    columns = (OrderRow.id, OrderRow.state, OrderRow.refunded, OrderRow.undone, OrderRow.tracking)
    rows = connection.execute(select(*columns).where(OrderRow.id.in_(ids)))
    return {row.id: row for row in rows}


def _save(connection: Connection, rows: list[dict[str, Any]], known: set[str]) -> None:
    fresh = {row["id"]: row for row in rows if row["id"] not in known}
    if fresh:
        present = set(connection.scalars(select(OrderRow.id).where(OrderRow.id.in_(fresh))))
        new = [row for id, row in fresh.items() if id not in present]
        if new:
            connection.execute(insert(OrderRow), new)
    changed = [{"key": row["id"], **row} for row in rows if row["id"] in known]
    if changed:
        columns = ("state", "refunded", "undone", "tracking", "open", "checked_at")
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
        statement = update(OrderRow.__table__).where(OrderRow.id == bindparam("key"))  # type: ignore[arg-type]
        renamed = [
            {"key": row["key"], **{f"new_{name}": row[name] for name in columns}} for row in changed
        ]
        connection.execute(statement.values(values), renamed)
