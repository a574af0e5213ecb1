"""What others see of a contact: values, never rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from ..values import Money
from ..values import Subject

#: The end of a suppression that lasts until it is lifted.
FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stats:
    """What a contact amounts to; money in the shop's currency.

    `orders` leaves cancelled ones out, `revenue` is what they brought after refunds, `margin` is
    None where no cost is known, `visits` counts days, `contacts` entries of the timeline in which
    somebody was in contact.
    """

    orders: int
    revenue: Money
    refunded: Money
    margin: Money | None = None
    first_order_at: datetime | None = None
    last_order_at: datetime | None = None
    first_seen_at: datetime | None = None
    visits: int = 0
    contacts: int = 0
    last_contact_at: datetime | None = None

    @property
    def interval(self) -> timedelta | None:
        """Return the mean time between orders; None before the second."""
        if self.orders < 2 or self.first_order_at is None or self.last_order_at is None:
            return None
        return (self.last_order_at - self.first_order_at) / (self.orders - 1)


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why a contact gets no promotion; without `until`, until it is lifted."""

    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person or company as it is known now, merged ones included.

    `emails` begins with the one to write to; `suppressed_until` is None while promotion is
    allowed, and `FOREVER` for a suppression without an end.
    """

    id: str
    kind: str
    stage: str
    name: str | None
    stats: Stats
    emails: tuple[str, ...] = ()
    locale: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    customer_ids: tuple[str, ...] = ()
    guest_emails: tuple[str, ...] = ()
    visitor_ids: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    suppressed_until: datetime | None = None
    unsubscribed_at: datetime | None = None
    #: ids of the contacts that were merged into this one
    merged: tuple[str, ...] = ()

    @property
    def email(self) -> str | None:
        """Return the address to write to."""
        return self.emails[0] if self.emails else None

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """Return whom the shop and the plugins know this contact as, the surest first."""
        customers = [Subject("customer", id) for id in self.customer_ids]
        emails = [Subject("email", email) for email in self.guest_emails]
        visitors = [Subject("visitor", id) for id in self.visitor_ids]
        return (*customers, *emails, *visitors)


@dataclass(frozen=True, slots=True)
class Merge:
    """That one contact was merged into another; `undo(id)` restores both."""

    id: str
    kept_id: str
    merged_id: str
    reason: str
    at: datetime
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of contacts; `next` continues after its last one, None at the end."""

    contacts: tuple[Contact, ...]
    next: str | None = None
