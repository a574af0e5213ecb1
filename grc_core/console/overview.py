"""The first page of the console."""

from typing import Any

from .console import Console
from .rooms import Rooms


def overview(console: Console, rooms: Rooms) -> Any:
    """Show where to go."""
    del console, rooms
    return "overview.html", {}
