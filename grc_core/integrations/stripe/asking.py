"""What is asked of Stripe itself: the object of a thin event, and orders that only it knows."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ...errors import Refused
from ...values import Money
from ...values import Order
from ...values import OrderLine
from .account import client
from .account import has_key
from .amounts import from_stripe
from .belonging import why_another_shop
from .notice import Notice
from .notice import read_object
from .standing import Standing


def fetched(notice: Notice) -> tuple[Notice, str]:
    """Return a thin event with the object that it is about, as it is now, and whose it is not."""
    answer: Any = client().raw_request("get", notice.object_id)
    about = json.loads(answer.body)
    found = read_object(notice.id, notice.type, notice.at, about)
    return found, why_another_shop(about)


def order_of_payment(payment_id: str) -> str | None:
    """Return the order that the metadata of a payment names; raises Refused for another shop's."""
    found = client().v1.payment_intents.retrieve(payment_id).to_dict()
    if why := why_another_shop(found):
        raise Refused(why)
    return (found.get("metadata") or {}).get("order_id") or None


def order_from_stripe(order_id: str, standing: Standing, at: datetime) -> Order:
    """Return an order as Stripe knows it, for a shop that keeps none: lines, address, sums.

    Product ids are `product_id` in the metadata of each product, the customer's is
    `customer_id` in that of the session. Without a key to ask there are only the sums.
    """
    currency = standing.currency or "USD"
    session, lines = _session(standing.reference) if has_key() else ({}, [])
    metadata = session.get("metadata") or {}
    details = session.get("customer_details") or {}
    shares = session.get("total_details") or {}
    return Order(
        id=order_id,
        lines=[_line(item, currency) for item in lines],
        placed_at=at,
        state="paid",
        customer_id=metadata.get("customer_id"),
        email=details.get("email") or session.get("customer_email"),
        total=Money(standing.paid, currency),
        shipping=from_stripe(int(shares.get("amount_shipping") or 0), currency),
        refunded=Money(standing.refunded, currency),
        currency=currency,
        payment_method="card",
        cursor=at,
    )


def _session(reference: str | None) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    stripe = client()
    if reference is None:
        return {}, []
    if reference.startswith("pi_"):
        found = stripe.v1.checkout.sessions.list({"payment_intent": reference, "limit": 1}).data
    else:
        found = [stripe.v1.checkout.sessions.retrieve(reference)]
    if not found:
        return {}, []
    lines = stripe.v1.checkout.sessions.line_items.list(
        found[0].id, {"limit": 100, "expand": ["data.price.product"]}
    )
    return found[0].to_dict(), [line.to_dict() for line in lines.data]


def _line(item: Mapping[str, Any], currency: str) -> OrderLine:
    quantity = int(item.get("quantity") or 1)
    price = item.get("price") or {}
    product = price.get("product") or {}
    if not isinstance(product, Mapping):
        product = {"id": product}
    own = (product.get("metadata") or {}).get("product_id")
    each = from_stripe(int(price.get("unit_amount") or 0), currency)
    return OrderLine(str(own or product.get("id") or item["id"]), quantity, each)
