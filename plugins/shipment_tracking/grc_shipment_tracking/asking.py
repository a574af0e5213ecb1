"""When which carrier is asked, and what becomes of its answers."""

from collections.abc import Mapping
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from . import notices
from . import states
from .base import Base
from .clients import Busy
from .learning import happen
from .links import post_of
from .models import Courier
from .models import Parcel
from .numbers import normalised
from .states import Answer

#: How often a parcel is asked about, by its state.
_PAUSE = {
    states.PENDING: timedelta(hours=6),
    states.OUT_FOR_DELIVERY: timedelta(minutes=30),
    states.READY_FOR_PICKUP: timedelta(hours=6),
}
_USUALLY = timedelta(hours=4)
#: Nobody is asked about a parcel that is older.
GIVEN_UP = timedelta(days=30)
#: So many failures in a row, and a carrier is left alone.
_PATIENCE = 5
_LONGEST_REST = timedelta(hours=6)
_AT_ONCE = 300
_LONGEST_SERVICE = 60
#: Requests a day, where the shop names no other number.
_DAILY = 2000


def due(
    plugin: Base, configured: Mapping[str, Mapping[str, object]], order_id: str | None = None
) -> dict[str, list[Parcel]]:
    """Return the parcels to ask about, by carrier, and note when to ask next.

    Those whose time has come; with an order, all of its parcels that are on their way.
    """
    now = plugin.grc.now()
    known = {row.code: row for row in plugin.session.scalars(select(Courier))}
    query = (
        select(Parcel)
        .where(~Parcel.withdrawn, Parcel.courier.in_([*configured, "s10"]))
        .options(selectinload(Parcel.shipment))
        .order_by(Parcel.ask_at, Parcel.id)
        .limit(_AT_ONCE)
    )
    if order_id is None:
        query = query.where(Parcel.ask_at <= now)
    else:
        query = query.where(Parcel.order_id == order_id, Parcel.state.not_in(states.FINAL))
    found: dict[str, list[Parcel]] = {}
    for parcel in plugin.session.scalars(query):
        courier = _asked(plugin, parcel)
        keys = configured.get(courier, {})
        parcel.ask_at = next_time(parcel, now, keys.get("every"))
        if parcel.ask_at is None or not keys:
            continue
        row = known.get(courier)
        if row is None:
            row = known[courier] = Courier(code=courier, failures=0, asked=0)
            plugin.session.add(row)
        if _may_ask(row, now, keys.get("daily")):
            found.setdefault(courier, []).append(parcel)
    return found


def next_time(parcel: Parcel, now: datetime, every: object = None) -> datetime | None:
    """Return when a parcel is asked about next; never for what is over, too old or no number.

    `every` are seconds that the shop wants between two questions, whatever the state.
    """
    over = parcel.state in states.FINAL or now - parcel.created_at > GIVEN_UP
    if over or not normalised(parcel.number):
        return None
    if isinstance(every, int | float) and every > 0:
        return now + timedelta(seconds=every)
    return now + _PAUSE.get(parcel.state, _USUALLY)


def take_in(plugin: Base, courier: str, ids: Sequence[int], answers: Sequence[Answer]) -> int:
    """Add what a carrier says; return how many parcels changed their state."""
    now = plugin.grc.now()
    by_number = {answer.number: answer for answer in answers if answer.number}
    query = (
        select(Parcel)
        .where(Parcel.id.in_(ids))
        .options(selectinload(Parcel.events), selectinload(Parcel.shipment))
    )
    changed = 0
    for parcel in plugin.session.scalars(query):
        answer = by_number.get(parcel.number)
        if answer is None or answer.error is not None:
            continue
        changed += _one(plugin, parcel, answer, now)
    row = plugin.session.get(Courier, courier)
    if row is not None:
        row.failures, row.rest_until = 0, None
        row.error = next((answer.error for answer in answers if answer.error), None)
    return changed


def failed(plugin: Base, courier: str, ids: Sequence[int], error: Exception) -> None:
    """Note that a carrier did not answer: ask again later, and rest after several failures."""
    now = plugin.grc.now()
    row = plugin.session.get(Courier, courier) or Courier(code=courier, failures=0, asked=0)
    plugin.session.add(row)
    row.error, again = str(error)[:200], now + timedelta(minutes=15)
    if isinstance(error, Busy):
        row.rest_until = again = now + timedelta(seconds=error.seconds)
    else:
        row.failures += 1
        if row.failures >= _PATIENCE:
            rest = timedelta(minutes=10) * 2 ** min(row.failures - _PATIENCE, 10)
            row.rest_until = again = now + min(rest, _LONGEST_REST)
    for parcel in plugin.session.scalars(select(Parcel).where(Parcel.id.in_(ids))):
        parcel.ask_at = again


def _one(plugin: Base, parcel: Parcel, answer: Answer, now: datetime) -> int:
    if answer.events:
        parcel.answered_at, parcel.unknown_at = now, None
    elif parcel.answered_at is None:
        parcel.unknown_at = parcel.unknown_at or now
    parcel.promised_on = answer.promised_on or parcel.promised_on
    parcel.service = answer.service[:_LONGEST_SERVICE] or parcel.service
    moved = happen(parcel, answer.events, now)
    if moved is None:
        return 0
    soonest = next_time(parcel, now)
    parcel.ask_at = min(soonest, parcel.ask_at or soonest) if soonest else None
    with plugin.grc.shop.outside():
        order = plugin.grc.shop.order_by_id(parcel.order_id)
    notices.announce(plugin, [moved], order, now)
    return 1


def _asked(plugin: Base, parcel: Parcel) -> str:
    if parcel.courier == "s10":
        return post_of(parcel.number, parcel.shipment.country, plugin.table) or ""
    return parcel.courier or ""


def _may_ask(row: Courier, now: datetime, daily: object) -> bool:
    """Count one question; the shop's quota is per day of UTC."""
    if row.rest_until is not None and row.rest_until > now:
        return False
    if row.asked_on != now.date():
        row.asked_on, row.asked = now.date(), 0
    row.asked += 1
    return row.asked <= (daily if isinstance(daily, int) else _DAILY)
