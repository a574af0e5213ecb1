"""The stores: where they are, when they open, and which of them take returns."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from importlib.resources import files
from itertools import groupby

from babel.dates import format_time
from babel.dates import get_day_names

from .locale import current
from .locale import regional

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Opening and closing time.
Span = tuple[time, time]


@dataclass(frozen=True, slots=True)
class Store:
    """A store of the house."""

    key: str
    city: str
    line: str
    region: str
    postcode: str
    phone: str
    #: Whether goods bought on the site may be brought back here.
    returns: bool
    #: English, French.
    texts: tuple[str, str]
    #: By day number, Monday is 0; a closed day is missing.
    hours: Mapping[int, Span]

    @property
    def text(self) -> str:
        """Return what it is good for, in the page's language."""
        return self.texts[current() == "fr"]

    @property
    def timetable(self) -> list[tuple[str, str | None]]:
        """Return days and hours in words, equal days in one row; None where it is closed."""
        names = get_day_names("wide", "stand-alone", locale=regional())
        rows = []
        for hours, group in groupby(range(7), key=self.hours.get):
            days = list(group)
            first, last = names[days[0]].capitalize(), names[days[-1]]
            label = first if len(days) == 1 else f"{first} – {last}"
            rows.append((label, _in_words(hours) if hours else None))
        return rows


@cache
def all_stores() -> tuple[Store, ...]:
    """Return the stores, the first one first."""
    text = (files("shop") / "catalogue" / "stores.toml").read_text("utf-8")
    return tuple(_store(entry) for entry in tomllib.loads(text)["store"])


def taking_returns() -> list[Store]:
    """Return the stores that take goods back."""
    return [store for store in all_stores() if store.returns]


def find(key: str) -> Store | None:
    """Return a store by its key; None for a store that closed since."""
    return next((store for store in all_stores() if store.key == key), None)


def _store(entry: dict[str, object]) -> Store:
    hours, texts = entry.pop("hours"), entry.pop("text")
    if not isinstance(hours, dict) or not isinstance(texts, list):
        raise TypeError(f"stores.toml: {entry['key']} needs a table of hours and two texts")
    spans = {DAYS.index(day): _span(text) for day, text in hours.items()}
    return Store(**entry, texts=(texts[0], texts[1]), hours=spans)  # type: ignore[arg-type]


def _span(text: str) -> Span:
    opening, closing = (time.fromisoformat(f"{part:0>5}") for part in text.split("-"))
    return opening, closing


def _in_words(span: Span) -> str:
    return " – ".join(format_time(moment, "short", locale=regional()) for moment in span)
