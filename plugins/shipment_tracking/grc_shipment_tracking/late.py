"""Parcels that take too long, and how punctual each carrier is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import timedelta
from math import sqrt

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm import selectinload
from sqlalchemy.orm import undefer

from . import notices
from . import states
from .base import Base
from .models import Parcel
from .usual import Usual
from .usual import usual

_PAST = timedelta(days=180)
_MOST = 500
_Z95 = 1.96


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of `n` parcels came in time, with the 95 % interval of Wilson (1927)."""

    courier: str
    n: int
    on_time: int

    @property
    def share(self) -> float:
        """Return the part that came in time."""
        return self.on_time / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """Return the bounds between which the true part lies."""
        z2 = _Z95**2
        middle = (self.share + z2 / (2 * self.n)) / (1 + z2 / self.n)
        spread = self.share * (1 - self.share) / self.n + z2 / (4 * self.n**2)
        half = _Z95 * sqrt(spread) / (1 + z2 / self.n)
        return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A late parcel: when it was due, who says so, and the days since."""

    parcel: Parcel
    due: date | None
    basis: str
    days: int


def find_late(plugin: Base) -> list[Parcel]:
    """Note parcels that have become late; tell the customer, and plugins by `on_shipment`.

    Late is what is past the carrier's own date, else past the time within which nine of ten
    arrive, of those like it. A promised day counts to its end, wherever in Canada that is.
    """
    now = plugin.grc.now()
    experience = usual(plugin.session, now)
    query = (
        select(Parcel)
        .where(Parcel.late_at.is_(None), ~Parcel.withdrawn)
        .where(Parcel.state.not_in(states.FINAL), Parcel.created_at > now - _PAST)
        .options(selectinload(Parcel.shipment))
    )
    found = [one for one in plugin.session.scalars(query) if _is_late(one, experience, now)]
    for parcel in found:
        parcel.late_at = now
        event = notices.changed(parcel, parcel.state, late=True)
        plugin.emit(event, key=f"{parcel.order_id}:{parcel.number}:late")
        with plugin.grc.shop.outside():
            order = plugin.grc.shop.order_by_id(parcel.order_id)
        if order is not None:
            notices.write(plugin, "delayed", parcel, order)
    return found


def limit_of(parcel: Parcel, experience: Usual) -> timedelta | None:
    """Return within what time nine of ten parcels like this one arrive."""
    to = parcel.shipment
    return experience.limit(parcel.courier, parcel.service, to.country, to.region)


def overdue(session: Session, now: datetime) -> list[Overdue]:
    """Return the parcels that are late and have not arrived, the longest awaited first."""
    experience = usual(session, now)
    query = (
        select(Parcel)
        .where(Parcel.late_at.is_not(None), ~Parcel.withdrawn)
        .where(Parcel.state.not_in(states.FINAL))
        .options(selectinload(Parcel.shipment), undefer(Parcel.order_label))
        .order_by(Parcel.created_at)
        .limit(_MOST)
    )
    return [_overdue(parcel, experience, now) for parcel in session.scalars(query)]


def _overdue(parcel: Parcel, experience: Usual, now: datetime) -> Overdue:
    due, basis = parcel.promised_on, "carrier"
    if due is None:
        limit, basis = limit_of(parcel, experience), "experience"
        due = (parcel.created_at + limit).date() if limit is not None else None
    return Overdue(parcel, due, basis, (now.date() - due).days if due is not None else 0)


def rates(session: Session) -> list[Rate]:
    """Return how punctual carriers were, of parcels with a promised day, the largest first."""
    query = select(Parcel.courier, Parcel.delivered_at, Parcel.promised_on).where(
        Parcel.delivered_at.is_not(None), Parcel.promised_on.is_not(None)
    )
    return _counted(
        (courier or "", _local_day(arrived) <= promised)
        for courier, arrived, promised in session.execute(query)
        if arrived is not None and promised is not None
    )


def _counted(outcomes: Iterable[tuple[str, bool]]) -> list[Rate]:
    counted: dict[str, list[int]] = {}
    for courier, in_time in outcomes:
        numbers = counted.setdefault(courier, [0, 0])
        numbers[0] += 1
        numbers[1] += in_time
    found = [Rate(courier, n, on_time) for courier, (n, on_time) in counted.items()]
    return sorted(found, key=lambda rate: (-rate.n, rate.courier))


def _is_late(parcel: Parcel, experience: Usual, now: datetime) -> bool:
    if parcel.promised_on is not None:
        return _local_day(now) > parcel.promised_on
    limit = limit_of(parcel, experience)
    return limit is not None and now - parcel.created_at > limit


def _local_day(moment: datetime) -> date:
    """Return the day in the last time zone of Canada, where days end last."""
    return (moment - timedelta(hours=8)).date()
