"""What the plugin does again and again, and what it does later.

What speaks to carriers is imported where it is needed: XML and HTTP are not for start-up.
"""

import os
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask import request
from sqlalchemy import select
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import NotFound
from werkzeug.exceptions import RequestEntityTooLarge

import grc_core as grc

from .accounts import configured
from .base import Base
from .models import Parcel

#: Bytes of a message.
_LARGEST = 200_000


class Repeated(Base):
    """Ask carriers about parcels on their way, and look for late ones."""

    def __init__(self) -> None:
        super().__init__()
        self._clients: dict[str, Any] = {}

    @property
    def configured(self) -> Mapping[str, Mapping[str, Any]]:
        """Return `SHIPMENT_TRACKING_CARRIERS` of the app or the environment: keys, by carrier."""
        return configured(current_app.config, os.environ)

    @grc.every(minutes=1)
    def poll(self) -> None:
        """Have carriers asked about what is due."""
        self.ask_about()

    def ask_about(self, order_id: str | None = None) -> int:
        """Have carriers asked about what is due, or about an order now; return the parcels."""
        from .asking import due
        from .asking import failed
        from .clients import CLIENTS
        from .clients import Misconfigured

        asked = {courier: keys for courier, keys in self.configured.items() if courier in CLIENTS}
        if not asked:
            return 0
        stamp, count = self.grc.now().isoformat(), 0
        for courier, parcels in due(self, asked, order_id).items():
            try:
                size, count = self._client(courier).batch, count + len(parcels)
            except Misconfigured as error:  # the others are asked all the same
                failed(self, courier, [one.id for one in parcels], error)
                continue
            for first in range(0, len(parcels), size):
                batch = {str(one.id): one.number for one in parcels[first : first + size]}
                self.defer(
                    self.ask_carrier,
                    key=f"{courier}:{stamp}:{first}",
                    courier=courier,
                    numbers=batch,
                )
        return count

    def ask_carrier(self, courier: str, numbers: dict[str, str]) -> None:
        """Ask a carrier, outside any transaction, then write down what it says."""
        from . import asking
        from .clients import Failed
        from .readers import Unreadable

        ids = [int(id) for id in numbers]
        try:
            answers = self._client(courier).fetch(list(numbers.values()))
        except (Failed, Unreadable) as error:
            asking.failed(self, courier, ids, error)
            return
        asking.take_in(self, courier, ids, answers)

    @grc.route("/hooks/<sender>", methods=("POST",), csrf="signed", limit="600/minute")
    def hook(self, sender: str) -> tuple[str, int]:
        """Take a message of an aggregator that the shop has a secret for; twice is once."""
        from . import hooks
        from .readers import Unreadable

        secret = self.configured.get(sender, {}).get("webhook_secret")
        if sender not in hooks.SENDERS or not secret:
            raise NotFound
        length = request.content_length
        if length is None or length > _LARGEST:
            raise RequestEntityTooLarge
        try:
            message = hooks.SENDERS[sender](
                request.headers, request.get_data(), secret, self.grc.now()
            )
        except hooks.Unsigned as error:
            raise Forbidden(str(error)) from None
        except Unreadable as error:
            raise BadRequest(str(error)) from None
        self.defer(
            self.take_message,
            key=f"{sender}:{message.id}",
            sender=sender,
            content=dict(message.content),
        )
        return "", 204

    def take_message(self, sender: str, content: dict[str, Any]) -> None:
        """Take in a message; the same one comes here once."""
        from . import asking
        from . import hooks

        found = hooks.answer(content)
        query = select(Parcel.id).where(Parcel.number == found.number, ~Parcel.withdrawn)
        asking.take_in(self, sender, list(self.session.scalars(query)), [found])

    @grc.every(hours=1)
    def look_for_late(self) -> None:
        """Find parcels that have become late."""
        from .late import find_late

        find_late(self)

    def _client(self, courier: str) -> Any:
        """Return the client of a carrier; kept, because it keeps its token."""
        from .clients import make

        if courier not in self._clients:
            self._clients[courier] = make(courier, self.configured[courier])
        return self._clients[courier]
