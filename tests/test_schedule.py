"""Repeated work runs once per interval, whichever process comes first."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from grc_core import Plugin
from grc_core import every
from grc_core.storage.models import ScheduleRow


class Tidy(Plugin):
    """Tidy up every hour."""

    name = "tidy"

    def __init__(self) -> None:
        self.runs = 0

    @every(hours=1)
    def tidy(self) -> None:
        self.runs += 1
        if self.runs == 2:
            raise RuntimeError("dust")


def test_work_is_repeated_and_a_failure_is_noted(mini: Any) -> None:
    url = mini.databases.url("shared")
    app = mini.make_app([Tidy], GRC_DATABASE_URL=url)
    twin = mini.make_app([Tidy], GRC_DATABASE_URL=url)
    now = [datetime.now(UTC)]
    for one in (app, twin):
        one.extensions["grc"].set_clock(lambda: now[0])
        one.extensions["grc"].refresh()
    runs = []
    for minutes in (0, 30, 61, 61):
        now[0] += timedelta(minutes=minutes)
        runs.append(sum(one.extensions["grc"].schedule.run_due() for one in (app, twin)))
    assert runs == [1, 0, 1, 1]
    with app.extensions["grc"].database.read() as connection:
        row = connection.execute(select(ScheduleRow.__table__)).one()
    assert row.last_at == now[0]
    plugin = app.extensions["grc"].tables.find("tidy").plugin
    assert (row.error == "RuntimeError: dust") is (plugin.runs == 2)


def test_an_interval_below_a_second_is_refused() -> None:
    with pytest.raises(ValueError, match="a second or more"):
        every(seconds=0.1)


class Long(Plugin):
    """Compute for long between a short look and a short note."""

    name = "long"

    def __init__(self) -> None:
        self.locked: list[bool] = []

    @every(hours=1)
    def compute(self) -> None:
        with self.grc.reading():
            self.session.execute(select(ScheduleRow.task)).all()
        self.locked.append(_is_locked(self.grc.database))
        with self.grc.writing():
            self.session.execute(update(ScheduleRow).values(error="noted"))
        self.locked.append(_is_locked(self.grc.database))
        raise RuntimeError("after the note")


def _is_locked(database: Any) -> bool:
    with database.engine.connect() as other:
        on_sqlite = other.dialect.name == "sqlite"
        other.exec_driver_sql("PRAGMA busy_timeout = 1" if on_sqlite else "SET lock_timeout = 1")
        try:
            if on_sqlite:
                other.exec_driver_sql("BEGIN IMMEDIATE")
            other.execute(update(ScheduleRow).values(error="mine"))
        except OperationalError:
            return True
        finally:
            other.rollback()
        return False


def test_long_work_reads_and_writes_in_blocks_and_holds_no_lock_in_between(mini: Any) -> None:
    app = mini.make_app([Long])
    app.extensions["grc"].refresh()
    app.extensions["grc"].schedule.run_due()
    assert app.extensions["grc"].tables.find("long").plugin.locked == [False, False]
