"""Find who was erased already, among identities that a restored backup brought back."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy import select

from ..purposes import Personal
from ..storage.contact_models import AddressRow
from ..storage.contact_models import IdentityRow
from ..values import Subject
from .declared import is_anonymous
from .matching import column_of
from .matching import kind_of

_CHUNK = 1000
Key = tuple[str, str]
Recognise = Callable[[Sequence[Key]], set[Key]]


def matches(
    connection: Connection, declared: Iterable[Personal], recognise: Recognise
) -> Iterator[Subject]:
    """Yield who is stored, here or by a plugin, and was erased."""
    yield from _of(_stored(connection), recognise)
    for one in declared:
        if kind_of(one) != "contact":
            yield from _of(_declared(connection, one), recognise)


def _stored(connection: Connection) -> Iterator[Key]:
    query = select(IdentityRow.kind, IdentityRow.value)
    yield from ((kind, value) for kind, value in connection.execute(query))
    for email in connection.scalars(select(AddressRow.email).distinct()):
        yield "guest", email


def _declared(connection: Connection, declared: Personal) -> Iterator[Key]:
    stored = {"customer": "customer", "email": "guest", "visitor": "visitor"}
    query = select(column_of(declared, declared.by)).distinct()
    for value in connection.scalars(query):
        if is_anonymous(value):
            continue
        kind, _, id = str(value).partition(":")
        yield (stored[kind], id) if kind in stored and id else (
            stored[kind_of(declared)], str(value)
        )  # fmt: skip


def _of(keys: Iterator[Key], recognise: Recognise) -> Iterator[Subject]:
    spoken = {"guest": "email"}
    batch: list[Key] = []
    for key in keys:
        batch.append(key)
        if len(batch) == _CHUNK:
            yield from (Subject(spoken.get(kind, kind), id) for kind, id in recognise(batch))
            batch.clear()
    yield from (Subject(spoken.get(kind, kind), id) for kind, id in recognise(batch))
