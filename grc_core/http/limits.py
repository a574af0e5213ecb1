"""Rate limits of plugins' pages, per address and process."""

import time
from functools import cached_property
from typing import TYPE_CHECKING

from werkzeug.exceptions import TooManyRequests

if TYPE_CHECKING:  # 60 ms that most processes never need
    from limits.strategies import MovingWindowRateLimiter


class Limiter:
    """Count requests in a moving window; each process counts its own."""

    @cached_property
    def _window(self) -> "MovingWindowRateLimiter":
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        return MovingWindowRateLimiter(MemoryStorage())

    def check(self, limit: str, *keys: str) -> None:
        """Raise TooManyRequests, saying when to come back, once `limit` (`10/minute`) is hit."""
        from limits import parse

        item = parse(limit)
        if self._window.hit(item, *keys):
            return
        reset = self._window.get_window_stats(item, *keys).reset_time
        raise TooManyRequests(retry_after=max(1, int(reset - time.time()) + 1))
