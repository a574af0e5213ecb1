"""Names and languages of contacts, as the shop states them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy import update

from ..storage.contact_models import ContactRow
from ..storage.core import table_of
from ..values import Customer
from .text import NAME
from .text import TAG
from .text import cut
from .work import chunks

_CONTACT = table_of(ContactRow)
_COLUMNS = ("name", "locale", "changed_at")
_KNOWN = select(_CONTACT.c.id, *(_CONTACT.c[name] for name in _COLUMNS)).where(
    _CONTACT.c.id.in_(bindparam("people", expanding=True))
)
_CHANGED = (
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("person"))
    .values({name: bindparam(f"new_{name}") for name in _COLUMNS})
)


def take_in(connection: Connection, stated: Sequence[tuple[int, Customer, datetime]]) -> set[int]:
    """Keep what contacts are called; return whose name changed.

    What is known stays, unless the shop has authenticated the person and says so later than the
    contact was changed last.
    """
    known: dict[int, dict[str, Any]] = {}
    for part in chunks(list(dict.fromkeys(id for id, _, _ in stated))):
        rows = connection.execute(_KNOWN, {"people": part}).mappings()
        known |= {row["id"]: dict(row) for row in rows}
    before = {id: dict(row) for id, row in known.items()}
    for id, customer, at in stated:
        _update(known[id], customer, at)
    changed = [row for id, row in known.items() if row != before[id]]
    if changed:
        rows_ = [{"person": row["id"], **{f"new_{name}": row[name] for name in _COLUMNS}}
                 for row in changed]  # fmt: skip
        connection.execute(_CHANGED, rows_)
    return {row["id"] for row in changed if row["name"] != before[row["id"]]["name"]}


def _update(row: dict[str, Any], customer: Customer, at: datetime) -> None:
    newer = customer.verified and at > row["changed_at"]
    for what, text in (("name", cut(customer.name, NAME)), ("locale", cut(customer.locale, TAG))):
        if text and text != row[what] and (newer or not row[what]):
            row[what] = text
            if newer:
                row["changed_at"] = at
