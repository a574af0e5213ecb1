"""Checkout sessions: what is bought, what it costs, and how it ends."""

import time
from typing import Any

from .coupons import coupon_of
from .coupons import taken_off
from .errors import Refusal
from .form import integer
from .form import needed
from .payments import charge
from .payments import create_intent
from .store import Store
from .store import Thing

_DAY, _LEAST_TIME = 24 * 3600, 30 * 60


def create_session(store: Store, values: dict[str, Any], base: str) -> Thing:
    """Make a session that pays once; `base` is the address of the pay page."""
    if values.get("mode") != "payment":
        raise Refusal("Only mode=payment is known here.", param="mode")
    lines = [_line(item) for item in values.get("line_items") or []]
    if not lines:
        raise Refusal("Missing required param: line_items.", param="line_items")
    currency = lines[0]["currency"]
    if any(line["currency"] != currency for line in lines):
        raise Refusal("All line items need the same currency.", param="line_items")
    subtotal = sum(line["amount_subtotal"] for line in lines)
    coupons = [coupon_of(store, item) for item in values.get("discounts") or []]
    discount = sum(taken_off(coupon, subtotal, currency) for coupon in coupons)
    shipping, shipping_name = _shipping(values.get("shipping_options") or [], currency)
    total = subtotal - discount + shipping
    if 0 < total < 50:
        raise Refusal("The total is too small to be charged.", code="amount_too_small")
    session = store.add(
        "checkout.session",
        amount_subtotal=subtotal,
        amount_total=total,
        cancel_url=values.get("cancel_url"),
        client_reference_id=values.get("client_reference_id"),
        currency=currency,
        customer=values.get("customer"),
        customer_email=values.get("customer_email"),
        customer_details={"email": values.get("customer_email"), "name": None},
        discounts=[{"coupon": coupon["id"], "promotion_code": None} for coupon in coupons],
        expires_at=_expiry(values),
        locale=values.get("locale"),
        metadata=values.get("metadata", {}),
        mode="payment",
        payment_intent=None,
        payment_status="unpaid",
        status="open",
        success_url=needed(values, "success_url"),
        total_details={
            "amount_discount": discount,
            "amount_shipping": shipping,
            "amount_tax": 0,
        },
    )
    session["url"] = f"{base}/pay/{session['id']}"
    store.hidden[session["id"]] = {
        "lines": lines,
        "intent": values.get("payment_intent_data") or {},
        "shipping_name": shipping_name,
    }
    return session


def _line(item: dict[str, Any]) -> dict[str, Any]:
    price = needed(item, "price_data")
    amount, quantity = integer(price, "unit_amount"), integer(item, "quantity")
    if amount is None or amount < 0 or quantity is None or quantity < 1:
        raise Refusal("A line item needs unit_amount and quantity.", param="line_items")
    product = needed(price, "product_data")
    currency = str(needed(price, "currency")).lower()
    return {
        "id": f"li_{abs(hash((product['name'], amount))) % 10**12}",
        "object": "item",
        "amount_subtotal": amount * quantity,
        "amount_total": amount * quantity,
        "currency": currency,
        "description": needed(product, "name"),
        "quantity": quantity,
        "price": {
            "id": "price_local",
            "object": "price",
            "currency": currency,
            "unit_amount": amount,
            "metadata": {},
            "product": {"id": "prod_local", "object": "product", **product},
        },
    }


def _shipping(options: list[dict[str, Any]], currency: str) -> tuple[int, str]:
    if not options:
        return 0, ""
    rate = needed(options[0], "shipping_rate_data")
    fixed = needed(rate, "fixed_amount")
    if str(fixed.get("currency")).lower() != currency:
        raise Refusal("Shipping has another currency.", param="shipping_options")
    return integer(fixed, "amount") or 0, str(needed(rate, "display_name"))


def _expiry(values: dict[str, Any]) -> int:
    now, asked = time.time(), integer(values, "expires_at")
    if asked is not None and not now + _LEAST_TIME - 60 <= asked <= now + _DAY:
        raise Refusal("expires_at is 30 minutes to 24 hours from now.", param="expires_at")
    return asked or int(now + _DAY)


def pay(store: Store, id: str, number: str) -> Thing:
    """Pay a session with a card; raises the refusal of a bank."""
    session = _open(store, id)
    more = store.hidden[id]["intent"]
    if session["amount_total"]:
        known = session["payment_intent"]
        intent = store.get("payment_intent", known) if known else create_intent(store, {
            "amount": session["amount_total"],
            "currency": session["currency"],
            "metadata": more.get("metadata", {}),
        })  # fmt: skip
        session["payment_intent"] = intent["id"]
        charge(store, intent, number)
    paid = "paid" if session["amount_total"] else "no_payment_required"
    session.update(status="complete", payment_status=paid)
    for discount in session["discounts"]:
        coupon = store.find("coupon", discount["coupon"])
        if coupon is not None:
            coupon["times_redeemed"] += 1
    store.happened("checkout.session.completed", session)
    return session


def expire(store: Store, id: str) -> Thing:
    """Close a session that was not paid."""
    session = _open(store, id)
    session.update(status="expired", url=None)
    store.happened("checkout.session.expired", session)
    return session


def expire_old(store: Store) -> None:
    """Close every session whose time is over."""
    now = time.time()
    for session in store.all("checkout.session", status="open"):
        if session["expires_at"] <= now:
            expire(store, session["id"])


def _open(store: Store, id: str) -> Thing:
    session = store.get("checkout.session", id)
    if session["status"] != "open":
        raise Refusal(
            f"Only open Checkout Sessions can be changed; this one is {session['status']}."
        )
    return session
