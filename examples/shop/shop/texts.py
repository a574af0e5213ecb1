"""The names that people read for what the database calls by key."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

_STATES = {
    "placed": _l("Placed"),
    "paid": _l("Paid"),
    "shipped": _l("Shipped"),
    "delivered": _l("Delivered"),
    "cancelled": _l("Cancelled"),
    "refunded": _l("Refunded"),
    "returned": _l("Returned"),
}
_PAYMENTS = {
    "card": _l("Credit or debit card"),
    "cheque": _l("Cheque"),
    "purchase_order": _l("Purchase order"),
}
_TAXES = {"GST": _l("GST"), "HST": _l("HST"), "QST": _l("QST"), "PST": _l("PST")}


def state_name(key: str) -> str:
    """Return an order state's name."""
    return str(_STATES.get(key, key))


def payment_name(key: str) -> str:
    """Return a way of payment's name."""
    return str(_PAYMENTS.get(key, key))


def tax_name(key: str) -> str:
    """Return a tax's name; Manitoba calls its PST RST, and customers know both."""
    return str(_TAXES.get(key, key))


def out_of_stock(names: list[str]) -> str:
    """Return the message for products that somebody else just bought."""
    return _(
        "Sorry, there are not enough left of: %(names)s. Please change your cart.",
        names=", ".join(names),
    )
