"""The plugin, put together."""

from .commands import Commands
from .hearing import Hearing
from .operations import Operations
from .pages import Pages


class ShipmentTracking(Hearing, Pages, Operations, Commands):
    """Follow parcels from the number to the door."""
