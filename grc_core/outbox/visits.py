"""Visits: gathered in memory and written in batches, so that a page view costs no transaction."""

import json
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from .. import codec
from ..events import Visit
from ..purposes import Purpose
from ..storage.engine import Database
from ..storage.models import DeliveryRow
from ..storage.models import EventRow
from ..values import Subject
from .accept import Outbox

log = logging.getLogger("grc")
FLUSH_COUNT, FLUSH_SECONDS, CAPACITY = 200, 5.0, 10_000
#: Words that programs, unlike people's browsers, put into their name.
_BOT = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|scan|fetch|archiv|headless|lighthouse|"
    r"curl|wget|python|java/|go-http|okhttp|libwww|axios|node|php|ruby|scrapy|feed",
    re.IGNORECASE,
)


def is_program(user_agent: str, purpose: str) -> bool:
    """Tell whether a request comes from a robot, or a browser that only looks ahead."""
    return not user_agent or "prefetch" in purpose or bool(_BOT.search(user_agent))


@dataclass(frozen=True, slots=True)
class Seen:
    """A visit with who it was and what they had agreed to."""

    visit: Visit
    subject: Subject | None
    consents: Purpose
    at: datetime

    def encode(self) -> dict[str, Any]:
        """Return the visit as JSON types."""
        who = self.subject
        return {
            "visit": codec.encode(self.visit),
            "subject": [who.kind, who.id, who.gpc] if who and who.id else None,
            "consents": self.consents.value,
            "at": self.at.isoformat(),
        }


class VisitBuffer:
    """Hold visits until there are enough, or they are old enough, or the process ends.

    What is in memory is lost on SIGKILL; `lost` counts what did not fit or could not be written.
    """

    def __init__(
        self, database: Database, outbox: Outbox, clock: Callable[[], datetime], durable: bool
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._clock = clock
        self._durable = durable
        self._waiting: deque[Seen] = deque()
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._oldest = 0.0
        self.lost = 0

    def add(self, seen: Seen) -> None:
        """Keep a visit; write when it is time."""
        if not self._outbox.subscribers("on_visit"):
            return
        self._own()
        with self._lock:
            if not self._waiting:
                self._oldest = time.monotonic()
            if len(self._waiting) >= CAPACITY:
                self.lost += 1
                return
            self._waiting.append(seen)
        if self._durable or len(self._waiting) >= FLUSH_COUNT:
            self.flush()

    def _own(self) -> None:
        """Leave to a parent process what it had gathered before it forked."""
        if self._pid != os.getpid():
            self._pid, self._lock, self._waiting = os.getpid(), threading.Lock(), deque()

    def flush_due(self) -> int:
        """Write what waits if it is enough, or old enough."""
        return self.flush() if self._due() else 0

    def _due(self) -> bool:
        waiting = len(self._waiting)
        if not waiting:
            return False
        old = time.monotonic() - self._oldest >= FLUSH_SECONDS
        return self._durable or waiting >= FLUSH_COUNT or old

    def flush(self) -> int:
        """Write what waits as one event; return how many visits it holds."""
        self._own()
        with self._lock:
            batch, self._waiting = list(self._waiting), deque()
        if not batch:
            return 0
        try:
            self._write(batch)
        except Exception:
            with self._lock:
                room = CAPACITY - len(self._waiting)
                self.lost += max(0, len(batch) - room)
                self._waiting.extendleft(reversed(batch[:room]))
                self._oldest = time.monotonic()
            log.warning("visits could not be written and are kept for now", exc_info=True)
            return 0
        return len(batch)

    def _write(self, batch: list[Seen]) -> None:
        now = self._clock()
        payload = json.dumps([seen.encode() for seen in batch], ensure_ascii=False)
        row = {"type": "on_visit", "key": uuid4().hex, "version": Visit.version, "gpc": False,
               "consents": Purpose.NECESSARY.value, "historical": False, "occurred_at": now,
               "accepted_at": now, "payload": payload}  # fmt: skip
        with self._database.write() as connection:
            new = insert(EventRow).values(**row).returning(EventRow.id)
            id = connection.execute(new).scalar_one()
            deliveries = [
                {"event_id": id, "subscriber": item.loaded.name, "state": "pending",
                 "attempts": 0, "run_at": now}
                for item in self._outbox.subscribers("on_visit")
                if self._outbox.since(item.loaded.name) is not None
            ]  # fmt: skip
            if deliveries:
                connection.execute(insert(DeliveryRow), deliveries)
