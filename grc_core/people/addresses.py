"""E-mail addresses of contacts: several each, shared by several, some of them dead."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy.orm import aliased

from ..clock import Clock
from ..storage.contact_models import AddressRow
from ..storage.contact_models import BounceRow
from ..storage.contact_models import ContactRow
from ..storage.contact_models import SuppressionRow
from ..storage.contact_models import WordRow
from .text import NAME
from .text import cut
from .text import email_of
from .text import index_words
from .work import Work
from .work import inserting


class Addresses:
    """Tell what is known of addresses, whoever has them."""

    def __init__(self, work: Work, clock: Clock) -> None:
        self._work = work
        self._clock = clock

    def bounce(self, email: str, reason: str) -> None:
        """Remember that an address refuses mail for good."""
        row = {
            "email": email_of(email),
            "reason": cut(reason, NAME) or "refused",
            "at": self._clock(),
        }
        with self._work.writing() as connection:
            connection.execute(inserting(connection, BounceRow).on_conflict_do_nothing(), row)

    def revive(self, email: str) -> None:
        """Forget that an address refused mail."""
        with self._work.writing() as connection:
            connection.execute(delete(BounceRow).where(BounceRow.email == email_of(email)))

    def bounced(self, email: str) -> str | None:
        """Return why an address refuses mail, or None."""
        with self._work.reading() as connection:
            query = select(BounceRow.reason).where(BounceRow.email == email)
            return connection.scalar(query)

    def suppressed(self, email: str) -> str | None:
        """Return why anybody with this address gets no promotion now, or None."""
        now = self._clock()
        person, root = aliased(ContactRow), aliased(ContactRow)
        query = (
            select(SuppressionRow.reason)
            .join(person, person.id == SuppressionRow.contact_id)
            .join(root, root.root_id == person.root_id)
            .join(AddressRow, AddressRow.contact_id == root.id)
            .where(AddressRow.email == email)
            .where(or_(SuppressionRow.until.is_(None), SuppressionRow.until > now))
            .limit(1)
        )
        with self._work.reading() as connection:
            return connection.scalar(query)

    def unsubscribed(self, email: str) -> bool:
        """Tell whether anybody with this address has unsubscribed."""
        query = (
            select(ContactRow.id)
            .join(AddressRow, AddressRow.contact_id == ContactRow.id)
            .where(AddressRow.email == email, ContactRow.unsubscribed_at.is_not(None))
            .limit(1)
        )
        with self._work.reading() as connection:
            return connection.scalar(query) is not None


def add_address(
    connection: Connection, contact_id: int, email: str, verified: bool, at: datetime
) -> bool:
    """Give a contact an address, or make it its newest; return whether that changed anything.

    What was verified once stays verified.
    """
    mine = (AddressRow.email == email, AddressRow.contact_id == contact_id)
    row = connection.execute(select(AddressRow.verified, AddressRow.at).where(*mine)).first()
    if row is not None and row.at >= at and (row.verified or not verified):
        return False
    values = {
        "verified": verified or (row is not None and row.verified),
        "at": at if row is None else max(at, row.at),
    }
    new = inserting(connection, AddressRow).on_conflict_do_update(
        index_elements=["email", "contact_id"], set_=values
    )
    connection.execute(new, {"email": email, "contact_id": contact_id, **values})
    return True


def verified_owners(connection: Connection, email: str) -> Sequence[int]:
    """Return the contacts that have proven an address."""
    query = select(AddressRow.contact_id).where(AddressRow.email == email, AddressRow.verified)
    return connection.scalars(query.order_by(AddressRow.contact_id)).all()


def reindex(connection: Connection, contact_id: int) -> None:
    """Write the words by which a contact is found anew."""
    mine = select(ContactRow.name, ContactRow.root_id).where(ContactRow.id == contact_id)
    name, root = connection.execute(mine).one()
    owned = select(AddressRow.email).where(AddressRow.contact_id == contact_id)
    known = select(WordRow.word).where(WordRow.contact_id == contact_id)
    wanted = index_words(name, connection.scalars(owned))
    present = set(connection.scalars(known))
    gone = present - wanted
    if gone:
        connection.execute(
            delete(WordRow).where(WordRow.contact_id == contact_id, WordRow.word.in_(gone))
        )
    rows = [{"word": word, "root_id": root, "contact_id": contact_id} for word in wanted - present]
    if rows:
        connection.execute(inserting(connection, WordRow).on_conflict_do_nothing(), rows)
