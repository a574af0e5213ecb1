"""Rate limits of plugins' pages, per address and process."""

import time
from functools import cached_property
from ipaddress import IPv6Address
from ipaddress import IPv6Network
from threading import Lock
from typing import TYPE_CHECKING

from werkzeug.exceptions import TooManyRequests

if TYPE_CHECKING:  # 60 ms that most processes never need
    from limits.strategies import SlidingWindowCounterRateLimiter


class Limiter:
    """Count requests in a sliding window; each process counts its own, and forgets what is over.

    A key that is an address of IPv6 counts for its network of 64 bits, which is what one
    customer of a provider has at the least.
    """

    def __init__(self) -> None:
        # The library's storage starts a timer without one: two threads may start it twice.
        self._lock = Lock()

    @cached_property
    def _window(self) -> "SlidingWindowCounterRateLimiter":
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        # Not the moving window: that of the memory keeps an entry per key for ever.
        return SlidingWindowCounterRateLimiter(MemoryStorage())

    def check(self, limit: str, *keys: str) -> None:
        """Raise TooManyRequests, saying when to come back, once `limit` (`10/minute`) is hit."""
        from limits import parse

        item = parse(limit)
        grouped = [_grouped(key) for key in keys]
        with self._lock:
            if self._window.hit(item, *grouped):
                return
            reset = self._window.get_window_stats(item, *grouped).reset_time
        raise TooManyRequests(retry_after=max(1, int(reset - time.time()) + 1))


def _grouped(key: str) -> str:
    """Return the network of an IPv6 address, the address mapped into one, or the key itself."""
    if ":" not in key:
        return key
    try:
        address = IPv6Address(key.partition("%")[0])
    except ValueError:
        return key
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Network((int(address), 64), strict=False))
