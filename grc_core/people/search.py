"""Find contacts by words, tag, field, kind, stage and owner: one index drives, the rest filter."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import Connection
from sqlalchemy import Select
from sqlalchemy import and_
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
from .stages import ORDERED
from .stages import in_stage
from .stages import known_as_person
from .tags import tag_key
from .text import after_prefix
from .text import words

#: What fewer contacts than this have leads to them; the rest is looked up for each.
_RARE = 1000
#: Two beginnings of words that occur less often than this are intersected; with those that
#: occur more often, one contact after the other is looked at, and a page is soon full.
_COMMON = 50_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched; everything given must hold."""

    text: str | None = None
    tag: str | None = None
    field: Mapping[str, Any] = field(default_factory=dict)
    kind: str | None = None
    stage: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class _Criterion:
    """Rows of an index, one of which a contact has to have; beginnings of words are a range."""

    table: Any
    build: Callable[[Any], Sequence[ColumnElement[bool]]]
    word: str | None = None

    def count(self, connection: Connection) -> int:
        """Return how many rows there are, counted up to a bound."""
        some = select(self.table.root_id).where(*self.build(self.table)).limit(_COMMON)
        return connection.scalar(select(func.count()).select_from(some.subquery())) or 0

    def held(self, roots: Any) -> ColumnElement[bool]:
        """Return the condition that the contact with this root has such a row."""
        row = aliased(self.table)
        if self.word is None:
            return exists().where(row.root_id == roots, *self.build(row))
        # concatenated, so that it goes by the contact's few words, not by everybody's alike
        person, said = aliased(ContactRow), row.word.concat("")
        return exists().where(
            person.root_id == roots,
            row.contact_id == person.id,
            said >= self.word,
            said < after_prefix(self.word),
        )

    def among(self, roots: Any) -> ColumnElement[bool]:
        """Return the same condition by way of all such rows, for two common words."""
        row = aliased(self.table)
        among: ColumnElement[bool] = roots.in_(select(row.root_id).where(*self.build(row)))
        return among


def find_roots(
    connection: Connection, wanted: Wanted, now: datetime, after: int, limit: int
) -> list[int]:
    """Return the roots of a page of contacts, ordered by number."""
    criteria = list(_criteria(connection, wanted))
    counted: list[tuple[int, _Criterion]] = []
    if len(criteria) > 1 or wanted.text is not None or (criteria and wanted.stage):
        counted = [(one.count(connection), one) for one in criteria]
        counted.sort(key=lambda pair: pair[0])
        criteria = [one for _, one in counted]
    fewest = counted[0][0] if counted else 0
    roots, conditions, rest = _driver(criteria, wanted, now, fewest)
    together = _RARE <= fewest < _COMMON and roots is not None
    for number, one in enumerate(rest):
        count = counted[number + len(criteria) - len(rest)][0] if counted else 0
        intersected = together and one.word is not None and count < _COMMON
        conditions.append(one.among(roots) if intersected else one.held(roots))
    query = _narrowed(select(roots).distinct(), roots, wanted).where(*conditions)
    return list(connection.scalars(query.where(roots > after).order_by(roots).limit(limit)))


def _criteria(connection: Connection, wanted: Wanted) -> Iterator[_Criterion]:
    if wanted.tag is not None:
        tag = tag_key(wanted.tag)
        yield _Criterion(TagRow, lambda row: [row.tag == tag])
    for name, value in wanted.field.items():
        yield _by_field(*condition(connection, name, value))
    if wanted.text is not None:
        found = sorted(set(words(wanted.text)), key=lambda word: (-len(word), word))
        if not found:
            raise InvalidContact(f"there is no word to search for in {wanted.text[:40]!r}")
        yield from map(_by_word, found)


def _by_field(field_id: int, text: str) -> _Criterion:
    return _Criterion(FieldValueRow, lambda row: [row.field_id == field_id, row.search == text])


def _by_word(word: str) -> _Criterion:
    end = after_prefix(word)
    return _Criterion(WordRow, lambda row: [row.word >= word, row.word < end], word)


def _driver(
    criteria: Sequence[_Criterion], wanted: Wanted, now: datetime, fewest: int
) -> tuple[Any, list[Any], Sequence[_Criterion]]:
    """Return the column of roots that leads, its conditions, and what is looked up for each."""
    staged = in_stage(wanted.stage, now) if wanted.stage else None
    if criteria and (staged is None or fewest < _RARE) and fewest < _COMMON:
        row = aliased(criteria[0].table)
        stage = [] if staged is None else [_staged(wanted, row.root_id, staged)]
        return row.root_id, [*criteria[0].build(row), *stage], criteria[1:]
    if staged is not None:
        roots = ContactStatsRow.contact_id
        return roots, [staged, *_told_apart(wanted, roots)], criteria
    return ContactRow.root_id, [ContactRow.merged_into.is_(None)], criteria


def _staged(wanted: Wanted, roots: Any, staged: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that the contact with this root is in a stage."""
    held = exists().where(ContactStatsRow.contact_id == roots, staged)
    return and_(held, *_told_apart(wanted, roots))


def _told_apart(wanted: Wanted, roots: Any) -> list[ColumnElement[bool]]:
    """Return what tells visitors and prospects apart, whose statistics are alike."""
    if wanted.stage in ORDERED:
        return []
    known = known_as_person(roots)
    return [known if wanted.stage == "prospect" else ~known]


def _narrowed(query: Select[Any], roots: Any, wanted: Wanted) -> Select[Any]:
    """Add what only the contact itself says; it is read only where that matters."""
    if not (wanted.kind or wanted.owner):
        return query
    person = ContactRow
    if roots is not ContactRow.root_id:
        query = query.join(ContactRow, ContactRow.id == roots)
    if wanted.kind:
        query = query.where(person.kind == wanted.kind)
    return query.where(person.owner == wanted.owner) if wanted.owner else query
