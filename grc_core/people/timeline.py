"""What happened with a contact, through every channel, newest first."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from heapq import merge as merged_sorted
from itertools import islice
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import or_
from sqlalchemy import select

from ..clock import Clock
from ..errors import InvalidContact
from ..errors import nearest
from ..storage.contact_models import ContactRow
from ..storage.contact_models import EntryRow
from .contact import Contact
from .facts import seen_all
from .stats import count_contact
from .text import NAME
from .text import SUMMARY
from .text import TAG
from .text import clean
from .work import Work
from .work import adding
from .work import lock
from .work import members
from .work import root_of

CHANNELS = ("web", "e-mail", "phone", "shop-visit", "sales-force", "letter", "chat")
_DATA_BYTES, _MOST = 10_000, 500
_TABLE = EntryRow.__table__


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened; `operator` is who of the shop's people was in contact."""

    id: str
    contact_id: str
    channel: str
    kind: str
    at: datetime
    summary: str
    data: Mapping[str, Any] = field(default_factory=dict)
    operator: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first; `next` continues after the last one, None at the end."""

    entries: tuple[Entry, ...]
    next: str | None = None


class Timeline:
    """Write and read what happened with contacts."""

    def __init__(self, work: Work, clock: Clock) -> None:
        self._work = work
        self._clock = clock
        self._channels = list(CHANNELS)

    @property
    def channels(self) -> tuple[str, ...]:
        """Return the names of the channels."""
        return tuple(self._channels)

    def add_channel(self, name: str) -> None:
        """Add a channel of the shop's own."""
        name = clean(name, "a channel", TAG)
        if name and name not in self._channels:
            self._channels.append(name)

    def add(
        self,
        contact: Contact | str,
        channel: str,
        kind: str,
        at: datetime | None = None,
        summary: str = "",
        data: Mapping[str, Any] | None = None,
        operator: str | None = None,
        *,
        key: str | None = None,
    ) -> Entry:
        """Write that somebody was in contact; the same `key` is written once.

        `data` holds plain JSON values, 10 KB at most. Raises InvalidContact for an unknown
        contact or channel, a naive time, or text that is too long.
        """
        row = self._row(channel, kind, at, summary, data, operator, key)
        with self._work.writing() as connection:
            row["contact_id"] = root_of(connection, contact)
            id = add_entry(connection, row)
            where = _TABLE.c.id == id if id is not None else _TABLE.c.key == row["key"]
            return _entry(connection.execute(select(_TABLE).where(where)).one())

    def _row(
        self,
        channel: str,
        kind: str,
        at: datetime | None,
        summary: str,
        data: Mapping[str, Any] | None,
        operator: str | None,
        key: str | None,
    ) -> dict[str, Any]:
        if channel not in self._channels:
            hint = nearest(channel, self._channels)
            raise InvalidContact(f"unknown channel {channel!r}{hint}; see timeline.add_channel")
        if at is not None and at.tzinfo is None:
            raise InvalidContact(f"at={at!r} has no time zone")
        return {
            "channel": channel,
            "kind": clean(kind, "a kind of entry", TAG),
            "at": at or self._clock(),
            "summary": clean(summary, "a summary", SUMMARY),
            "data": _plain(data or {}),
            "operator": clean(operator, "an operator", NAME) if operator else None,
            "key": f"own:{key}" if key else None,
            "counts": True,
        }

    def of(
        self,
        contact: Contact | str,
        *,
        channel: str | None = None,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Return a page of a contact's entries, `since` included, `until` not.

        `after` is the `next` of the page before; at most 500 entries come at once.
        """
        limit = max(1, min(limit, _MOST))
        filters = [
            *([_TABLE.c.channel == channel] if channel is not None else []),
            *([_TABLE.c.kind == kind] if kind is not None else []),
            *([_TABLE.c.at >= since] if since is not None else []),
            *([_TABLE.c.at < until] if until is not None else []),
            *_beyond(after),
        ]
        with self._work.reading() as connection:
            group = members(connection, [root_of(connection, contact)])
            found = _newest(connection, list(group), filters, limit + 1)
        rows = found[:limit]
        more = len(found) > limit
        return Page(tuple(_entry(row) for row in rows), _cursor(rows[-1]) if more else None)


def add_entry(connection: Connection, row: dict[str, Any]) -> int | None:
    """Write an entry and count it; None where its key is known already."""
    new = adding(connection, EntryRow).returning(_TABLE.c.id)
    id: int | None = connection.execute(new, row).scalar()
    if id is not None and row["counts"]:
        number = row["contact_id"]
        lock(connection, [number])
        query = select(ContactRow.root_id).where(ContactRow.id == number)
        seen_all(connection, [(number, row["at"])])
        count_contact(connection, connection.execute(query).scalar_one(), row["at"])
    return id


def add_entries(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Write entries of events, which do not count as contacts; known keys are passed over."""
    if rows:
        connection.execute(adding(connection, EntryRow), rows)


def _newest(
    connection: Connection, group: Sequence[int], filters: Sequence[Any], limit: int
) -> list[Any]:
    """Return the newest entries of a group, each member's read along its own index."""
    parts = [connection.execute(_query(id, filters, limit)).all() for id in group]
    ordered = merged_sorted(*parts, key=lambda row: (row.at, row.id), reverse=True)
    return list(islice(ordered, limit))


def _query(contact_id: int, filters: Sequence[Any], limit: int) -> Select[Any]:
    query = select(_TABLE).where(_TABLE.c.contact_id == contact_id, *filters)
    return query.order_by(_TABLE.c.at.desc(), _TABLE.c.id.desc()).limit(limit)


def _cursor(row: Any) -> str:
    return f"{row.at.isoformat()}_{row.id}"


def _beyond(after: str | None) -> list[Any]:
    if after is None:
        return []
    text, _, id = after.rpartition("_")
    try:
        at, number = datetime.fromisoformat(text), int(id)
    except ValueError:
        raise InvalidContact(f"after={after!r} is not the `next` of a page") from None
    if at.tzinfo is None:
        raise InvalidContact(f"after={after!r} is not the `next` of a page")
    return [_TABLE.c.at <= at, or_(_TABLE.c.at < at, _TABLE.c.id < number)]


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(dict(data), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidContact(f"data must be plain JSON values: {error}") from error
    if len(text) > _DATA_BYTES:
        raise InvalidContact(f"data has {len(text)} bytes; {_DATA_BYTES} are allowed")
    plain: dict[str, Any] = json.loads(text)
    return plain


def _entry(row: Any) -> Entry:
    return Entry(
        str(row.id),
        str(row.contact_id),
        row.channel,
        row.kind,
        row.at,
        row.summary,
        row.data,
        row.operator,
    )
