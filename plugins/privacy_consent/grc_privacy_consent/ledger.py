"""The proof: each choice is an entry whose hash covers the one before, with a key kept elsewhere.

Whoever owns the database cannot remake the chain without the key. What was cut off at the end is
seen by the row `Head`; to be sure of that too, write the head down somewhere else now and then.
"""

import hmac
import json
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .models import Entry
from .models import Head
from .models import Wording

#: What the first entry stands on.
ORIGIN = "0" * 64
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Deed:
    """What is written down of a choice: all texts."""

    at: str
    consent_id: str
    action: str
    purposes: str
    about: str
    interface: str
    gpc: str
    locale: str
    text_hash: str
    version: str


_FIELDS = tuple(item.name for item in fields(Deed))
_COLUMNS = tuple(getattr(Entry, name) for name in ("seq", *_FIELDS, "hash"))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a verification found: how many entries, the head, and the first bad one, if any."""

    entries: int
    head: str
    bad: int | None = None
    reason: str = ""


def instant(at: datetime) -> str:
    """Return a time as the ledger writes it."""
    return at.isoformat(timespec="seconds")


def lock(session: Session) -> Head:
    """Return the end of the ledger, which nobody else moves until the transaction is over."""
    session.flush()
    found = session.get(Head, 1, with_for_update=True, populate_existing=True)
    if found is None:  # the first entry of all, perhaps in two processes at once
        dialect = session.get_bind().dialect.name
        insert = import_module(f"sqlalchemy.dialects.{dialect}").insert(Head)
        first = insert.values(id=1, seq=0, hash=ORIGIN)
        session.execute(first.on_conflict_do_nothing())
        found = session.get_one(Head, 1, with_for_update=True, populate_existing=True)
    return found


def keep_text(session: Session, text: str) -> str:
    """Keep a text that people were shown, once, and return its hash; under the ledger's lock."""
    digest = sha256(text.encode()).hexdigest()
    if session.get(Wording, digest) is None:
        session.add(Wording(text_hash=digest, text=text))
    return digest


def append(session: Session, key: bytes, deed: Deed) -> Entry:
    """Add an entry at the end of the chain, in the transaction at hand."""
    head = lock(session)
    values = {name: getattr(deed, name) for name in _FIELDS}
    digest = _hash(key, head.hash, head.seq + 1, [*values.values()])
    entry = Entry(seq=head.seq + 1, hash=digest, **values)
    session.add(entry)
    head.seq, head.hash = entry.seq, digest
    return entry


def verify(session: Session, keys: Sequence[bytes], anchor: str | None = None) -> Finding:
    """Follow the chain from its beginning and name the first entry that does not fit.

    `anchor` is a head that was written down elsewhere; it must have been reached.
    """
    number, last = 0, ORIGIN
    reached = anchor in (None, ORIGIN)
    texts: dict[str, bool] = {}
    for seq, row in _rows(session):
        number += 1
        if row is None:
            return Finding(number - 1, last, seq, "cannot be read")
        if row[0] != number:
            return Finding(number - 1, last, number, "is missing")
        values, stated = list(row[1:-1]), str(row[-1])
        if not any(hmac.compare_digest(_hash(key, last, number, values).encode(), stated.encode())
                   for key in keys):  # fmt: skip
            return Finding(number - 1, last, number, "does not have the hash that it should")
        if not _text_is_whole(session, row[1 + _FIELDS.index("text_hash")], texts):
            return Finding(number - 1, last, number, "names a text that was changed or is gone")
        last = stated
        reached = reached or last == anchor
    if not reached:
        return Finding(number, last, number + 1, "is gone: the head written down is in no entry")
    return _end(session, number, last)


def _end(session: Session, number: int, last: str) -> Finding:
    """Compare the last entry with what the head says."""
    try:
        head = session.execute(select(Head.id, Head.seq, Head.hash)).all()
    except Exception:
        return Finding(number, last, number + 1, "the head cannot be read")
    expected = [(1, number, last)] if number else []
    if [tuple(row) for row in head] != expected and not (number == 0 and head == [(1, 0, ORIGIN)]):
        return Finding(number, last, number + 1, "the head names another end: entries were removed")
    return Finding(number, last)


def _rows(session: Session) -> Iterator[tuple[int, Sequence[Any] | None]]:
    """Yield the entries in order, page by page; None for one that is garbled."""
    after = 0
    while True:
        page = select(*_COLUMNS).where(Entry.seq > after).order_by(Entry.seq).limit(_PAGE)
        try:
            rows: list[tuple[int, Any]] = [(row[0], tuple(row)) for row in session.execute(page)]
        except Exception:
            rows = _one_by_one(session, after)
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1][0]


def _one_by_one(session: Session, after: int) -> list[tuple[int, Any]]:
    """Read a page entry by entry, since one of them is no text any more."""
    numbers = select(Entry.seq).where(Entry.seq > after).order_by(Entry.seq).limit(_PAGE)
    found: list[tuple[int, Any]] = []
    for seq in session.scalars(numbers).all():
        try:
            row = session.execute(select(*_COLUMNS).where(Entry.seq == seq)).one()
        except Exception:
            found.append((seq, None))
            break
        found.append((seq, tuple(row)))
    return found


def _text_is_whole(session: Session, digest: str, known: dict[str, bool]) -> bool:
    if digest not in known:
        try:
            text = session.scalar(select(Wording.text).where(Wording.text_hash == digest))
            known[digest] = text is not None and sha256(text.encode()).hexdigest() == digest
        except Exception:
            known[digest] = False
    return known[digest]


def _hash(key: bytes, before: str, seq: int, values: Sequence[Any]) -> str:
    row = json.dumps([before, seq, *values], ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, row.encode("utf-8", "surrogatepass"), sha256).hexdigest()
