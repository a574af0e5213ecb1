"""The time, as one function that tests may replace."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime

#: Returns the present as an aware time.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present in UTC."""
    return datetime.now(UTC)
