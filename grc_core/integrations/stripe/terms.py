"""What a coupon of a plugin is in Stripe's words, and why some have none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from json import dumps
from typing import Any

from ...errors import ConversionError
from ...pricing import Coupon
from ...pricing import Offer
from .amounts import to_stripe

#: What a coupon of Stripe is called by at most.
_LONGEST_NAME = 40
_CODE = re.compile(r"[A-Za-z0-9-]{1,500}")
_HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Terms:
    """The fields of a coupon, which the codes of a promotion share, and those of a code.

    Their limits are the whole ones, by which a change is seen; what is `left` of them, of the
    coupon and of the code, is what Stripe is told.
    """

    coupon: dict[str, Any]
    code: dict[str, Any]
    left: tuple[int | None, int | None] = (None, None)

    @property
    def coupon_fields(self) -> dict[str, Any]:
        """Return what makes the coupon."""
        return _limited({**self.coupon, "id": self.coupon_id}, self.left[0])

    @property
    def code_fields(self) -> dict[str, Any]:
        """Return what makes a code of it."""
        promotion = {"type": "coupon", "coupon": self.coupon_id}
        return _limited({**self.code, "promotion": promotion}, self.left[1])

    @property
    def coupon_id(self) -> str:
        """Return an id that is another one whenever the coupon is."""
        return f"grc-{sha256(dumps(self.coupon, sort_keys=True).encode()).hexdigest()[:20]}"

    def __str__(self) -> str:
        return dumps({"coupon": self.coupon, "code": self.code}, sort_keys=True)


def of_offer(offer: Offer, code: str) -> Coupon:
    """Return what an offer that needs a code grants."""
    beyond = []
    if offer.free_shipping:
        beyond.append("it is about shipping")
    if offer.products or offer.categories:
        beyond.append("it is for some products only")
    title = offer.reason or offer.key
    percent = None if offer.percent is None else Decimal(offer.percent)
    return Coupon(code, offer.key, percent, offer.amount, title=title, beyond=beyond)


def why_not(coupon: Coupon, now: datetime) -> list[str]:
    """Return what stands in the way of a coupon at Stripe, nothing where it can be said exactly."""
    return [*coupon.beyond, *_obstacles(coupon, now)]


def terms_of(coupon: Coupon) -> Terms:
    """Return a coupon in Stripe's words; ask `why_not` first."""
    shared: dict[str, Any] = {
        "name": (coupon.title or coupon.key)[:_LONGEST_NAME],
        "duration": "once",
        "metadata": {"grc_promotion": coupon.key[:500]},
    }
    if coupon.amount is not None:
        currency = coupon.amount.currency.lower()
        shared.update(amount_off=to_stripe(coupon.amount), currency=currency)
    else:
        shared["percent_off"] = float(coupon.percent or 0)
    if coupon.limit is not None:
        shared["max_redemptions"] = coupon.limit
    own: dict[str, Any] = {}
    left = None if coupon.limit is None else coupon.limit - coupon.used
    code_left = None
    if coupon.code_limit is not None:
        own["max_redemptions"] = coupon.code_limit
        code_left = coupon.code_limit - coupon.code_used
        code_left = code_left if left is None else min(left, code_left)
    if coupon.ends_at is not None:
        own["expires_at"] = int(coupon.ends_at.timestamp())
    if coupon.least is not None:
        own["restrictions"] = {
            "minimum_amount": to_stripe(coupon.least),
            "minimum_amount_currency": coupon.least.currency.lower(),
        }
    return Terms(shared, own, (left, code_left))


def _limited(fields: dict[str, Any], left: int | None) -> dict[str, Any]:
    return fields if left is None else {**fields, "max_redemptions": left}


def _obstacles(coupon: Coupon, now: datetime) -> Iterator[str]:
    if not _CODE.fullmatch(coupon.code):
        yield "codes of Stripe have letters, digits and dashes only"
    if (coupon.percent is None) == (coupon.amount is None):
        if not coupon.beyond:
            yield "it is neither a percentage nor an amount"
    elif coupon.percent is not None and not 0 < coupon.percent <= 100:
        yield f"Stripe takes no {coupon.percent} %"
    elif coupon.percent is not None and coupon.percent % _HUNDREDTH:
        yield f"{coupon.percent} % has more than two decimals"
    for money in (coupon.amount, coupon.least):
        try:
            if money is not None and to_stripe(money) <= 0:
                yield f"Stripe takes no {money}"
        except ConversionError as error:
            yield str(error)
    if coupon.starts_at is not None and coupon.starts_at > now:
        yield f"it begins at {coupon.starts_at.isoformat()}, and a code of Stripe holds at once"
