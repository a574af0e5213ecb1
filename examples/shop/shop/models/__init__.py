"""The shop's tables."""

from .attempts import Attempt
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
from .requests import ContactMessage
from .requests import QuoteRequest
from .returns import ReturnLine
from .returns import ReturnRequest

__all__ = [
    "PURPOSES",
    "Attempt",
    "Base",
    "Category",
    "ContactMessage",
    "Order",
    "OrderLine",
    "OrderTax",
    "Product",
    "QuoteRequest",
    "Refund",
    "ReturnLine",
    "ReturnRequest",
    "Shipment",
    "User",
]
