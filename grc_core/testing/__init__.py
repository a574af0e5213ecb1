"""What tests of plugins and shops need: an in-memory shop, its visitors, mail, time, databases.

The fixtures are in `pytest_grc.py`, which pytest loads by itself; see `docs/testing.md`.
"""

from .app import DeliveryFailed
from .app import Letter
from .app import ShopApp
from .clock import Clock
from .mail import MailServer
from .shop import MiniShop
from .visitor import Visitor

__all__ = [
    "Clock",
    "DeliveryFailed",
    "Letter",
    "MailServer",
    "MiniShop",
    "ShopApp",
    "Visitor",
]
