"""Days as the shop's clocks have them: their ends, and how people say them."""

from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta

from .promotions.policy import zone


def last_day(now: datetime, days: int, zone_name: str) -> tuple[date, datetime]:
    """Return the day after so many days, and the moment at which it is over."""
    local = zone(zone_name)
    day = now.astimezone(local).date() + timedelta(days=days)
    return day, datetime.combine(day + timedelta(days=1), time(), local)


def said(day: date, locale: str, year: bool = False) -> str:
    """Return a day with its weekday, such as `Friday, November 27`, in a language."""
    from babel.dates import format_date

    french = locale.lower().startswith("fr")
    shape = "EEEE d MMMM" if french else "EEEE, MMMM d"
    more = (" y" if french else ", y") if year else ""
    return format_date(day, shape + more, locale="fr" if french else "en")
