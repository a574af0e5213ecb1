"""Business hours: when an answer is due."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Calendar:
    """When the shop works: hours of a day, days of the week (Monday is 0), and holidays."""

    zone: str = "UTC"
    opens: int = 9
    closes: int = 17
    days: Collection[int] = (0, 1, 2, 3, 4)
    holidays: Collection[date] = ()

    def after(self, moment: datetime, hours: float) -> datetime:
        """Return when so many hours of work have passed since a moment, in UTC.

        Reckoned on the clock of the wall, so that a change to summer time moves nothing.
        """
        now = moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        left = timedelta(hours=hours)
        for _ in range(3660):
            opens = now.replace(hour=0, minute=0, second=0, microsecond=0)
            closes = opens + timedelta(hours=self.closes)
            now = max(now, opens + timedelta(hours=self.opens))
            if self._works(now.date()) and now < closes:
                if left <= closes - now:
                    return self._aware(now + left)
                left -= closes - now
            now = opens + timedelta(days=1)
        return self._aware(now)

    def _works(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays

    def _aware(self, local: datetime) -> datetime:
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
