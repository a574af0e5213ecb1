"""The one place that asks what time it is, so that tests can set it."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta


def now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


def add_business_days(start: date, days: int) -> date:
    """Return the date that lies so many working days (Monday to Friday) after another."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < 5:
            days -= 1
    return day
