"""Idempotency keys: a repeated request gets the answer of the first one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field

from .errors import Refusal


@dataclass
class Known:
    """What was asked and answered under a key."""

    request: str
    answer: tuple[int, str] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


class Repeats:
    """Keep the answers by key, for as long as this server runs."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._lock = threading.Lock()

    def clear(self) -> None:
        """Forget every key."""
        with self._lock:
            self._known.clear()

    @contextmanager
    def under(self, key: str | None, request: str) -> Iterator[Known]:
        """Yield what is known under a key, one request at a time; refuse another request."""
        if key is None:
            yield Known(request)
            return
        with self._lock:
            known = self._known.setdefault(key, Known(request))
        if known.request != request:
            raise Refusal(
                "Keys for idempotent requests can only be used with the same parameters.",
                kind="idempotency_error",
            )
        with known.lock:
            yield known
