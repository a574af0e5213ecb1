"""Acknowledge orders, where the shop asks for it: live ones only, never the past."""

import json
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy import select

from .. import events
from ..adapter import Adapter
from ..events import OrderPlaced
from ..outbox.accept import Outbox
from ..outbox.claim import Claimed
from ..outbox.workers import Step
from ..shop import Shop
from ..storage.engine import Database
from ..storage.models import EventRow
from ..values import Order
from .mailer import Mailer

#: The outbox's queue of orders to be acknowledged, and the template.
QUEUE, TEMPLATE = "acknowledge", "order_received"
#: Who ordered so long ago knows by now.
_STALE = timedelta(days=1)
_OFF = ("cancelled", "refunded", "returned")


class Acknowledgement:
    """Follow new orders with a message; does nothing unless `Shop(acknowledge=True)`."""

    def __init__(
        self,
        shop: Shop,
        adapter: Adapter,
        database: Database,
        outbox: Outbox,
        mailer: Mailer,
        clock: Callable[[], datetime],
    ) -> None:
        self._shop = shop
        self._adapter = adapter
        self._database = database
        self._outbox = outbox
        self._mailer = mailer
        self._clock = clock

    def wants(self, hook: str) -> bool:
        """Tell whether an event is an order to be acknowledged."""
        return hook == OrderPlaced.hook and self._shop.acknowledge

    def follow(self, connection: Connection, event_id: int, hook: str) -> None:
        """Record, with the event itself, that it is to be acknowledged."""
        del hook
        task = f"{QUEUE}.{TEMPLATE}"
        self._outbox.defer(connection, task, str(event_id), None, {"event": event_id})

    @contextmanager
    def work(self) -> Iterator[Step]:
        """Yield what acknowledges one order."""
        yield self._step

    def _step(self, claimed: Claimed) -> None:
        order = self._order(json.loads(claimed.payload or "{}").get("event"))
        if order is None or order.state in _OFF:
            return
        if self._clock() - order.placed_at > _STALE:
            return
        products = self._adapter.products([line.product_id for line in order.lines])
        key = f"{TEMPLATE} {order.id}"
        self._mailer.send(order, TEMPLATE, key, "transactional", order=order, products=products)

    def _order(self, event_id: int | None) -> Order | None:
        """Return the order as the shop states it now; None once it has none of this id."""
        query = select(EventRow.payload).where(EventRow.id == event_id)
        with self._database.read() as connection:
            payload = connection.scalar(query)
        occurrence = events.loads(OrderPlaced, payload) if payload else None
        if not isinstance(occurrence, OrderPlaced):
            return None
        return self._adapter.order_by_id(occurrence.order.id)
