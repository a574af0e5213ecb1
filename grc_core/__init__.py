"""GRC adds customer relations to a Flask shop that already exists."""

from .choice import Choice
from .console.tables import Action
from .console.tables import Column
from .errors import ConversionError
from .errors import GRCError
from .errors import InvalidContact
from .errors import NotConfigured
from .errors import Refused
from .errors import WrongDatabase
from .events import CartChange
from .events import ConsentChanged
from .events import Event
from .events import Occurrence
from .events import OrderPlaced
from .events import OrderRefunded
from .events import ShipmentChanged
from .events import SignUp
from .events import Unsubscribed
from .events import Visit
from .extension import GRC
from .people.contact import Contact
from .people.permission import Verdict
from .plugin import Plugin
from .plugin import api
from .plugin import command
from .plugin import console_page
from .plugin import every
from .plugin import hookimpl
from .plugin import route
from .plugin import widget
from .pricing import Coupon
from .pricing import Offer
from .pricing import Pricing
from .purposes import Cookie
from .purposes import Erased
from .purposes import Personal
from .purposes import Purpose
from .shop import Shop
from .slots.page import Page
from .storage.autogenerate import include_name
from .storage.base import Model
from .storage.base import UTCDateTime
from .values import Address
from .values import Cart
from .values import CartLine
from .values import Customer
from .values import Discount
from .values import Money
from .values import Order
from .values import OrderLine
from .values import Product
from .values import Subject
from .values import Tracking

__all__ = [
    "GRC",
    "Action",
    "Address",
    "Cart",
    "CartChange",
    "CartLine",
    "Choice",
    "Column",
    "ConsentChanged",
    "Contact",
    "ConversionError",
    "Cookie",
    "Coupon",
    "Customer",
    "Discount",
    "Erased",
    "Event",
    "GRCError",
    "InvalidContact",
    "Model",
    "Money",
    "NotConfigured",
    "Occurrence",
    "Offer",
    "Order",
    "OrderLine",
    "OrderPlaced",
    "OrderRefunded",
    "Page",
    "Personal",
    "Plugin",
    "Pricing",
    "Product",
    "Purpose",
    "Refused",
    "ShipmentChanged",
    "Shop",
    "SignUp",
    "Subject",
    "Tracking",
    "UTCDateTime",
    "Unsubscribed",
    "Verdict",
    "Visit",
    "WrongDatabase",
    "api",
    "command",
    "console_page",
    "every",
    "hookimpl",
    "include_name",
    "route",
    "widget",
]
