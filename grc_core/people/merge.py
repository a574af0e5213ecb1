"""Merge contacts by pointing from one to the other, so that an undo restores both exactly."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from ..errors import InvalidContact
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import FieldValueRow
from ..storage.contact_models import MergeRow
from ..storage.contact_models import TagRow
from ..storage.contact_models import WordRow
from .contact import Merge
from .stats import Statistics
from .text import NAME
from .text import clean

_TABLE = MergeRow.__table__


class Merges:
    """Merge and undo, in a transaction that is given."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def merge(
        self, connection: Connection, kept: int, merged: int, reason: str, at: datetime
    ) -> Merge:
        """Let one root speak for another's group; raises InvalidContact if it does already."""
        if kept == merged:
            raise InvalidContact(f"these are one contact already ({kept}); nothing to merge")
        moved = subtree(connection, merged)
        connection.execute(
            update(ContactRow).where(ContactRow.id == merged).values(merged_into=kept)
        )
        connection.execute(delete(ContactStatsRow).where(ContactStatsRow.contact_id == merged))
        set_root(connection, moved, kept)
        values = {"kept_id": kept, "merged_id": merged, "at": at}
        values["reason"] = clean(reason, "a reason", NAME)
        new = insert(MergeRow).values(**values, undone_at=None).returning(MergeRow.id)
        id = connection.execute(new).scalar_one()
        self._statistics.recount(connection, [kept])
        return _merge(connection, id)

    def undo(self, connection: Connection, id: int, at: datetime) -> Merge:
        """Take a merge back; both groups are what they would be without it."""
        found = _merge(connection, id)
        if found.undone_at is not None:
            raise InvalidContact(f"merge {id} was undone already")
        kept, merged = int(found.kept_id), int(found.merged_id)
        connection.execute(
            update(ContactRow).where(ContactRow.id == merged).values(merged_into=None)
        )
        set_root(connection, subtree(connection, merged), merged)
        connection.execute(update(MergeRow).where(MergeRow.id == id).values(undone_at=at))
        self._statistics.recount(connection, [kept, merged])
        return _merge(connection, id)

    def of(self, connection: Connection, contacts: Sequence[int]) -> list[Merge]:
        """Return the merges that concern contacts, the newest first."""
        either = or_(_TABLE.c.kept_id.in_(contacts), _TABLE.c.merged_id.in_(contacts))
        query = select(_TABLE).where(either).order_by(_TABLE.c.id.desc())
        return [_value(row) for row in connection.execute(query)]


def was_undone(connection: Connection, one: int, two: int) -> bool:
    """Tell whether somebody said that these two are not the same."""
    pair = (one, two)
    query = select(MergeRow.id).where(
        MergeRow.kept_id.in_(pair), MergeRow.merged_id.in_(pair), MergeRow.undone_at.is_not(None)
    )
    return connection.scalar(query.limit(1)) is not None


def subtree(connection: Connection, top: int) -> list[int]:
    """Return a contact and everybody merged into it, directly or not."""
    found = [top]
    level = [top]
    while level:
        query = select(ContactRow.id).where(
            ContactRow.merged_into.in_(level), ContactRow.root_id != ContactRow.id
        )
        level = list(connection.scalars(query.order_by(ContactRow.id)))
        found += level
    return found


def set_root(connection: Connection, contacts: Sequence[int], root: int) -> None:
    """Write who speaks for contacts, also where they are searched."""
    mine = ContactRow.id.in_(contacts)
    connection.execute(update(ContactRow).where(mine).values(root_id=root))
    for table in (WordRow, TagRow, FieldValueRow):
        statement = update(table).where(table.contact_id.in_(contacts))
        connection.execute(statement.values(root_id=root))


def _merge(connection: Connection, id: int) -> Merge:
    row = connection.execute(select(_TABLE).where(_TABLE.c.id == id)).first()
    if row is None:
        raise InvalidContact(f"there is no merge {id}; see: flask grc contacts show <id>")
    return _value(row)


def _value(row: Any) -> Merge:
    return Merge(
        str(row.id), str(row.kept_id), str(row.merged_id), row.reason, row.at, row.undone_at
    )
