"""What the plugin hears of orders and parcels."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta

import grc_core as grc

from . import notices
from .base import Base
from .learning import learn
from .learning import load
from .models import Shipment

#: Orders of the past that are older than this are not taken in: their parcels have arrived.
PAST = timedelta(days=60)


class Hearing(Base):
    """Learn parcels from the shop's orders."""

    @grc.hookimpl(history=True)
    def on_orders(self, batch: Sequence[tuple[grc.Order, grc.Event]]) -> None:
        """Take in parcels of new orders, and silently those of the recent past."""
        now = self.grc.now()
        wanted = [(order, event) for order, event in batch if _is_recent(order, event, now)]
        known = load(self.session, [order.id for order, _ in wanted])
        for order, event in wanted:
            self._take_in(order, known.get(order.id), silent=event.historical)

    @grc.hookimpl
    def on_shipment(self, shipment: grc.ShipmentChanged) -> None:
        """Take in what the shop says now of an order's parcels."""
        with self.grc.shop.outside():
            order = self.grc.shop.order_by_id(shipment.order_id)
        if order is not None and not shipment.late:
            self._take_in(order, load(self.session, [order.id]).get(order.id))

    def _take_in(self, order: grc.Order, shipment: Shipment | None, silent: bool = False) -> None:
        now = self.grc.now()
        before = (
            {parcel.id for parcel in shipment.parcels if parcel.withdrawn} if shipment else set()
        )
        moved = learn(self.session, order, shipment, self.table, now, self.settings.ship_from)
        self.session.flush()
        if silent:
            return
        parcels = shipment.parcels if shipment else ()
        withdrawn = [item for item in parcels if item.withdrawn and item.id not in before]
        notices.announce(self, moved, order, now, withdrawn)

    @grc.hookimpl
    def personal_data(self) -> Iterable[grc.Personal]:
        """Declare whose parcels are kept; parcels and their events go with the shipment."""
        yield grc.Personal(
            Shipment,
            ("subject", "order_id", "country"),
            by="subject",
            purpose=grc.Purpose.NECESSARY,
            basis="contract",
            keep=timedelta(days=365),
            recipients=("the carrier that brings the parcel",),
            why="to tell where a parcel is",
        )


def _is_recent(order: grc.Order, event: grc.Event, now: datetime) -> bool:
    return not event.historical or now - order.placed_at < PAST
