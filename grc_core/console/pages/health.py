"""How GRC is doing: what lags, what is slow, what is paused, which tables are old."""

import time
from typing import Any

from ...slots.guard import Entry
from ..console import Console
from ..rooms import Rooms
from ..tables import Column
from .figures import events_by_day
from .figures import waiting


def health(console: Console, rooms: Rooms) -> Any:
    """Show the figures of this process, and those of the database that all share."""
    entries = [entry for found in rooms.filler.positions.entries.values() for entry in found]
    widgets = console.table(
        (
            Column("widget", "Widget", search=True),
            Column("slot", "Slot", search=True),
            Column("state", "State", "state"),
            Column("calls", "Calls", "number"),
            Column("p50", "Median (ms)", "number"),
            Column("p95", "95th percentile (ms)", "number"),
            Column("why", "Why"),
        ),
        [_measured(entry) for entry in entries],
        name="widgets",
        title="Widgets of this process",
        sort="-p95",
        row_id="widget",
        empty="No widget was called yet.",
    )
    days = events_by_day(rooms.clock())
    plot = console.plot("Events a day", [day for day, _ in days],
                        {"Events": [count for _, count in days]}, kind="bars")  # fmt: skip
    return "health.html", {
        "waiting": waiting(rooms.clock()),
        "widgets": widgets,
        "plugins": _by_plugin(entries),
        "tables": _tables(rooms),
        "pulled_at": rooms.intake.pulled_at,
        "plot": plot,
    }


def _measured(entry: Entry) -> dict[str, Any]:
    breaker = entry.breaker
    paused = breaker.is_open and time.monotonic() < breaker.open_until
    return {
        "widget": entry.label,
        "slot": entry.slot,
        "state": "paused" if paused else "on" if entry.contribution.on else "off",
        "calls": breaker.histogram.count,
        "p50": round(breaker.histogram.p50 * 1000, 3),
        "p95": round(breaker.histogram.p95 * 1000, 3),
        "why": breaker.why if paused else entry.loaded.off or "",
    }


def _by_plugin(entries: list[Entry]) -> list[tuple[str, int, float]]:
    """Return per plugin its calls and the 95th percentile of its slowest widget, in ms."""
    found: dict[str, tuple[int, float]] = {}
    for entry in entries:
        calls, slowest = found.get(entry.loaded.name, (0, 0.0))
        histogram = entry.breaker.histogram
        found[entry.loaded.name] = (calls + histogram.count, max(slowest, histogram.p95))
    return [(name, calls, round(p95 * 1000, 3)) for name, (calls, p95) in sorted(found.items())]


def _tables(rooms: Rooms) -> list[Any]:
    from ...storage.upgrade import current  # alembic, which the shop's pages never need

    return [item for item in current(rooms.database, rooms.tables) if item.pending or item.error]
