"""What may apply to the pages of an endpoint, worked out before the first of them is filled."""

from collections.abc import Collection
from dataclasses import dataclass

from ..shop import Placement
from ..shop import Shop
from .spots import BOTTOM
from .spots import TOP


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots that pages of an endpoint get from outside."""

    placements: tuple[Placement, ...]
    automatic: tuple[str, ...]
    #: whether an order may be placed here
    orders: bool


class Plans:
    """Keep one plan per endpoint; `filled` are the slots that any widget fills."""

    def __init__(self, shop: Shop, filled: Collection[str], automatic: bool) -> None:
        self._shop = shop
        self._filled = filled
        self._automatic = tuple(slot for slot in (TOP, BOTTOM) if automatic and slot in filled)
        self._plans: dict[str | None, Plan] = {}

    def of(self, endpoint: str | None) -> Plan:
        """Return the plan of an endpoint."""
        found = self._plans.get(endpoint)
        if found is None:
            found = self._plans[endpoint] = self._made(endpoint)
        return found

    def _made(self, endpoint: str | None) -> Plan:
        # Pages of plugins are pages of the shop; the core's own (an error, a way out) are not.
        own = (endpoint or "").startswith("grc.") and "__" not in (endpoint or "")
        return Plan(
            tuple(
                item
                for item in self._shop.placements
                if endpoint in item.endpoints and item.slot in self._filled
            ),
            () if own else self._automatic,
            any(hint.kind == "order" and endpoint in hint.endpoints for hint in self._shop.hints),
        )
