"""The shop's tables."""

from .base import Base
from .catalogue import Category
from .catalogue import Product
from .orders import Order
from .orders import OrderLine
from .orders import OrderTax
from .orders import Refund
from .orders import Shipment
from .people import PURPOSES
from .people import User

__all__ = [
    "PURPOSES",
    "Base",
    "Category",
    "Order",
    "OrderLine",
    "OrderTax",
    "Product",
    "Refund",
    "Shipment",
    "User",
]
