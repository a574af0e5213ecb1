"""How values are written for people, in the language of the page and the shop's time zone."""

from collections.abc import Mapping
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from ..rendering import current_locale
from ..values import Money

_TONES = {
    "good": {"on", "done", "sent", "ok", "up to date", "shows", "delivered", "active", "closed"},
    "bad": {"dead", "failed", "bounced", "overdue", "missing", "broken", "paused", "open"},
    "busy": {"pending", "claimed", "queued", "sending", "waiting", "running", "off", "old", "late"},
}
#: What a cell without a value shows.
NOTHING = "–"


def shown(value: Any, kind: str = "text", zone: str = "UTC") -> Markup | str:
    """Return a value as people read it; `kind` is that of a column."""
    if value is None or value == "":
        return NOTHING
    if hasattr(value, "__html__"):
        return Markup("{}").format(value)
    locale = current_locale().replace("-", "_")
    if isinstance(value, datetime):
        return _time(value, locale, zone)
    if isinstance(value, date):
        return str(_babel_dates().format_date(value, "medium", locale=locale))
    if isinstance(value, Money):
        return value.format(locale)
    if kind == "duration" and isinstance(value, timedelta | int | float):
        seconds = value.total_seconds() if isinstance(value, timedelta) else value
        whole = timedelta(seconds=round(seconds))
        return str(_babel_dates().format_timedelta(whole, locale=locale, threshold=1))
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _number(value, kind, locale)
    return _words(value)


def _number(value: int | float | Decimal, kind: str, locale: str) -> str:
    from babel import numbers  # here, since what the shop's pages need starts first

    if kind == "percent":
        rounded = round(float(value), 3)
        return str(numbers.format_percent(rounded, locale=locale, decimal_quantization=False))
    if kind == "id":
        return str(value)
    return str(numbers.format_decimal(value, "#,##0.###", locale=locale))


def _babel_dates() -> Any:
    from babel import dates

    return dates


def _time(value: datetime, locale: str, zone: str) -> Markup:
    dates, local = _babel_dates(), value.astimezone(ZoneInfo(zone))
    day = dates.format_date(local, "medium", locale=locale)
    text = f"{day}, {dates.format_time(local, 'short', locale=locale)}"
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), text)


def _words(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {shown(item)}" for name, item in value.items()) or NOTHING
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(shown(item)) for item in value) or NOTHING
    return str(value)


def plain(value: Any) -> str:
    """Return a value for a file of a spreadsheet, where nothing may be taken for a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Money):
        return str(value.decimal)
    if isinstance(value, int | float | Decimal):
        return str(value)
    text = Markup("{}").format(value).striptags() if hasattr(value, "__html__") else _words(value)
    text = "" if text == NOTHING else text
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def tone(state: object) -> str:
    """Return how good a state is: `good`, `bad`, `busy`, or `plain` for any other word."""
    if isinstance(state, bool):
        return "good" if state else "plain"
    return next((name for name, words in _TONES.items() if str(state) in words), "plain")
