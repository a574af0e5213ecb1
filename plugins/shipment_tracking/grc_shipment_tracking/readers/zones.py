"""Local times of carriers: with a zone where they name one, else with a guess from the place."""

import re
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import tzinfo
from zoneinfo import ZoneInfo

from .documents import Unreadable

#: Hours east of UTC; CSTNO is Saskatchewan, which has no summer time.
_NAMED = {
    "NST": -3.5, "NDT": -2.5, "AST": -4, "ADT": -3, "EST": -5, "EDT": -4, "CST": -6, "CSTNO": -6,
    "CDT": -5, "MST": -7, "MSTNO": -7, "MDT": -6, "PST": -8, "PDT": -7, "UTC": 0, "GMT": 0,
}  # fmt: skip
#: The zone of most people of a province or state.
_REGIONS = {
    "America/St_Johns": "NL",
    "America/Halifax": "NS NB PE",
    "America/Toronto": "ON QC NU",
    "America/Winnipeg": "MB",
    "America/Regina": "SK",
    "America/Edmonton": "AB NT",
    "America/Vancouver": "BC",
    "America/Whitehorse": "YT",
    "America/New_York": "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    "America/Chicago": "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    "America/Denver": "CO ID MT NM UT WY",
    "America/Phoenix": "AZ",
    "America/Los_Angeles": "CA NV OR WA",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
}
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_OFFSET = re.compile(r"([+-])(0[0-9]|1[0-4]):?([0-5][0-9])(?::00)?", re.ASCII)
_BY_REGION = {code: zone for zone, codes in _REGIONS.items() for code in codes.split()}


def moment(
    day: str, time: str, patterns: tuple[str, str], zone: str = "", region: str = ""
) -> tuple[datetime, bool]:
    """Return an aware time, and whether its zone is known; a missing time is midnight.

    `patterns` are those of `strptime` for the day and for the time.
    """
    shape = " ".join(patterns) if time else patterns[0]
    try:
        local = datetime.strptime(f"{day} {time}".strip(), shape)  # noqa: DTZ007
        _believable(local)
    except ValueError:
        raise Unreadable(f"{day!r} {time!r} is not a time") from None
    named = named_zone(zone)
    return local.replace(tzinfo=named or guessed(region)), named is not None and bool(time)


def named_zone(zone: str) -> tzinfo | None:
    """Return the zone of a name such as `EST`, as it is named: `EST` is never summer time."""
    hours = _NAMED.get(zone.strip().upper())
    return None if hours is None else timezone(timedelta(hours=hours))


def shifted(offset: str) -> tzinfo | None:
    """Return the zone of an offset from UTC such as `-05:00`."""
    found = _OFFSET.fullmatch(offset)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))


def guessed(region: str) -> tzinfo:
    """Return the likeliest zone of a province or state, UTC where nothing is known."""
    name = _BY_REGION.get(region.strip().upper())
    return ZoneInfo(name) if name else UTC


def iso(value: str) -> tuple[datetime, bool] | None:
    """Return an ISO 8601 time and whether it had a zone, or None."""
    try:
        found = datetime.fromisoformat(value.strip())
        _believable(found)
    except ValueError:
        return None
    return (found, True) if found.tzinfo else (found.replace(tzinfo=UTC), False)


def _believable(moment: datetime) -> None:
    """Refuse years at the ends of the calendar, where a change of zone overflows."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("no parcel of this year")
