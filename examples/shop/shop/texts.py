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
    "awaiting": _l("Waiting for the payment"),
    "abandoned": _l("Not paid"),
}
_PAYMENTS = {
    "card": _l("Credit or debit card"),
    "cheque": _l("Cheque"),
    "purchase_order": _l("Purchase order"),
}
_TAXES = {"GST": _l("GST"), "HST": _l("HST"), "QST": _l("QST"), "PST": _l("PST")}

_RETURN_STATES = {
    "requested": _l("Waiting for our answer"),
    "accepted": _l("Accepted"),
    "refused": _l("Refused"),
    "received": _l("Received"),
}
_QUOTE_STATES = {
    "open": _l("Waiting for our answer"),
    "answered": _l("Answered"),
    "declined": _l("Declined"),
}
REASONS = {
    "changed_mind": _l("I changed my mind"),
    "damaged": _l("It arrived damaged"),
    "wrong_product": _l("It is not what I ordered"),
    "not_as_described": _l("It is not as described"),
    "other": _l("Another reason"),
}
WAYS = {"parcel": _l("By parcel"), "store": _l("In a store")}
#: What a message from the contact page may be about.
SUBJECTS = {
    "order": _l("An order"),
    "product": _l("A product"),
    "delivery": _l("Delivery"),
    "return": _l("A return"),
    "other": _l("Something else"),
}
_OBSTACLES = {
    "not_delivered": _l("You can ask for a return once the parcel has arrived."),
    "too_late": _l("The 30 days to ask for a return of this order are over."),
    "nothing_left": _l("There is nothing left to return of this order."),
}


def state_name(key: str) -> str:
    """Return an order state's name."""
    return str(_STATES.get(key, key))


def return_state_name(key: str) -> str:
    """Return a return request's state."""
    return str(_RETURN_STATES.get(key, key))


def quote_state_name(key: str) -> str:
    """Return a quote request's state."""
    return str(_QUOTE_STATES.get(key, key))


def reason_name(key: str) -> str:
    """Return a reason to return something."""
    return str(REASONS.get(key, key))


def way_name(key: str) -> str:
    """Return a way to bring goods back."""
    return str(WAYS.get(key, key))


def subject_name(key: str) -> str:
    """Return what a message is about."""
    return str(SUBJECTS.get(key, key))


def obstacle_text(key: str) -> str:
    """Return why an order cannot be returned, as a sentence."""
    return str(_OBSTACLES.get(key, key))


def payment_name(key: str) -> str:
    """Return a way of payment's name."""
    return str(_PAYMENTS.get(key, key))


def tax_name(key: str) -> str:
    """Return a tax's name; Manitoba calls its PST RST, and customers know both."""
    return str(_TAXES.get(key, key))


def left_out(gone: list[str], sold_out: list[str], fewer: list[str]) -> list[str]:
    """Return what to say about an earlier order that cannot be repeated in full."""
    found = []
    if gone:
        found.append(_("No longer sold, so left out: %(names)s.", names=", ".join(gone)))
    if sold_out:
        found.append(_("Sold out for now, so left out: %(names)s.", names=", ".join(sold_out)))
    if fewer:
        found.append(
            _("Fewer than last time, because so many are left: %(names)s.", names=", ".join(fewer))
        )
    return found


def out_of_stock(names: list[str]) -> str:
    """Return the message for products that somebody else just bought."""
    return _(
        "Sorry, there are not enough left of: %(names)s. Please change your cart.",
        names=", ".join(names),
    )
