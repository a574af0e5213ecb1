"""Failures on request: what a network, and a service under load, do now and then."""

import threading
import time
from dataclasses import dataclass

from .errors import Refusal

#: `429` and `500` refuse before anything is done, and `hang` answers nothing for a while;
#: `500_after`, `late` and `reset` come once it is done.
KINDS = ("429", "500", "hang", "500_after", "late", "reset")


class Hangup(Exception):
    """The connection ends without an answer."""


@dataclass
class _Planned:
    kind: str
    where: str
    times: int


class Mishaps:
    """What goes wrong next; each is used up as often as it was planned."""

    def __init__(self) -> None:
        self._planned: list[_Planned] = []
        self._lock = threading.Lock()
        #: seconds that a late answer takes, and that nothing is heard
        self.late = 2.0

    def clear(self) -> None:
        """Let nothing more go wrong."""
        with self._lock:
            self._planned.clear()

    def plan(self, kind: str, where: str = "", times: int = 1) -> None:
        """Let the next requests fail whose `METHOD /path` begins with `where`."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is none of {', '.join(KINDS)}")
        with self._lock:
            self._planned.append(_Planned(kind, where, times))

    def before(self, request: str) -> str | None:
        """Refuse a request, or return the mishap that comes after it is done."""
        kind = self._take(request)
        if kind == "429":
            raise Refusal("Too many requests.", status=429, code="rate_limit")
        if kind == "500":
            raise Refusal("Something went wrong.", status=500, kind="api_error")
        if kind == "hang":
            time.sleep(self.late)
            raise Hangup
        return kind

    def after(self, kind: str | None) -> None:
        """Spoil the answer of a request that was done."""
        if kind == "late":
            time.sleep(self.late)
        elif kind == "reset":
            raise Hangup
        elif kind == "500_after":
            raise Refusal("Something went wrong.", status=500, kind="api_error")

    def _take(self, request: str) -> str | None:
        with self._lock:
            for item in self._planned:
                if request.startswith(item.where) and item.times > 0:
                    item.times -= 1
                    return item.kind
        return None
