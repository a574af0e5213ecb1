"""Clocks and medians: what is compared is measured in turns, so that both meet the same noise."""

import time
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Clock = Callable[[], float]
#: CPU of the whole process, other threads included.
CPU: Clock = time.process_time
#: For rates, where waiting for the disk and for locks counts too.
WALL: Clock = time.perf_counter
#: Rounds that are not measured.
WARM = 5


@dataclass(frozen=True, slots=True)
class Samples:
    """Durations in seconds."""

    seconds: Sequence[float]

    @property
    def p50(self) -> float:
        """Return the median."""
        return median(self.seconds)

    @property
    def p95(self) -> float:
        """Return the 95th percentile."""
        return self.quantile(0.95)

    @property
    def longest(self) -> float:
        """Return the longest duration."""
        return max(self.seconds)

    def quantile(self, part: float) -> float:
        """Return the smallest sample that so large a part of all does not exceed."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    def beyond(self, other: "Samples") -> "Samples":
        """Return how much longer each was than the other's of the same round."""
        return Samples([a - b for a, b in zip(self.seconds, other.seconds, strict=True)])

    def spread(self) -> str:
        """Return median and 95th percentile in milliseconds."""
        return f"p50 {self.p50 * 1e3:.3f}, p95 {self.p95 * 1e3:.3f} ms"


def timed(work: Callable[[], object], clock: Clock = CPU) -> float:
    """Return the seconds that one call takes."""
    started = clock()
    work()
    return clock() - started


def interleaved(
    works: Sequence[Callable[[], object]], rounds: int, clock: Clock = CPU, warm: int = WARM
) -> list[Samples]:
    """Measure each piece of work once per round; every round starts with another one."""
    found: list[list[float]] = [[] for _ in works]
    for _ in range(warm):
        for work in works:
            work()
    for number in range(rounds):
        for step in range(len(works)):
            index = (number + step) % len(works)
            found[index].append(timed(works[index], clock))
    return [Samples(seconds) for seconds in found]
