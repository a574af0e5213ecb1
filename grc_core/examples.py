"""Plausible values for tests: `Order.example(id="7")`; imported when one is asked for."""

from collections.abc import Callable
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any

from . import values
from .purposes import Purpose

Fields = Mapping[str, Any]


def fields_of(kind: type[Any]) -> dict[str, Any]:
    """Return the fields of an example; none for a class that nobody here knows."""
    return dict(_MAKERS.get(kind.__name__, dict)())


def _money(amount: int = 1250) -> values.Money:
    return values.Money(amount, "CAD")


def _customer() -> Fields:
    return {
        "id": "ann",
        "email": "ann@example.com",
        "name": "Ann",
        "locale": "en",
        "created_at": datetime.now(UTC),
        "cursor": 1,
    }


def _product() -> Fields:
    return {
        "id": "1",
        "name": "Golf ball",
        "price": _money(),
        "url": "/product/1",
        "categories": ("golf",),
        "stock": 5,
    }


def _order() -> Fields:
    return {
        "id": "1001",
        "lines": (values.OrderLine("1", 2, _money()),),
        "placed_at": datetime.now(UTC),
        "state": "placed",
        "cursor": 1,
        "customer_id": "ann",
        "email": "ann@example.com",
        "total": _money(2500),
        "currency": "CAD",
    }


def _line() -> Fields:
    return {"product_id": "1", "quantity": 2, "unit_price": _money()}


def _cart() -> Fields:
    return {"id": "cart1", "lines": (values.CartLine.example(),), "customer_id": "ann"}


def _address() -> Fields:
    return {"country": "CA", "region": "QC", "postcode": "H2X 1Y4", "city": "Montréal"}


def _cart_change() -> Fields:
    cart = values.Cart.example()
    return {"cart": cart, "before": cart.replace(lines=()), "added": cart.lines}


def _order_refunded() -> Fields:
    order = values.Order.example(state="refunded", refunded=_money())
    return {"order": order, "amount": _money(), "reason": "returned"}


def _shipment_changed() -> Fields:
    return {
        "order_id": "1001",
        "number": "329014830299",
        "carrier": "purolator",
        "state": "delivered",
        "before": "in_transit",
        "subject": values.Subject.example(),
    }


def _consent_changed() -> Fields:
    agreed = Purpose.NECESSARY | Purpose.MARKETING
    return {"subject": values.Subject.example(), "before": None, "after": agreed}


def _event() -> Fields:
    at = datetime.now(UTC)
    return {"id": "1", "name": "on_order", "version": 1, "occurred_at": at}


def _pricing() -> Fields:
    return {"lines": (values.OrderLine.example(),), "shipping": None, "total": _money(2500)}


#: By the name of the class, since those of higher floors cannot be named here.
_MAKERS: dict[str, Callable[[], Fields]] = {
    "Money": lambda: {"amount": 1250, "currency": "CAD"},
    "Address": _address,
    "Tracking": lambda: {"number": "329014830299", "carrier": "purolator"},
    "Customer": _customer,
    "Product": _product,
    "CartLine": _line,
    "Cart": _cart,
    "Discount": lambda: {"key": "spring", "amount": _money(250), "reason": "10 %"},
    "OrderLine": _line,
    "Order": _order,
    "Subject": lambda: {"kind": "customer", "id": "ann"},
    "Offer": lambda: {"key": "spring", "percent": 10},
    "Pricing": _pricing,
    "Event": _event,
    "Visit": lambda: {"path": "/product/1", "endpoint": "product", "product_id": "1"},
    "CartChange": _cart_change,
    "SignUp": lambda: {"customer": values.Customer.example()},
    "OrderPlaced": lambda: {"order": values.Order.example()},
    "OrderRefunded": _order_refunded,
    "ShipmentChanged": _shipment_changed,
    "ConsentChanged": _consent_changed,
    "Unsubscribed": lambda: {"contact_id": "1", "subject": values.Subject.example()},
}
#: The names of the values and of the core's events, for whoever wants one of each.
KINDS = tuple(_MAKERS)
