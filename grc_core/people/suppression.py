"""Suppression: no promotion reaches a contact with an open problem."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy import or_
from sqlalchemy import select

from ..clock import Clock
from ..errors import InvalidContact
from ..storage.contact_models import SuppressionRow
from .contact import Contact
from .text import NAME
from .text import clean
from .work import Work
from .work import inserting
from .work import members
from .work import root_of


class Suppressions:
    """Suppress contacts, each reason by itself: lifting one leaves the others."""

    def __init__(self, work: Work, clock: Clock) -> None:
        self._work = work
        self._clock = clock

    def suppress(self, contact: Contact | str, reason: str, until: datetime | None = None) -> None:
        """Send a contact no promotion until a time, or until the reason is lifted."""
        reason = clean(reason, "a reason", NAME)
        if not reason:
            raise InvalidContact("a suppression needs a reason, such as 'complaint 17'")
        if until is not None and until.tzinfo is None:
            raise InvalidContact(f"until={until!r} has no time zone")
        with self._work.writing() as connection:
            row = {
                "contact_id": root_of(connection, contact),
                "reason": reason,
                "since": self._clock(),
                "until": until,
            }
            new = inserting(connection, SuppressionRow).on_conflict_do_update(
                index_elements=["contact_id", "reason"], set_={"until": until}
            )
            connection.execute(new, row)

    def lift(self, contact: Contact | str, reason: str | None = None) -> int:
        """End the suppressions for a reason, or all; return how many there were."""
        with self._work.writing() as connection:
            group = list(members(connection, [root_of(connection, contact)]))
            mine = delete(SuppressionRow).where(SuppressionRow.contact_id.in_(group))
            if reason is not None:
                mine = mine.where(SuppressionRow.reason == clean(reason, "a reason", NAME))
            return connection.execute(mine).rowcount

    def is_suppressed(self, contact: Contact | str, now: datetime | None = None) -> bool:
        """Tell whether a contact gets no promotion at a time, now by default."""
        at = now or self._clock()
        with self._work.reading() as connection:
            group = list(members(connection, [root_of(connection, contact)]))
            query = select(SuppressionRow.reason).where(
                SuppressionRow.contact_id.in_(group),
                or_(SuppressionRow.until.is_(None), SuppressionRow.until > at),
            )
            return connection.scalar(query.limit(1)) is not None
