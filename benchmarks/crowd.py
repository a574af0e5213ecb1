"""Many contacts, written in bulk as if events had made them."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from grc_core.people.text import index_words
from grc_core.runtime import Runtime
from grc_core.storage.contact_models import AddressRow
from grc_core.storage.contact_models import ContactOrderRow
from grc_core.storage.contact_models import ContactRow
from grc_core.storage.contact_models import ContactStatsRow
from grc_core.storage.contact_models import ContactVisitRow
from grc_core.storage.contact_models import EntryRow
from grc_core.storage.contact_models import FieldValueRow
from grc_core.storage.contact_models import IdentityRow
from grc_core.storage.contact_models import TagRow
from grc_core.storage.contact_models import WordRow

_CHUNK = 25_000
_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_FIRST = ("Anne", "Béatrice", "Carl", "Denise", "Émile", "Fatima", "Gilles", "Hélène", "Ivan")
_LAST = ("Tremblay", "Gagnon", "Roy", "Côté", "Bouchard", "Gauthier", "Morin", "Lavoie", "Fortin")
#: What is alike for everybody; `_columns` adds the rest.
_ALIKE: dict[type[Any], dict[str, Any]] = {
    ContactRow: {"kind": "customer"},
    IdentityRow: {"kind": "customer"},
    AddressRow: {"verified": True},
    WordRow: {},
    TagRow: {},
    FieldValueRow: {},
    ContactOrderRow: {"cursor": "1", "state": "paid", "currency": "CAD", "total": 1000,
                      "refunded": 0, "margin": 300},
    ContactStatsRow: {"orders": 1, "revenue": 1000, "refunded": 0, "margin": 300, "visits": 1,
                      "contacts": 0},
    EntryRow: {"channel": "web", "kind": "order", "summary": "o", "data": "{}", "counts": False},
    ContactVisitRow: {"day": _NOW.date().isoformat()},
}  # fmt: skip


def seed(grc: Runtime, count: int) -> None:
    """Write so many contacts, each with an order, an address, tags and values of two fields.

    Rows go to the driver as they are, in the order of each table's key: what SQLAlchemy does
    for each row would take longer than the writing.
    """
    grc.contacts.fields.define("card", "number")
    grc.contacts.fields.define("size", "choice", choices=("S", "M", "L"))
    for start in range(1, count + 1, _CHUNK):
        numbers = range(start, min(start + _CHUNK, count + 1))
        with grc.database.write() as connection:
            for model, rows in _tables(numbers):
                _write(connection, model, rows)


def _write(connection: Connection, model: type[Any], rows: list[tuple[Any, ...]]) -> None:
    """Insert rows whose values are those of `_columns`, then what is alike."""
    names = [*_columns(model), *_ALIKE[model]]
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join(mark for _ in names)
    sql = f"INSERT INTO {model.__tablename__} ({columns}) VALUES ({marks})"
    alike = tuple(_ALIKE[model].values())
    connection.exec_driver_sql(sql, [(*row, *alike) for row in sorted(rows)])


def _columns(model: type[Any]) -> tuple[str, ...]:
    return {
        ContactRow: ("id", "root_id", "name", "since", "changed_at"),
        IdentityRow: ("value", "contact_id", "at"),
        AddressRow: ("email", "contact_id", "at"),
        WordRow: ("word", "root_id", "contact_id"),
        TagRow: ("tag", "root_id", "contact_id"),
        FieldValueRow: ("contact_id", "field_id", "root_id", "value", "search"),
        ContactOrderRow: ("order_id", "contact_id", "placed_at"),
        ContactStatsRow: ("contact_id", "first_order_at", "last_order_at"),
        EntryRow: ("contact_id", "at", "key"),
        ContactVisitRow: ("contact_id",),
    }[model]


def _tables(numbers: range) -> Iterator[tuple[type[Any], list[tuple[Any, ...]]]]:
    times = {n: f"{_NOW - timedelta(minutes=n):%Y-%m-%d %H:%M:%S}.000000" for n in numbers}
    people = [(n, f"{_FIRST[n % 9]} {_LAST[n // 9 % 9]} {n}", f"person{n}@example.com")
              for n in numbers]  # fmt: skip
    yield ContactRow, [(n, n, name, times[n], times[n]) for n, name, _ in people]
    yield IdentityRow, [(str(n), n, times[n]) for n in numbers]
    yield AddressRow, [(email, n, times[n]) for n, _, email in people]
    yield WordRow, [(w, n, n) for n, name, email in people for w in index_words(name, [email])]
    yield TagRow, [(tag, n, n) for n in numbers
                   for tag in ("everybody", f"tenth-{n % 10}", f"rare-{n % 5000}")]  # fmt: skip
    yield FieldValueRow, [(n, field, n, value, value.lower()) for n in numbers
                          for field, value in ((1, str(n)), (2, "SML"[n % 3]))]  # fmt: skip
    yield ContactOrderRow, [(f"o{n}", n, times[n]) for n in numbers]
    yield ContactStatsRow, [(n, times[n], times[n]) for n in numbers]
    yield EntryRow, [(n, times[n], f"order:o{n}") for n in numbers]
    yield ContactVisitRow, [(n,) for n in numbers]
