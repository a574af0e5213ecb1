"""Repeated work: each `@every` runs once per interval, whichever process comes first."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from ..adapter import Adapter
from ..loading import Contribution
from ..loading import Tables
from ..storage.engine import Database
from ..storage.models import ScheduleRow
from ..storage.sessions import writing

log = logging.getLogger("grc")


class Schedule:
    """Run what is due of the plugins' repeated work."""

    def __init__(
        self,
        tables: Tables,
        database: Database,
        adapter: Adapter,
        clock: Callable[[], datetime],
    ) -> None:
        self._tables = tables
        self._database = database
        self._adapter = adapter
        self._clock = clock

    def is_due(self) -> bool:
        """Tell whether the time of any piece of work has come."""
        return bool(self._due())

    def run_due(self) -> int:
        """Run each piece of work whose time has come; return how many ran."""
        return sum(self._run(item, planned) for item, planned in self._due())

    def _due(self) -> list[tuple[Contribution, datetime | None]]:
        work = [item for item in self._tables.repeated if item.on]
        if not work:
            return []
        query = select(ScheduleRow.plugin, ScheduleRow.task, ScheduleRow.next_at)
        with self._database.read() as connection:
            rows = connection.execute(query)
            known = {(plugin, task): next_at for plugin, task, next_at in rows}
        now = self._clock()
        planned = [(item, known.get((item.loaded.name, item.name))) for item in work]
        return [(item, at) for item, at in planned if at is None or at <= now]

    def _run(self, item: Contribution, planned: datetime | None) -> bool:
        if not self._take(item, planned, self._clock()):
            return False
        error: str | None = None
        try:
            with writing(self._database), self._adapter.outside():
                item.call()
        except (Exception, SystemExit) as failure:
            error = f"{type(failure).__name__}: {failure}"
            log.exception("plugin %s: repeated work %s failed", item.loaded.name, item.name)
        self._note(item, error)
        return True

    def _take(self, item: Contribution, planned: datetime | None, now: datetime) -> bool:
        """Move the next time forward first, so that no other process runs it too."""
        after = now + item.options.interval
        where = (ScheduleRow.plugin == item.loaded.name, ScheduleRow.task == item.name)
        with self._database.write() as connection:
            if planned is None:
                if connection.scalar(select(ScheduleRow.next_at).where(*where)) is not None:
                    return False
                row = {"plugin": item.loaded.name, "task": item.name, "next_at": after}
                connection.execute(insert(ScheduleRow).values(**row))
                return True
            moved = update(ScheduleRow).where(*where, ScheduleRow.next_at == planned)
            return connection.execute(moved.values(next_at=after)).rowcount == 1

    def _note(self, item: Contribution, error: str | None) -> None:
        where = (ScheduleRow.plugin == item.loaded.name, ScheduleRow.task == item.name)
        with self._database.write() as connection:
            done = update(ScheduleRow).where(*where)
            connection.execute(done.values(last_at=self._clock(), error=error))
