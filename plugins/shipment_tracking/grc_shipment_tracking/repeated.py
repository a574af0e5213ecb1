"""What the plugin does again and again, and what it does later."""

from collections.abc import Mapping
from typing import Any

from flask import current_app

import grc_core as grc

from . import asking
from . import clients
from .base import Base
from .clients import Client
from .clients import Failed
from .late import find_late
from .readers import Unreadable


class Repeated(Base):
    """Ask carriers about parcels on their way, and look for late ones."""

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[str, Client] = {}

    @property
    def configured(self) -> Mapping[str, Mapping[str, Any]]:
        """Return what the app sets as `SHIPMENT_TRACKING_CARRIERS`: keys, by carrier."""
        return current_app.config.get("SHIPMENT_TRACKING_CARRIERS") or {}

    @grc.every(minutes=5)
    def poll(self) -> None:
        """Have carriers asked about what is due."""
        configured = self.configured
        if not configured:
            return
        stamp = self.grc.now().isoformat()
        for courier, parcels in asking.due(self, configured).items():
            size = self._client(courier).batch
            for first in range(0, len(parcels), size):
                batch = {str(one.id): one.number for one in parcels[first : first + size]}
                self.defer(
                    self.ask_carrier,
                    key=f"{courier}:{stamp}:{first}",
                    courier=courier,
                    numbers=batch,
                )

    def ask_carrier(self, courier: str, numbers: dict[str, str]) -> None:
        """Ask a carrier, outside any transaction, then write down what it says."""
        ids = [int(id) for id in numbers]
        try:
            answers = self._client(courier).fetch(list(numbers.values()))
        except (Failed, Unreadable) as error:
            asking.failed(self, courier, ids, error)
            return
        asking.take_in(self, courier, ids, answers)

    @grc.every(hours=1)
    def look_for_late(self) -> None:
        """Find parcels that have become late."""
        find_late(self)

    def _client(self, courier: str) -> Client:
        """Return the client of a carrier; kept, because it keeps its token."""
        if courier not in self._clients:
            self._clients[courier] = clients.make(courier, self.configured[courier])
        return self._clients[courier]
