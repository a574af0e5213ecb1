"""Coupons of ours as Coupons and Promotion Codes of Stripe, on demand."""

import json
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING
from typing import Any

from ...errors import GRCError
from ...pricing import Offer
from .account import client
from .models import MirrorRow

if TYPE_CHECKING:
    from .commands import Commands

#: What a coupon of Stripe is called by at most.
_LONGEST_NAME = 40


def mirrored(plugin: "Commands", code: str, offers: Sequence[Offer]) -> str:
    """Make a code known to Stripe, with the terms of its offer; return what was done.

    Terms that have changed make a new coupon; the code of the old one is switched off first.
    Raises GRCError for what Stripe has no coupon for.
    """
    terms = _terms(code, [offer for offer in offers if offer.code == code])
    text = json.dumps(terms, sort_keys=True)
    row = plugin.session.get(MirrorRow, code)
    if row is not None and row.terms == text:
        return "unchanged"
    stripe, key = client(), sha256(f"{code} {text}".encode()).hexdigest()[:24]
    if row is not None:
        stripe.v1.promotion_codes.update(row.promotion_code_id, {"active": False})
    fields: Any = {**terms, "duration": "once", "metadata": {"grc_code": code}}
    coupon = stripe.v1.coupons.create(
        fields,
        {"idempotency_key": f"grc-coupon-{key}"},
    )
    promotion = stripe.v1.promotion_codes.create(
        {"promotion": {"type": "coupon", "coupon": coupon.id}, "code": code},
        {"idempotency_key": f"grc-code-{key}"},
    )
    values = {"terms": text, "coupon_id": coupon.id, "promotion_code_id": promotion.id}
    plugin.session.merge(MirrorRow(code=code, at=plugin.grc.now(), **values))
    return "changed" if row is not None else "mirrored"


def _terms(code: str, offers: Sequence[Offer]) -> Any:
    if len(offers) != 1:
        count = len(offers) or "no"
        raise GRCError(f"{count} offers of the plugins have the code {code!r}, and one is needed")
    offer = offers[0]
    if offer.free_shipping or offer.products or offer.categories:
        raise GRCError(f"{code!r} is not over a whole order: a coupon of Stripe cannot say that")
    name = (offer.reason or offer.key)[:_LONGEST_NAME]
    if offer.amount is not None:
        currency = offer.amount.currency.lower()
        return {"name": name, "amount_off": offer.amount.amount, "currency": currency}
    return {"name": name, "percent_off": float(offer.percent or 0)}
