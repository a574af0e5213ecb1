"""Twelve states that every carrier's words come down to, and how events make one of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from typing import Protocol

PENDING = "pending"
PICKED_UP = "picked_up"
IN_TRANSIT = "in_transit"
OUT_FOR_DELIVERY = "out_for_delivery"
READY_FOR_PICKUP = "ready_for_pickup"
ATTEMPT_FAILED = "attempt_failed"
DELIVERY_DELAYED = "delivery_delayed"
ON_HOLD = "on_hold"
EXCEPTION = "exception"
DELIVERED = "delivered"
RETURNED = "returned"
CANCELLED = "cancelled"

#: In the order in which a parcel usually goes through them.
STATES = (
    PENDING, PICKED_UP, IN_TRANSIT, OUT_FOR_DELIVERY, READY_FOR_PICKUP, ATTEMPT_FAILED,
    DELIVERY_DELAYED, ON_HOLD, EXCEPTION, DELIVERED, RETURNED, CANCELLED,
)  # fmt: skip
#: Nothing more is expected after these.
FINAL = frozenset({DELIVERED, RETURNED, CANCELLED})
#: Staff look at these.
TROUBLE = frozenset({ATTEMPT_FAILED, DELIVERY_DELAYED, ON_HOLD, EXCEPTION, RETURNED, CANCELLED})
#: A number that the carrier does not know is no mistake for so long.
NOT_YET = timedelta(hours=48)
#: Why a parcel is where it is, where a carrier says so.
REASONS = ("abroad", "address", "customs", "final_notice", "nobody_there", "weather")
#: The code of an event that stands for a shop's own "shipped".
SENT = f"shop:{PICKED_UP}"
_RANK = {state: place for place, state in enumerate(STATES)}
#: Which later states are believed once a parcel has reached one that is final.
_AFTER = {
    DELIVERED: frozenset({DELIVERED, RETURNED}),
    RETURNED: frozenset({RETURNED}),
    CANCELLED: frozenset({CANCELLED, DELIVERED, RETURNED}),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a carrier tells it; `at` has the offset of the place where it happened."""

    code: str
    at: datetime
    state: str = ""
    place: str = ""
    reason: str | None = None
    text: str = ""
    language: str = "en"
    zone_known: bool = True

    @property
    def utc(self) -> datetime:
        """Return the moment in UTC."""
        return self.at.astimezone(UTC)

    @property
    def offset(self) -> int:
        """Return the minutes east of UTC at the place."""
        return int((self.at.utcoffset() or timedelta()).total_seconds() // 60)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a carrier says of one number; without events it does not know it (yet)."""

    number: str
    events: tuple[Told, ...] = ()
    promised_on: date | None = None
    error: str | None = None
    #: the carrier's name of what was paid for, such as `Xpresspost`
    service: str = ""


class Stateful(Protocol):
    """Anything with a state at a time: an event as told, or as stored."""

    code: str
    place: str
    state: str
    reason: str | None

    @property
    def at(self) -> datetime:
        """Return when it happened."""


def fold(events: Iterable[Stateful]) -> tuple[str, str | None, datetime | None]:
    """Return the state that events come to, its reason, and since when.

    The same for any order in which they are told. What was delivered can only be returned;
    events without a state change nothing.
    """
    state, reason, since = PENDING, None, None
    for event in sorted(events, key=_order):
        if event.state not in _RANK or event.state not in _AFTER.get(state, _RANK):
            continue
        if event.state != state or since is None:
            since = event.at
        state, reason = event.state, event.reason
    return state, reason, since


def _order(event: Stateful) -> tuple[bool, datetime, int, str, str]:
    # When the shop typed the number in says nothing about when the parcel left.
    told_by_carrier = event.code != SENT
    rank = _RANK.get(event.state, -1)
    return told_by_carrier, event.at.astimezone(UTC), rank, event.code, event.place


def at_offset(moment: datetime, minutes: int) -> datetime:
    """Return a moment as clocks showed it at an offset from UTC."""
    return moment.astimezone(timezone(timedelta(minutes=minutes)))
