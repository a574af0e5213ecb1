"""What the console's plots hand to the script that draws them."""

import json
from datetime import UTC
from datetime import date
from datetime import datetime

from grc_core.console.plots import Plot
from grc_core.console.plots import Series


def drawn(*x: object) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        Plot("Orders", x, [Series("orders", list(range(len(x))))]).json
    )
    return found


def test_names_stand_side_by_side() -> None:
    found = drawn("pairs", "ease", "popularity")
    assert found["data"] == [[0, 1, 2], [0, 1, 2]]
    assert found["names"] == ["pairs", "ease", "popularity"]
    assert found["time"] is False


def test_times_and_dates_are_seconds() -> None:
    day = datetime(2026, 5, 1, tzinfo=UTC)
    assert drawn(day, date(2026, 5, 1))["data"] == [[day.timestamp()] * 2, [0, 1]]
    assert drawn(day)["time"] is True


def test_numbers_stay_numbers() -> None:
    found = drawn(1, 2.5)
    assert found["data"] == [[1.0, 2.5], [0, 1]]
    assert found["names"] is None
