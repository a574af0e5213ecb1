"""Coupons, promotion codes and customers."""

import re
import time
from decimal import ROUND_HALF_UP
from decimal import Decimal
from typing import Any

from .errors import Refusal
from .form import integer
from .form import needed
from .store import Store
from .store import Thing

_CODE = re.compile(r"[A-Z0-9-]+")


def create_coupon(store: Store, values: dict[str, Any]) -> Thing:
    """Make a coupon over an amount or a percentage."""
    percent, amount = values.get("percent_off"), integer(values, "amount_off")
    if (percent is None) == (amount is None):
        raise Refusal("Must provide either percent_off or amount_off.", param="percent_off")
    if percent is not None and not 0 < Decimal(percent) <= 100:
        raise Refusal("percent_off must be greater than 0 and at most 100.", param="percent_off")
    if amount is not None and amount <= 0:
        raise Refusal("This value must be greater than or equal to 1.", param="amount_off")
    if amount is not None:
        needed(values, "currency")
    id = values.get("id")
    if id and store.find("coupon", id):
        raise Refusal("Coupon already exists.", code="resource_already_exists", param="id")
    return store.add(
        "coupon",
        id,
        amount_off=amount,
        percent_off=None if percent is None else float(percent),
        currency=str(values["currency"]).lower() if amount is not None else None,
        duration=values.get("duration", "once"),
        max_redemptions=integer(values, "max_redemptions"),
        redeem_by=integer(values, "redeem_by"),
        name=values.get("name"),
        metadata=values.get("metadata", {}),
        times_redeemed=0,
        valid=True,
    )


def create_promotion_code(store: Store, values: dict[str, Any]) -> Thing:
    """Make a code that customers type; no two active ones are alike."""
    promotion = needed(values, "promotion")
    if promotion.get("type") != "coupon":
        raise Refusal("Invalid promotion type.", param="promotion[type]")
    coupon = store.get("coupon", needed(promotion, "coupon"))
    most, shared = integer(values, "max_redemptions"), coupon["max_redemptions"]
    if most is not None and shared is not None and most > shared:
        raise Refusal("More redemptions than the coupon's.", param="max_redemptions")
    code = str(values.get("code") or coupon["id"]).upper()
    if not _CODE.fullmatch(code):
        raise Refusal("A code has letters, digits and dashes.", param="code")
    if any(item["active"] for item in store.all("promotion_code", code=code)):
        raise Refusal(
            "An active promotion code with this code already exists.",
            code="resource_already_exists", param="code",
        )  # fmt: skip
    return store.add(
        "promotion_code",
        code=code,
        active=True,
        promotion={"type": "coupon", "coupon": coupon["id"]},
        max_redemptions=most,
        restrictions=values.get("restrictions", {}),
        expires_at=integer(values, "expires_at"),
        metadata=values.get("metadata", {}),
        times_redeemed=0,
    )


def create_customer(store: Store, values: dict[str, Any]) -> Thing:
    """Make a customer."""
    kept = {name: values.get(name) for name in ("email", "name", "phone", "description")}
    made = store.add("customer", **kept, metadata=values.get("metadata", {}))
    store.happened("customer.created", made)
    return made


def update(store: Store, kind: str, id: str, values: dict[str, Any]) -> Thing:
    """Change plain fields; metadata is merged, and an empty value takes a key out."""
    found = store.get(kind, id)
    merged = {**found.get("metadata", {}), **(values.pop("metadata", None) or {})}
    found["metadata"] = {name: value for name, value in merged.items() if value != ""}
    if "active" in values:
        values["active"] = str(values["active"]).lower() == "true"
    found.update(values)
    return found


def coupon_of(store: Store, discount: dict[str, Any]) -> Thing:
    """Return the coupon that a discount names, itself or by a promotion code, if it may be used."""
    code = discount.get("promotion_code")
    if code:
        promotion = store.get("promotion_code", code)
        if not promotion["active"] or _is_over(promotion, "expires_at"):
            raise Refusal("This promotion code is not active.", param="discounts")
        coupon = store.get("coupon", promotion["promotion"]["coupon"])
    else:
        coupon = store.get("coupon", needed(discount, "coupon"))
    if _is_over(coupon, "redeem_by"):
        raise Refusal("This coupon has expired.", code="coupon_expired", param="discounts")
    return coupon


def _is_over(thing: Thing, ends: str) -> bool:
    limit, end = thing["max_redemptions"], thing[ends]
    used_up = limit is not None and thing["times_redeemed"] >= limit
    return used_up or (end is not None and end < time.time())


def taken_off(coupon: Thing, subtotal: int, currency: str) -> int:
    """Return what a coupon takes off an amount, in minor units, never more than the amount."""
    if coupon["amount_off"] is not None:
        if coupon["currency"] != currency:
            raise Refusal("The coupon has another currency.", param="discounts")
        return min(int(coupon["amount_off"]), subtotal)
    exact = Decimal(subtotal) * Decimal(str(coupon["percent_off"])) / 100
    return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))
