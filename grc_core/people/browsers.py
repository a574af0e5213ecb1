"""Which browsers are known to be a customer's, without reading the rest of the contact."""

from sqlalchemy import Connection
from sqlalchemy import bindparam
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ..storage.contact_models import ContactRow
from ..storage.contact_models import IdentityRow

_mine, _theirs = aliased(IdentityRow), aliased(IdentityRow)
_one, _other = aliased(ContactRow), aliased(ContactRow)
# Made once: a consent plugin asks for every event.
_VISITORS = (
    select(_theirs.value)
    .select_from(_mine)
    .join(_one, _one.id == _mine.contact_id)
    .join(_other, _other.root_id == _one.root_id)
    .join(_theirs, _theirs.contact_id == _other.id)
    .where(
        _mine.kind == "customer", _mine.value == bindparam("customer"), _theirs.kind == "visitor"
    )
    .order_by(_theirs.at)
)


def visitors_of(connection: Connection, customer_id: str) -> list[str]:
    """Return the visitors' ids of a customer, the oldest first."""
    return list(connection.scalars(_VISITORS, {"customer": customer_id}))
