"""Business hours: nights, weekends, holidays, summer time."""

from datetime import UTC
from datetime import date
from datetime import datetime

import pytest

from grc_faq.calendar import Calendar

TORONTO = Calendar("America/Toronto", 9, 17)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("asked", "hours", "due"),
    [
        ("2026-11-17T10:00-05:00", 2, "2026-11-17T12:00-05:00"),
        ("2026-11-17T16:00-05:00", 2, "2026-11-18T10:00-05:00"),
        ("2026-11-17T23:00-05:00", 1, "2026-11-18T10:00-05:00"),
        ("2026-11-20T16:00-05:00", 2, "2026-11-23T10:00-05:00"),
        ("2026-11-21T12:00-05:00", 8, "2026-11-23T17:00-05:00"),
        ("2026-10-30T16:00-04:00", 2, "2026-11-02T10:00-05:00"),
        ("2026-11-17T09:00-05:00", 24, "2026-11-19T17:00-05:00"),
    ],
)
def test_hours_count_while_the_shop_works(asked: str, hours: int, due: str) -> None:
    found = TORONTO.after(at(asked), hours)
    assert found == at(due)
    assert found.tzinfo is UTC


def test_holidays_do_not_count() -> None:
    closed = Calendar("America/Toronto", 9, 17, holidays=[date(2026, 12, 25)])
    assert closed.after(at("2026-12-24T16:00-05:00"), 2) == at("2026-12-28T10:00-05:00")


def test_a_shop_that_never_works_still_gets_an_answer() -> None:
    assert Calendar(days=()).after(at("2026-01-01T00:00+00:00"), 1) > at("2030-01-01T00:00+00:00")
