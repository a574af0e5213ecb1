"""Find contacts by words, tag, field, kind, stage and owner: one index drives, the rest filter."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ..errors import InvalidContact
from ..storage.contact_models import ContactRow
from ..storage.contact_models import ContactStatsRow
from ..storage.contact_models import FieldValueRow
from ..storage.contact_models import TagRow
from ..storage.contact_models import WordRow
from .fields import condition
from .stages import in_stage
from .tags import tag_key
from .text import after_prefix
from .text import words

#: Beginnings of words that occur more often than this are all called common.
_COUNTED = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched; everything given must hold."""

    text: str | None = None
    tag: str | None = None
    field: Mapping[str, Any] = field(default_factory=dict)
    kind: str | None = None
    stage: str | None = None
    owner: str | None = None


@dataclass(slots=True)
class _Plan:
    """The column of roots that drives the query, and what else must hold."""

    roots: Any = None
    conditions: list[Any] = field(default_factory=list)

    def index(self, table: Any, *conditions: Any) -> None:
        """Let an index drive the query, or filter if one drives it already."""
        row = aliased(table)
        mine = [build(row) for build in conditions]
        if self.roots is None:
            self.roots = row.root_id
            self.conditions += mine
        else:
            self.conditions.append(exists().where(row.root_id == self.roots, *mine))


def find_roots(
    connection: Connection, wanted: Wanted, now: datetime, after: int, limit: int
) -> list[int]:
    """Return the roots of a page of contacts, ordered by number."""
    plan = _Plan()
    if wanted.tag is not None:
        tag = tag_key(wanted.tag)
        plan.index(TagRow, lambda row: row.tag == tag)
    for name, value in wanted.field.items():
        _by_field(plan, *condition(connection, name, value))
    if wanted.text is not None:
        _by_words(connection, plan, wanted.text)
    query = _base(plan, wanted, now)
    roots = plan.roots
    return list(connection.scalars(query.where(roots > after).order_by(roots).limit(limit)))


def _by_field(plan: _Plan, field_id: int, text: str) -> None:
    plan.index(FieldValueRow, lambda row: row.field_id == field_id, lambda row: row.search == text)


def _by_words(connection: Connection, plan: _Plan, text: str) -> None:
    """Search the beginnings of words, the rarest first: it leaves the fewest."""
    found = sorted(set(words(text)), key=lambda word: (-len(word), word))
    if not found:
        raise InvalidContact(f"there is no word to search for in {text[:40]!r}")
    if len(found) > 1 and plan.roots is None:
        found.sort(key=lambda word: _rarity(connection, word))
    for word in found:
        _by_word(plan, word)


def _rarity(connection: Connection, word: str) -> int:
    """Return how often a beginning occurs, counted up to a bound."""
    some = select(WordRow.root_id).where(WordRow.word >= word, WordRow.word < after_prefix(word))
    return connection.scalar(select(func.count()).select_from(some.limit(_COUNTED).subquery())) or 0


def _by_word(plan: _Plan, word: str) -> None:
    end = after_prefix(word)
    if plan.roots is None:
        plan.index(WordRow, lambda row: row.word >= word, lambda row: row.word < end)
        return
    # concatenated, so that a filter goes by the contact's few words, not by everybody's alike
    row, person = aliased(WordRow), aliased(ContactRow)
    plan.conditions.append(
        exists().where(
            person.root_id == plan.roots,
            row.contact_id == person.id,
            row.word.concat("") >= word,
            row.word.concat("") < end,
        )
    )


def _base(plan: _Plan, wanted: Wanted, now: datetime) -> Select[Any]:
    """Return the query; the contact itself is read only where something of it matters."""
    driven = plan.roots is not None
    if not driven:
        plan.roots = ContactRow.root_id
        plan.conditions.append(ContactRow.merged_into.is_(None))
    query = select(plan.roots).distinct()
    if driven and (wanted.kind or wanted.stage or wanted.owner):
        query = query.join(ContactRow, ContactRow.id == plan.roots)
    if wanted.kind:
        plan.conditions.append(ContactRow.kind == wanted.kind)
    if wanted.owner:
        plan.conditions.append(ContactRow.owner == wanted.owner)
    if wanted.stage:
        stats = ContactStatsRow
        query = query.outerjoin(stats, stats.contact_id == ContactRow.id)
        plan.conditions.append(in_stage(wanted.stage, now))
    return query.where(*plan.conditions)
