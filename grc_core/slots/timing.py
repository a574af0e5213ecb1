"""How long a widget takes: a histogram of bounded size, and the breaker that looks at it."""

import time

_PARTS = 4
_BUCKETS = 32 * _PARTS
_DECAY_AT = 1024


class Histogram:
    """Count durations in buckets a quarter of a power of two wide; old ones fade."""

    __slots__ = ("_counts", "count")

    def __init__(self) -> None:
        self._counts = [0] * _BUCKETS
        self.count = 0

    def record(self, seconds: float) -> None:
        """Count one duration."""
        micros = int(seconds * 1_000_000)
        exponent = micros.bit_length()
        index = exponent * _PARTS
        if exponent >= 3:
            index += (micros >> (exponent - 3)) & 3
        self._counts[index if index < _BUCKETS else -1] += 1
        self.count += 1
        if self.count >= _DECAY_AT:
            self._counts = [number >> 1 for number in self._counts]
            self.count = sum(self._counts)

    def quantile(self, fraction: float) -> float:
        """Return the upper bound, in seconds, of the bucket in which a quantile lies."""
        wanted = fraction * self.count
        seen = 0
        for index, number in enumerate(self._counts):
            seen += number
            if number and seen >= wanted:
                return _upper(index)
        return 0.0

    def clear(self) -> None:
        """Forget every duration."""
        self._counts = [0] * _BUCKETS
        self.count = 0

    @property
    def p50(self) -> float:
        """Return the median in seconds."""
        return self.quantile(0.5)

    @property
    def p95(self) -> float:
        """Return the 95th percentile in seconds."""
        return self.quantile(0.95)


def _upper(index: int) -> float:
    exponent, part = divmod(index, _PARTS)
    if exponent < 3:
        return (1 << exponent) / 1_000_000
    return ((5 + part) << (exponent - 3)) / 1_000_000


class Breaker:
    """Pause what keeps failing or has become slow, and try it again after a while.

    After a pause one call is let through: it closes the breaker or starts another pause.
    """

    __slots__ = ("_failures", "_probing", "histogram", "open_until", "why")

    #: failures in a row that start a pause
    FAILURES = 5
    #: seconds of the 95th percentile that start one
    SLOW = 0.25
    #: calls between two looks at the percentile
    LOOK_EVERY = 32
    #: seconds of a pause
    PAUSE = 60.0

    def __init__(self) -> None:
        self.histogram = Histogram()
        self._failures = 0
        self._probing = False
        self.open_until = 0.0
        self.why = ""

    @property
    def is_open(self) -> bool:
        """Tell whether calls are held back at the moment."""
        return self.open_until > 0

    def allows(self) -> bool:
        """Tell whether a call may be made now."""
        if self.open_until == 0.0:
            return True
        now = time.monotonic()
        if now < self.open_until:
            return False
        # Others keep waiting while one call tries.
        self.open_until = now + self.PAUSE
        self._probing = True
        return True

    def succeeded(self, seconds: float) -> bool:
        """Note a call that worked; return whether its slowness has just started a pause."""
        histogram = self.histogram
        histogram.record(seconds)
        if self._failures or self._probing:
            self._failures, self._probing = 0, False
            self.open_until = self.open_until if seconds > self.SLOW else 0.0
        if histogram.count % self.LOOK_EVERY or histogram.p95 <= self.SLOW:
            return False
        return self._trip(f"its p95 is {histogram.p95:.3f} s")

    def failed(self, seconds: float) -> bool:
        """Note a call that raised; return whether this has just started a pause."""
        self.histogram.record(seconds)
        self._failures += 1
        if self._probing or self._failures >= self.FAILURES:
            return self._trip(f"it failed {self._failures} times in a row")
        return False

    def undecided(self) -> None:
        """Note a call that tells nothing: if it was the one to try after a pause, another may."""
        if self._probing:
            self._probing = False
            self.open_until = time.monotonic()

    def _trip(self, why: str) -> bool:
        self.why = why
        self.open_until = time.monotonic() + self.PAUSE
        self._probing = False
        self.histogram.clear()
        return True
