"""Carriers that know every number: each has a journey of its own, and goes on while one looks."""

import json
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path
from threading import Lock
from zlib import crc32

from .carriers import ZONE
from .carriers import Carriers
from .steps import Journey
from .steps import Scan

#: Steps with their places; most parcels go through the first.
STORIES: tuple[tuple[tuple[str, str, str], ...], ...] = (
    (
        ("announced", "RIMOUSKI", "QC"),
        ("picked_up", "RIMOUSKI", "QC"),
        ("moving", "LEVIS", "QC"),
        ("moving", "MONTREAL", "QC"),
        ("out", "TORONTO", "ON"),
        ("delivered", "TORONTO", "ON"),
        ("signed", "TORONTO", "ON"),
    ),
    (
        ("announced", "RIMOUSKI", "QC"),
        ("picked_up", "RIMOUSKI", "QC"),
        ("moving", "QUEBEC", "QC"),
        ("delayed", "MONTREAL", "QC"),
        ("moving", "OTTAWA", "ON"),
        ("out", "OTTAWA", "ON"),
        ("delivered", "OTTAWA", "ON"),
    ),
    (
        ("announced", "RIMOUSKI", "QC"),
        ("picked_up", "RIMOUSKI", "QC"),
        ("moving", "MONCTON", "NB"),
        ("out", "HALIFAX", "NS"),
        ("attempted", "HALIFAX", "NS"),
        ("waiting", "HALIFAX", "NS"),
        ("delivered", "HALIFAX", "NS"),
    ),
)
#: Between two steps that lie in the past when a number is first asked for.
_APART = timedelta(hours=7)
_PROMISED = timedelta(days=3)


class Demo(Carriers):
    """Make up a journey for each number; one step every `pace`."""

    def __init__(self, pace: timedelta, remembered: Path | None = None) -> None:
        super().__init__()
        self._pace, self._file = pace, remembered
        self._began: dict[str, float] = {}
        self._lock = Lock()
        if remembered is not None and remembered.exists():
            self._began = json.loads(remembered.read_text("utf-8"))

    def journey(self, number: str) -> Journey | None:
        """Return how far a number has come by now."""
        return self.at(number, datetime.now(UTC))

    def at(self, number: str, now: datetime) -> Journey:
        """Return how far a number has come at a time."""
        began = self._first(number, now)
        draw = crc32(number.encode())
        story = STORIES[max(0, draw % 5 - 2)]
        before = draw // 5 % 4 + 1
        scans = [
            Scan(step, self._time(began, place - before).astimezone(ZONE), city, region)
            for place, (step, city, region) in enumerate(story)
        ]
        told = [scan for scan in scans if scan.at <= now]
        return Journey(told, (scans[0].at + _PROMISED).date(), "Expedited")

    def _time(self, began: datetime, steps: int) -> datetime:
        """Return when a step is; those of the past lie hours apart, the others one pace."""
        return began + steps * (self._pace if steps > 0 else _APART)

    def _first(self, number: str, now: datetime) -> datetime:
        """Return when a number was first asked for, to the second."""
        with self._lock:  # every question has a thread of its own
            if number not in self._began:
                self._began[number] = int(now.timestamp())
                if self._file is not None:
                    self._file.write_text(json.dumps(self._began), "utf-8")
        return datetime.fromtimestamp(self._began[number], UTC)
