"""What an event of Stripe means to us: its objects are turned into one value, here and only here.

A `StripeObject` is no dictionary since stripe 15, so nothing behind this line ever sees one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from typing import Any

from ...errors import ConversionError
from ...errors import GRCError
from .amounts import from_stripe

PAID, FAILED, ENDED = "paid", "failed", "ended"
REFUNDED, REFUND = "refunded", "refund"
DISPUTED, UNDISPUTED = "disputed", "undisputed"
OTHER, THIN, FOREIGN = "other", "thin", "foreign"
#: What `page` in the metadata says of a payment whose page lets another card be tried.
PAGE_STAYS = "open"
#: Events with one meaning; those of a checkout session depend on its state.
_MEANINGS = {
    "charge.dispute.closed": UNDISPUTED,
    "charge.dispute.created": DISPUTED,
    "charge.refund.updated": REFUND,
    "charge.refunded": REFUNDED,
    "checkout.session.async_payment_failed": ENDED,
    "checkout.session.async_payment_succeeded": PAID,
    "checkout.session.expired": ENDED,
    "payment_intent.canceled": ENDED,
    "payment_intent.payment_failed": FAILED,
    "payment_intent.succeeded": PAID,
    "refund.created": REFUND,
    "refund.failed": REFUND,
    "refund.updated": REFUND,
}
_THIN_PREFIX = "v1."
_LONGEST = 255


class Unreadable(GRCError):
    """Raise for a body that is no event of Stripe."""


@dataclass(frozen=True, slots=True)
class Notice:
    """An event, reduced to what matters here; amounts are in the currency's minor units.

    `amount` is what was paid, or the sum refunded so far (`refunded`), or one refund (`refund`).
    """

    id: str
    type: str
    means: str
    at: datetime
    object_id: str = ""
    payment_id: str | None = None
    order_id: str | None = None
    amount: int = 0
    currency: str | None = None
    status: str | None = None


def read_event(event: Mapping[str, Any]) -> Notice:
    """Return what an event with its object, or a thin one, means; raises Unreadable."""
    try:
        if event.get("object") == "v2.core.event":
            return _thin(event)
        if event.get("object") != "event":
            raise Unreadable(f"{event.get('object')!r} is no event")
        at = datetime.fromtimestamp(int(event["created"]), UTC)
        return read_object(_text(event["id"]), _text(event["type"]), at, event["data"]["object"])
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise Unreadable(f"this is no event of Stripe: {type(error).__name__} {error}") from error


def read_object(id: str, type: str, at: datetime, about: Mapping[str, Any]) -> Notice:
    """Return what an event means, given the object that it is about."""
    means = _MEANINGS.get(type, OTHER)
    amount = about.get("amount")
    if type.startswith("checkout.session."):
        amount = about.get("amount_total")
        if type == "checkout.session.completed":
            paid = about.get("payment_status") in ("paid", "no_payment_required")
            means = PAID if paid else OTHER  # else a slow method: another event tells how it ends
    elif type == "payment_intent.succeeded":
        amount = about.get("amount_received", amount)
    elif means == REFUNDED:
        amount = about.get("amount_refunded")
    metadata = about.get("metadata") or {}
    if means == FAILED and metadata.get("page") != PAGE_STAYS:
        means = ENDED
    currency = str(about["currency"]).upper() if about.get("currency") else None
    is_intent = about.get("object") == "payment_intent"
    payment = about.get("id") if is_intent else about.get("payment_intent")
    return Notice(
        id,
        type,
        means,
        at,
        object_id=_text(about.get("id") or ""),
        payment_id=_id(payment),
        order_id=_id(metadata.get("order_id")),
        amount=0 if means == OTHER else _minor(int(amount or 0), currency),
        currency=currency,
        status=_id(about.get("status")),
    )


def _thin(event: Mapping[str, Any]) -> Notice:
    at = datetime.fromisoformat(str(event["created"]))
    type = _text(event["type"])
    related = event.get("related_object") or {}
    return Notice(
        _text(event["id"]),
        type.removeprefix(_THIN_PREFIX),
        THIN if type.startswith(_THIN_PREFIX) and related.get("url") else OTHER,
        at if at.tzinfo else at.replace(tzinfo=UTC),
        object_id=_text(related.get("url") or ""),
    )


def _minor(amount: int, currency: str | None) -> int:
    """Return an amount in our minor units."""
    if amount < 0:
        raise Unreadable(f"{amount} is no amount")
    if currency is None or not amount:
        return amount
    try:
        return from_stripe(amount, currency).amount
    except ConversionError as error:
        raise Unreadable(str(error)) from error


def _id(value: Any) -> str | None:
    """Return an id, of an expanded object as well."""
    if isinstance(value, Mapping):
        value = value.get("id")
    return _text(value) if value else None


def _text(value: Any) -> str:
    text = str(value)
    if len(text) > _LONGEST or not text.isprintable():
        raise Unreadable("an id is too long, or holds what nobody can print")
    return text
