"""How well the knowledge base serves, in all and week by week."""

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from . import models

_WEEK = timedelta(days=7)


@dataclass(slots=True)
class Tally:
    """What was counted in a span of time; `hours` are those that answers took."""

    searches: int = 0
    misses: int = 0
    empty: int = 0
    asked: int = 0
    answered: int = 0
    automatic: int = 0
    hours: list[float] = field(default_factory=list)

    @property
    def coverage(self) -> float | None:
        """Return the share of searches with a good answer."""
        return _share(self.searches - self.misses, self.searches)

    @property
    def zero_results(self) -> float | None:
        """Return the share of searches that showed nothing at all."""
        return _share(self.empty, self.searches)

    @property
    def deflection(self) -> float | None:
        """Return the share of searches after which nobody asked."""
        return _share(max(0, self.searches - self.asked), self.searches)

    @property
    def automatic_share(self) -> float | None:
        """Return the share of answers that no person had to give."""
        return _share(self.automatic, self.answered)

    @property
    def hours_to_answer(self) -> float | None:
        """Return the median of the hours that people waited for a person's answer."""
        return sorted(self.hours)[len(self.hours) // 2] if self.hours else None

    def values(self) -> dict[str, float | None]:
        """Return the indicators by name."""
        return {
            "searches": self.searches,
            "coverage": self.coverage,
            "zero_results": self.zero_results,
            "deflection": self.deflection,
            "hours_to_answer": self.hours_to_answer,
            "automatic_share": self.automatic_share,
        }


def indicators(session: Any, since: date | None = None) -> dict[str, float | None]:
    """Return the indicators, of all time unless `since` says from when."""
    found = Tally()
    for _, tally in _counted(session, since):
        _add(found, tally)
    return found.values()


def weekly(session: Any, now: datetime, weeks: int = 12) -> tuple[list[date], list[Tally]]:
    """Return the first days of the last weeks, the oldest first, and what each counted."""
    first = now.date() - weeks * _WEEK + timedelta(days=1)
    tallies = [Tally() for _ in range(weeks)]
    for day, tally in _counted(session, first):
        week = (day - first).days // 7
        if 0 <= week < weeks:
            _add(tallies[week], tally)
    return [first + number * _WEEK for number in range(weeks)], tallies


def percent(values: Iterable[float | None]) -> list[float | None]:
    """Return shares as a plot shows them."""
    return [None if value is None else round(100 * value, 1) for value in values]


def _counted(session: Any, since: date | None) -> Sequence[tuple[date, Tally]]:
    day = models.Day
    query = select(day.day, day.searches, day.misses, day.empty, day.asked)
    question = models.Question
    done = select(question.asked_at, question.answered_at, question.automatic).where(
        question.status == models.ANSWERED, question.answered_at.is_not(None)
    )
    if since is not None:
        query = query.where(day.day >= since.isoformat())
        start = datetime.fromisoformat(f"{since.isoformat()}T00:00:00+00:00")
        done = done.where(question.answered_at >= start)
    found = [(date.fromisoformat(name), Tally(*counts)) for name, *counts in session.execute(query)]
    for asked, answered, automatic in session.execute(done):
        hours = [] if automatic else [(answered - asked).total_seconds() / 3600]
        tally = Tally(answered=1, automatic=int(automatic), hours=hours)
        found.append((answered.date(), tally))
    return found


def _add(total: Tally, more: Tally) -> None:
    for name in ("searches", "misses", "empty", "asked", "answered", "automatic", "hours"):
        setattr(total, name, getattr(total, name) + getattr(more, name))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
