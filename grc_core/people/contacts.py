"""Contacts: one record per person or company, however many accounts, addresses and browsers."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import select
from sqlalchemy import update

from ..clock import Clock
from ..errors import InvalidContact
from ..storage.contact_models import AddressRow
from ..storage.contact_models import ContactOrderRow
from ..storage.contact_models import ContactRow
from ..values import Customer
from ..values import Subject
from .addresses import Addresses
from .addresses import Stated
from .addresses import add_addresses
from .addresses import reindex
from .browsers import visitors_of
from .claims import make_contacts
from .contact import Contact
from .contact import Found
from .contact import Merge
from .fields import Fields
from .identity import Identities
from .kinds import Kinds
from .order_names import called
from .order_names import orders_of
from .permission import Permission
from .permission import Verdict
from .records import read_contacts
from .search import Wanted
from .search import find_roots
from .stats import Statistics
from .suppression import Suppressions
from .tags import Tags
from .text import NAME
from .text import TAG
from .text import clean
from .text import email_key
from .text import email_of
from .work import CHUNK
from .work import Work
from .work import chunks
from .work import members
from .work import number_of
from .work import root_of

__all__ = ["Contact", "Contacts", "Found", "Merge"]
_MOST = 500


class Contacts:
    """Find, keep, join and forget people.

    Within a plugin's hook, route, command or repeated work everything happens in its transaction;
    else each call is one of its own. Where a contact is asked for, its id will do.
    """

    def __init__(
        self,
        work: Work,
        clock: Clock,
        kinds: Kinds,
        identities: Identities,
        statistics: Statistics,
        addresses: Addresses,
        permission: Permission,
    ) -> None:
        self._work = work
        self._clock = clock
        self._kinds = kinds
        self._identities = identities
        self._statistics = statistics
        self._permission = permission
        self.fields = Fields(work)
        self.tags = Tags(work)
        self.suppressions = Suppressions(work, clock)
        self.addresses = addresses
        #: erases a contact everywhere; the privacy room, which stands above this one
        self.forgetting: Callable[[Contact | str], object]

    # Look-ups.

    def by_id(self, id: str) -> Contact | None:
        """Return a contact, or the one that it was merged into."""
        with self._work.reading() as connection:
            query = select(ContactRow.root_id).where(ContactRow.id == (number_of(id) or 0))
            return self._one(connection, connection.scalar(query))

    def by_email(self, email: str) -> list[Contact]:
        """Return everybody with an address: two people may share one."""
        query = (
            select(ContactRow.root_id)
            .join(AddressRow, AddressRow.contact_id == ContactRow.id)
            .where(AddressRow.email == (email_key(email) or ""))
            .distinct()
            .order_by(ContactRow.root_id)
            .limit(_MOST)
        )
        with self._work.reading() as connection:
            return self._read(connection, connection.scalars(query).all())

    def by_order(self, order: str) -> Contact | None:
        """Return who placed an order, named by its id or its number as somebody typed it."""
        query = (
            select(ContactRow.root_id)
            .join(ContactOrderRow, ContactOrderRow.contact_id == ContactRow.id)
            .where(called(str(order)))
            .order_by(ContactOrderRow.placed_at.desc())
            .limit(1)
        )
        with self._work.reading() as connection:
            return self._one(connection, connection.scalar(query))

    def orders_called(self, typed: Iterable[str]) -> dict[str, list[str]]:
        """Return the ids of the orders that people call so, by number or id, the newest first.

        Several orders may have one number, such as in a shop that begins anew each year;
        `id:12` means the id alone. What is no order that the timeline knows is absent.
        """
        with self._work.reading() as connection:
            return orders_of(connection, set(typed))

    def visitors_of(self, customer_id: str) -> list[str]:
        """Return the ids of a customer's browsers, the oldest first, in one statement."""
        with self._work.reading() as connection:
            return visitors_of(connection, customer_id)

    def of(self, subject: Subject) -> Contact | None:
        """Return the contact of a customer, a guest's address or a visitor."""
        with self._work.reading() as connection:
            found = self._identities.known(connection, subject)
            return self._one(connection, self._root(connection, found))

    def search(
        self,
        text: str | None = None,
        *,
        tag: str | None = None,
        field: Mapping[str, Any] | None = None,
        kind: str | None = None,
        stage: str | None = None,
        owner: str | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Found:
        """Return a page of contacts for which everything given holds.

        `text` are beginnings of words of names and addresses, `field` values of custom fields,
        `after` the `next` of the page before; at most 500 come at once.
        """
        limit = max(1, min(limit, _MOST))
        start = 0 if after is None else number_of(after)
        if start is None:
            raise InvalidContact(f"after={after!r} is not the `next` of a page")
        wanted = Wanted(text, tag, field or {}, kind, stage, owner)
        with self._work.reading() as connection:
            roots = find_roots(connection, wanted, self._clock(), start, limit + 1)
            found = self._read(connection, roots[:limit])
        more = len(roots) > limit
        return Found(tuple(found), str(roots[limit - 1]) if more else None)

    # Changes.

    def save(
        self,
        contact: Contact | str | None = None,
        *,
        name: str | None = None,
        email: str | None = None,
        kind: str | None = None,
        locale: str | None = None,
        owner: str | None = None,
        verified: bool = False,
    ) -> Contact:
        """Write a new contact, or what is given of an existing one; an empty text clears.

        An address is added as the newest one; say that it is `verified` only where somebody has
        read mail that was sent to it. Raises InvalidContact for text that is
        too long, an unknown kind or something that is no address.
        """
        changes = self._changes(name, kind, locale, owner)
        address = email_of(email) if email else None
        now = self._clock()
        with self._work.writing() as connection:
            if contact is None:
                [id] = make_contacts(connection, [(kind or "prospect", now)])
            else:
                id = root_of(connection, contact)
            changed = update(ContactRow).where(ContactRow.id == id)
            connection.execute(changed.values(changed_at=now, **changes))
            if address:
                add_addresses(connection, [Stated(id, address, verified, now)])
            reindex(connection, [id])
            return self._sure(connection, id)

    def _changes(
        self, name: str | None, kind: str | None, locale: str | None, owner: str | None
    ) -> dict[str, Any]:
        given = {"name": (name, NAME), "locale": (locale, TAG), "owner": (owner, NAME)}
        changes: dict[str, Any] = {
            what: clean(text, f"the {what} of a contact", most) or None
            for what, (text, most) in given.items()
            if text is not None
        }
        if kind is not None:
            changes["kind"] = self._kinds.check(kind)
        return changes

    def learn(self, customer: Customer) -> Contact | None:
        """Take in a customer as the shop states it now, such as a changed or proven address.

        Return the contact, or None for somebody who was erased.
        """
        with self._work.writing() as connection:
            found = self._identities.learn(connection, customer, self._clock())
            return self._one(connection, self._root(connection, found))

    def tag(self, contact: Contact | str, *tags: str) -> None:
        """Give a contact tags."""
        self.tags.add(contact, tags)

    def untag(self, contact: Contact | str, *tags: str) -> None:
        """Take tags from a contact."""
        self.tags.remove(contact, tags)

    def set_field(self, contact: Contact | str, name: str, value: Any) -> None:
        """Set a custom field; None removes its value."""
        self.fields.set(contact, name, value)

    def assign(self, contact: Contact | str, owner: str | None) -> Contact:
        """Say who of the shop's people looks after a contact."""
        return self.save(contact, owner=owner or "")

    def reassign(self, owner: str, to: str | None) -> int:
        """Give all contacts of one owner to another; return how many there were."""
        heir = clean(to, "the owner of a contact", NAME) or None if to else None
        with self._work.writing() as connection:
            mine = update(ContactRow).where(ContactRow.owner == owner)
            return connection.execute(mine.values(owner=heir, changed_at=self._clock())).rowcount

    def add_kind(self, name: str) -> None:
        """Add a kind of contact of the shop's own."""
        self._kinds.add(name)

    @property
    def kinds(self) -> tuple[str, ...]:
        """Return every kind of contact."""
        return self._kinds.all()

    # One person, several records.

    def merge(self, kept: Contact | str, other: Contact | str, reason: str = "by hand") -> Merge:
        """Let `kept` speak for `other` too; `undo` with the answer's id restores both."""
        with self._work.writing() as connection:
            roots = root_of(connection, kept), root_of(connection, other)
            return self._identities.merges.merge(connection, *roots, reason, self._clock())

    def undo(self, merge_id: str) -> Merge:
        """Take a merge back; what came for either since stays with the one that it came for."""
        number = number_of(merge_id) or 0
        with self._work.writing() as connection:
            return self._identities.merges.undo(connection, number, self._clock())

    def merges_of(self, contact: Contact | str) -> list[Merge]:
        """Return the merges that made a contact, the newest first, undone ones too."""
        with self._work.reading() as connection:
            group = list(members(connection, [root_of(connection, contact)]))
            return self._identities.merges.of(connection, group)

    # What may reach them.

    def may_send(
        self, contact: Contact | str | None, kind: str, email: str | None = None
    ) -> Verdict:
        """Return whether a `transactional` or `commercial` message may be sent now.

        The contact is read again, so that a value read earlier does no harm; one that is gone
        gets nothing. Raises InvalidContact for an unknown kind.
        """
        fresh = None if contact is None else self._again(contact)
        if contact is not None and fresh is None:
            return Verdict(False, "there is no such contact (any more)")
        return self._permission.may_send(fresh, kind, email)

    def _again(self, contact: Contact | str) -> Contact | None:
        return self.by_id(contact.id if isinstance(contact, Contact) else contact)

    def suppress(self, contact: Contact | str, reason: str, until: datetime | None = None) -> None:
        """Send a contact no promotion until a time, or until `lift`."""
        self.suppressions.suppress(contact, reason, until)

    def lift(self, contact: Contact | str, reason: str | None = None) -> int:
        """End the suppressions for a reason, or all; return how many there were."""
        return self.suppressions.lift(contact, reason)

    def is_suppressed(self, contact: Contact | str, now: datetime | None = None) -> bool:
        """Tell whether a contact gets no promotion."""
        return self.suppressions.is_suppressed(contact, now)

    def unsubscribe(self, contact: Contact | str) -> None:
        """Send a contact, and others at its addresses, nothing commercial any more."""
        self._subscription(contact, self._clock())

    def resubscribe(self, contact: Contact | str) -> None:
        """Take an unsubscription back, at the contact's own wish."""
        self._subscription(contact, None)

    def _subscription(self, contact: Contact | str, at: datetime | None) -> None:
        with self._work.writing() as connection:
            group = list(members(connection, [root_of(connection, contact)]))
            mine = update(ContactRow).where(ContactRow.id.in_(group))
            connection.execute(mine.values(unsubscribed_at=at))

    def bounce(self, email: str, reason: str) -> None:
        """Remember that an address refuses mail for good."""
        self.addresses.bounce(email, reason)

    # The end.

    def forget(self, contact: Contact | str) -> None:
        """Erase a contact here and in every plugin; it is not made again by any event.

        See `grc.privacy`, which also says what each plugin did.
        """
        self.forgetting(contact)

    def recount(self, contact: Contact | str | None = None) -> int:
        """Sum up the statistics anew, of one contact or all; return of how many."""
        if contact is not None:
            with self._work.writing() as connection:
                self._statistics.recount(connection, [root_of(connection, contact)])
            return 1
        roots = self._roots()
        for part in chunks(roots):
            with self._work.writing() as connection:
                self._statistics.recount(connection, part)
        return len(roots)

    def _roots(self) -> list[int]:
        query = select(ContactRow.id).where(ContactRow.merged_into.is_(None))
        with self._work.reading() as connection:
            return list(connection.scalars(query.order_by(ContactRow.id)))

    # Reading.

    def _root(self, connection: Connection, number: int | None) -> int | None:
        query = select(ContactRow.root_id).where(ContactRow.id == number)
        return None if number is None else connection.scalar(query)

    def _read(self, connection: Connection, roots: Any) -> list[Contact]:
        now, currency = self._clock(), self._statistics.currency
        found: list[Contact] = []
        for start in range(0, len(roots), CHUNK):
            part = roots[start : start + CHUNK]
            found += read_contacts(connection, part, currency, now)
        return found

    def _one(self, connection: Connection, root: int | None) -> Contact | None:
        return self._sure(connection, root) if root is not None else None

    def _sure(self, connection: Connection, root: int) -> Contact:
        return self._read(connection, [root])[0]
