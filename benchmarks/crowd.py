"""Many contacts, written in bulk as if events had made them."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from grc_core.people.text import index_words
from grc_core.runtime import Runtime
from grc_core.storage.contact_models import AddressRow
from grc_core.storage.contact_models import ContactOrderRow
from grc_core.storage.contact_models import ContactRow
from grc_core.storage.contact_models import ContactStatsRow
from grc_core.storage.contact_models import EntryRow
from grc_core.storage.contact_models import FieldValueRow
from grc_core.storage.contact_models import IdentityRow
from grc_core.storage.contact_models import TagRow
from grc_core.storage.contact_models import WordRow

_CHUNK = 10_000
_NOW = datetime(2026, 5, 1, tzinfo=UTC)
_FIRST = ("Anne", "Béatrice", "Carl", "Denise", "Émile", "Fatima", "Gilles", "Hélène", "Ivan")
_LAST = ("Tremblay", "Gagnon", "Roy", "Côté", "Bouchard", "Gauthier", "Morin", "Lavoie", "Fortin")
Rows = dict[type[Any], list[dict[str, Any]]]


def seed(grc: Runtime, count: int) -> None:
    """Write so many contacts, each with an order, an address, tags and a value of a field."""
    grc.contacts.fields.define("card", "number")
    grc.contacts.fields.define("size", "choice", choices=("S", "M", "L"))
    for start in range(1, count + 1, _CHUNK):
        rows: Rows = {}
        for number in range(start, min(start + _CHUNK, count + 1)):
            for table, row in _rows_of(number):
                rows.setdefault(table, []).append(row)
        with grc.database.write() as connection:
            for table, some in rows.items():
                connection.execute(insert(table), some)


def _rows_of(number: int) -> Iterator[tuple[type[Any], dict[str, Any]]]:
    at = _NOW - timedelta(minutes=number)
    name = f"{_FIRST[number % 9]} {_LAST[number // 9 % 9]} {number}"
    email = f"person{number}@example.com"
    mine = {"contact_id": number}
    yield ContactRow, {"id": number, "root_id": number, "kind": "customer", "name": name,
                       "since": at, "changed_at": at}  # fmt: skip
    yield IdentityRow, {"kind": "customer", "value": str(number), "at": at, **mine}
    yield AddressRow, {"email": email, "verified": True, "at": at, **mine}
    for word in index_words(name, [email]):
        yield WordRow, {"word": word, "root_id": number, **mine}
    for tag in ("everybody", f"tenth-{number % 10}", f"rare-{number % 5000}"):
        yield TagRow, {"tag": tag, "root_id": number, **mine}
    for field, value in ((1, str(number)), (2, "SML"[number % 3])):
        yield FieldValueRow, {"field_id": field, "root_id": number, "value": value,
                              "search": value.lower(), **mine}  # fmt: skip
    yield ContactOrderRow, {"order_id": f"o{number}", "cursor": "1", "state": "paid",
                            "placed_at": at, "currency": "CAD", "total": 1000, "refunded": 0,
                            "margin": 300, **mine}  # fmt: skip
    yield ContactStatsRow, {"orders": 1, "revenue": 1000, "refunded": 0, "margin": 300,
                            "first_order_at": at, "last_order_at": at, **mine}  # fmt: skip
    yield EntryRow, {"channel": "web", "kind": "order", "at": at, "summary": "o", "data": {},
                     "key": f"order:o{number}", "counts": False, **mine}  # fmt: skip
