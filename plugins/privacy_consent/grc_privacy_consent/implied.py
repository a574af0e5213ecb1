"""Consent that Canada's anti-spam law implies for a while: after a purchase, after an enquiry."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

#: Kinds of entries on the timeline in which somebody asked the shop something.
ENQUIRIES = ("question", "enquiry", "quote", "request")
_YEARS, _MONTHS = 2, 6


def is_implied(ordered_at: datetime | None, asked_at: datetime | None, now: datetime) -> bool:
    """Tell whether two years since the last order or six months since a question still run."""
    return (ordered_at is not None and now < later(ordered_at, years=_YEARS)) or (
        asked_at is not None and now < later(asked_at, months=_MONTHS)
    )


def last_enquiry(entries: Iterable[Any]) -> datetime | None:
    """Return when somebody last asked something, by the entries of a timeline."""
    return max((item.at for item in entries if item.kind in ENQUIRIES), default=None)


def later(at: datetime, years: int = 0, months: int = 0) -> datetime:
    """Return the same day of a later month; its last day where it has fewer."""
    month = at.month - 1 + months
    year, month = at.year + years + month // 12, month % 12 + 1
    for day in range(at.day, 27, -1):
        try:
            return at.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return at.replace(year=year, month=month)
