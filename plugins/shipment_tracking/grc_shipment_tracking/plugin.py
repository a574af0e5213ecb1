"""The plugin, put together."""

from .commands import Commands
from .hearing import Hearing
from .operations import Operations
from .order_page import OrderPage
from .pages import Pages
from .staff import Staff


class ShipmentTracking(Hearing, Pages, Staff, OrderPage, Operations, Commands):
    """Follow parcels from the number to the door."""
