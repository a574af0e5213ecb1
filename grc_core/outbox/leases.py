"""Elections: what only one process at a time should do, for as long as its lease lasts."""

from datetime import datetime
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..storage.engine import Database
from ..storage.models import LeaseRow
from ..storage.upsert import upsert


class Lease:
    """A named lease; a holder that dies is replaced when it runs out."""

    def __init__(self, database: Database, name: str, owner: str, lasts: timedelta) -> None:
        self._database = database
        self._name = name
        self._owner = owner
        self._lasts = lasts
        self._until: datetime | None = None

    def hold(self, now: datetime) -> bool:
        """Take or keep the lease; False while another holds it."""
        if self._until is not None and self._until - now > self._lasts / 2:
            return True
        self._until = now + self._lasts if self._try(now) else None
        return self._until is not None

    def _try(self, now: datetime) -> bool:
        row = {"name": self._name, "owner": self._owner, "until": now + self._lasts}
        free = or_(
            LeaseRow.owner == self._owner,
            LeaseRow.until < now,
            LeaseRow.until > now + 2 * self._lasts,  # a clock moved
        )
        with self._database.write() as connection:
            new = upsert(connection.dialect.name, LeaseRow).on_conflict_do_nothing()
            connection.execute(new, row)
            mine = LeaseRow.name == self._name
            connection.execute(update(LeaseRow).where(mine, free).values(**row))
            return connection.scalar(select(LeaseRow.owner).where(mine)) == self._owner

    def give_up(self) -> None:
        """Let another take it at once."""
        if self._until is None:
            return
        mine = (LeaseRow.name == self._name, LeaseRow.owner == self._owner)
        with self._database.write() as connection:
            connection.execute(delete(LeaseRow).where(*mine))
        self._until = None
