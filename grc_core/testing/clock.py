"""A clock that tests move."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta


class Clock:
    """Stand still until a test moves on; given to an app by `runtime.set_clock`."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def forward(self, **by: float) -> None:
        """Move on: `forward(days=2, hours=1)`."""
        self.now += timedelta(**by)
