"""What the plugin hears of orders and parcels."""

from collections.abc import Iterable
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import Any

from sqlalchemy import select

import grc_core as grc

from . import notices
from .base import Base
from .learning import learn
from .learning import load
from .learning import remember
from .models import Parcel
from .models import Shipment
from .showing import age

#: Orders of the past that are older are not taken in: their parcels have arrived.
PAST = timedelta(days=60)
#: The states in which the core reports an order's parcels.
_OF_THE_SHOP = frozenset({"shipped", "delivered", "returned"})


class Hearing(Base):
    """Learn parcels from the shop's orders."""

    @grc.hookimpl(history=True)
    def on_orders(self, batch: Sequence[tuple[grc.Order, grc.Event]]) -> None:
        """Take in parcels of new orders, and silently those of the recent past."""
        now = self.grc.now()
        wanted = [(order, event) for order, event in batch if _is_recent(order, event, now)]
        known = load(self.session, [order.id for order, _ in wanted])
        for order, event in wanted:
            if event.historical:
                remember(
                    self.session, order, known.get(order.id), self.table, self.settings.ship_from
                )
            else:
                self._take_in(order, known.get(order.id))

    @grc.hookimpl
    def on_shipment(self, shipment: grc.ShipmentChanged) -> None:
        """Take in what the shop says now of an order's parcels; our own news are known."""
        if shipment.late or shipment.state not in _OF_THE_SHOP:
            return
        with self.grc.shop.outside():
            order = self.grc.shop.order_by_id(shipment.order_id)
        if order is not None:
            self._take_in(order, load(self.session, [order.id]).get(order.id))

    def _take_in(self, order: grc.Order, shipment: Shipment | None) -> None:
        now = self.grc.now()
        before = (
            {parcel.id for parcel in shipment.parcels if parcel.withdrawn} if shipment else set()
        )
        moved = learn(self.session, order, shipment, self.table, now, self.settings.ship_from)
        self.session.flush()
        parcels = shipment.parcels if shipment else ()
        withdrawn = [item for item in parcels if item.withdrawn and item.id not in before]
        notices.announce(self, moved, order, now, withdrawn)

    @grc.hookimpl
    def personal_data(self) -> Iterable[grc.Personal]:
        """Declare whose parcels are kept; parcels and their events go with the shipment."""
        yield grc.Personal(
            Shipment,
            ("subject", "order_id", "number", "country", "region"),
            by="subject",
            purpose=grc.Purpose.NECESSARY,
            basis="contract",
            keep=timedelta(days=365),
            since="created_at",
            recipients=("the carrier that brings the parcel",),
            why="to tell where a parcel is",
        )

    @grc.hookimpl
    def export_personal_data(self, subject: grc.Subject) -> dict[str, Any] | None:
        """Return somebody's parcels, which hang on the declared shipments."""
        mine = select(Shipment.order_id).where(Shipment.subject == str(subject))
        shipments = load(self.session, self.session.scalars(mine).all())
        found = [_exported(one) for shipment in shipments.values() for one in shipment.parcels]
        return {"parcels": found} if found else None


def _exported(parcel: Parcel) -> dict[str, Any]:
    """Return a parcel as its recipient gets it: with its content and its journey."""
    return {
        "order": parcel.shipment.label,
        "number": parcel.number,
        "carrier": parcel.courier,
        "state": parcel.state,
        "since": parcel.changed_at.isoformat(),
        "content": {line.product_id: line.quantity for line in parcel.lines},
        "journey": [
            {"at": event.at.isoformat(), "state": event.state, "place": event.place}
            for event in sorted(parcel.events, key=age)
        ],
    }


def _is_recent(order: grc.Order, event: grc.Event, now: datetime) -> bool:
    """Tell whether an order is new, or of the past with parcels that may still be on their way."""
    return not event.historical or (order.state == "shipped" and now - order.placed_at < PAST)
