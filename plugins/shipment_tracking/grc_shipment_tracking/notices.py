"""Tell people and other plugins that a parcel moved on: one mail and one event per step."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

from grc_core import Order
from grc_core import ShipmentChanged
from grc_core import Subject

from . import states
from .base import Base
from .contents import items_of
from .contents import products_of
from .contents import rest_of
from .learning import Moved
from .models import Parcel

_BY_STATE = {
    states.OUT_FOR_DELIVERY: "out_for_delivery",
    states.DELIVERED: "delivered",
    states.DELIVERY_DELAYED: "delayed",
}
#: Old news is no news: nobody is told so long after it happened.
_STALE = {
    "out_for_delivery": timedelta(hours=20),
    "delivered": timedelta(days=4),
    "delayed": timedelta(days=4),
    "shipped": timedelta(days=14),
}


def announce(
    plugin: Base,
    moved: Sequence[Moved],
    order: Order | None,
    now: datetime,
    withdrawn: Sequence[Parcel] = (),
) -> None:
    """Emit each change, and write to the customer where a step is worth a message."""
    for one in moved:
        parcel = one.parcel
        if one.before or parcel.state not in (states.PENDING, states.PICKED_UP):
            plugin.emit(changed(parcel, one.before))
        if order is not None:
            for step in _steps(one, withdrawn, now):
                write(plugin, step, parcel, order, withdrawn)


def write(
    plugin: Base,
    step: str,
    parcel: Parcel,
    order: Order,
    withdrawn: Iterable[Parcel] = (),
) -> None:
    """Queue the mail of a step, once per parcel."""
    if step not in plugin.settings.mails:
        return
    plugin.session.flush()  # a new parcel has its id from here on
    fresh = step in ("shipped", "corrected")  # later nobody needs to be told what is in it
    names = plugin.names(products_of([parcel], order)) if fresh and parcel.lines else {}
    rest = rest_of(parcel.shipment, order, names) if fresh else None
    plugin.mail(
        order,
        "step",
        key=f"{step}:{parcel.id}",
        kind="transactional",
        step=step,
        order=order.label,
        number=parcel.number,
        courier=parcel.courier,
        promised=parcel.promised_on,
        carrier_name=plugin.table.name,
        old=[one.number for one in withdrawn],
        token=plugin.token(parcel.id),
        items=items_of(parcel, names) if fresh else (),
        rest=rest,
        day=lambda moment, locale: plugin.view(locale).day(moment),
    )


def changed(parcel: Parcel, before: str, late: bool = False) -> ShipmentChanged:
    """Return the event that other plugins get."""
    kind, _, id = (parcel.shipment.subject or "").partition(":")
    return ShipmentChanged(
        parcel.order_id,
        parcel.number,
        parcel.courier,
        parcel.state,
        before or None,
        late,
        subject=Subject(kind, id) if id else None,
    )


def _steps(one: Moved, withdrawn: Sequence[Parcel], now: datetime) -> Iterable[str]:
    parcel = one.parcel
    step = _BY_STATE.get(parcel.state)
    if not one.before and step is None and parcel.state not in states.FINAL:
        step = "corrected" if withdrawn else "shipped"
    if step and now - parcel.changed_at <= _STALE.get(step, timedelta(days=14)):
        yield step
