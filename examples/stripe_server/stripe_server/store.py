"""Everything that exists, in memory, and the events of its changes."""

import copy
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any

import stripe

from .errors import missing

Thing = dict[str, Any]
#: What each kind of object is called in its id.
_PREFIXES = {
    "charge": "ch",
    "checkout.session": "cs_test",
    "coupon": "",
    "customer": "cus",
    "dispute": "du",
    "event": "evt",
    "payment_intent": "pi",
    "promotion_code": "promo",
    "refund": "re",
}


class Store:
    """Objects by kind and id; whoever changes something holds `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._things: dict[str, dict[str, Thing]] = {kind: {} for kind in _PREFIXES}
        #: what a checkout session knows and does not show: lines, fields of its intent, by id
        self.hidden: dict[str, Thing] = {}
        #: told of each event once the change is complete
        self.tell: Callable[[Thing], None] = lambda event: None

    def clear(self) -> None:
        """Forget everything."""
        self.hidden.clear()
        for things in self._things.values():
            things.clear()

    def add(self, kind: str, id: str | None = None, **values: Any) -> Thing:
        """Make an object, with an id of its own unless one is given."""
        prefix = _PREFIXES[kind]
        random = secrets.token_urlsafe(12).replace("-", "x").replace("_", "y")
        made = id or (f"{prefix}_{random}" if prefix else random)
        thing = {"id": made, "object": kind, "created": int(time.time()), "livemode": False}
        thing.update(values)
        self._things[kind][made] = thing
        return thing

    def get(self, kind: str, id: str) -> Thing:
        """Return an object; refuse an id that nothing has."""
        found = self._things[kind].get(id)
        if found is None:
            raise missing(kind, id)
        return found

    def find(self, kind: str, id: str) -> Thing | None:
        """Return an object, or None."""
        return self._things[kind].get(id)

    def remove(self, kind: str, id: str) -> None:
        """Take an object out."""
        self.get(kind, id)
        del self._things[kind][id]

    def all(self, kind: str, **same: Any) -> list[Thing]:
        """Return the objects of a kind, the newest first, in which the given fields are so."""
        wanted = {name: value for name, value in same.items() if value not in (None, "")}
        found = reversed(self._things[kind].values())
        return [
            thing
            for thing in found
            if all(str(thing.get(name)) == str(value) for name, value in wanted.items())
        ]

    def happened(self, type: str, thing: Thing) -> None:
        """Record an event with the object as it is now."""
        event = self.add(
            "event",
            type=type,
            api_version=stripe.api_version,
            data={"object": copy.deepcopy(thing)},
            pending_webhooks=1,
            request={"id": None, "idempotency_key": None},
        )
        self.tell(copy.deepcopy(event))
