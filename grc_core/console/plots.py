"""Plots of the console; each stands beside the table of what it shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Series:
    """A line of a plot; None is a gap."""

    label: str
    values: Sequence[float | int | None]


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines, or `kind="bars"`, over times, dates, numbers or names.

    `unit` is written at the values.
    """

    title: str
    x: Sequence[Any]
    series: Sequence[Series]
    x_label: str = ""
    unit: str = ""
    kind: str = "lines"

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to see."""
        return not self.x

    @property
    def html_id(self) -> str:
        """Return what the plot's element is called."""
        letters = "".join(item if item.isalnum() else "-" for item in self.title.lower())
        return f"plot-{letters}"

    @property
    def json(self) -> str:
        """Return what the script draws."""
        in_time = any(isinstance(item, date) for item in self.x)
        named = any(isinstance(item, str) for item in self.x)
        x = list(range(len(self.x))) if named else [_number(item) for item in self.x]
        data = [x, *(list(item.values) for item in self.series)]
        labels = [item.label for item in self.series]
        found = {"time": in_time, "data": data, "labels": labels, "unit": self.unit}
        found["names"] = [str(item) for item in self.x] if named else None
        return json.dumps({**found, "kind": self.kind})

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Return the same as rows of a table."""
        return list(zip(self.x, *(item.values for item in self.series), strict=True))


def _number(value: Any) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return float(value)
