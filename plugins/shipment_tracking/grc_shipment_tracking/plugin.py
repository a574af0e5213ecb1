"""The plugin, put together."""

from .commands import Commands
from .hearing import Hearing
from .operations import Operations
from .pages import Pages
from .staff import Staff


class ShipmentTracking(Hearing, Pages, Staff, Operations, Commands):
    """Follow parcels from the number to the door."""
