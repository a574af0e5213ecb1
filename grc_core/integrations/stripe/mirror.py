"""Coupons of ours as Coupons and Promotion Codes of Stripe, on demand.

Ours stay the authority: what is withdrawn or changed here is switched off there. Codes that
somebody made at Stripe are left alone.
"""

from collections.abc import Iterator
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING
from typing import Any

from flask import current_app
from sqlalchemy import select

from ...errors import GRCError
from ...pricing import Coupon
from ...pricing import Offer
from ...values import Cart
from .account import client
from .models import MirrorRow
from .terms import Terms
from .terms import of_offer
from .terms import terms_of
from .terms import why_not

if TYPE_CHECKING:
    from stripe import StripeClient

    from .working import Working


def mirrored(plugin: "Working", codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Bring Stripe in line with our coupons; yield each code with what was done.

    Without `codes`: with all that are no secret, and all that stand there already. Raises
    GRCError for a code that no plugin knows, and where one could not be asked.
    """
    with plugin.grc.reading():
        rows = {row.code: row for row in plugin.session.scalars(select(MirrorRow))}
    found = _asked(codes) if codes else {**_asked(()), **(_asked(list(rows)) if rows else {})}
    unknown = [code for code in codes if code not in found]
    if unknown:
        raise GRCError(f"no plugin knows the code {unknown[0]!r}")
    now, stripe = plugin.grc.now(), client()
    for code, coupon in sorted(found.items()):
        row = rows.get(code)
        reasons = why_not(coupon, now) if coupon.is_on else ["it is withdrawn, used up or over"]
        if not reasons:
            yield code, _mirror(plugin, stripe, row, coupon)
        elif row is not None and row.is_on:
            yield code, f"{_switch_off(plugin, stripe, row)}, because {'; '.join(reasons)}"
        elif coupon.is_on:
            yield code, f"not mirrored, because {'; '.join(reasons)}"
    if not codes:
        for code in sorted(set(rows) - set(found)):
            if rows[code].is_on:
                yield code, f"{_switch_off(plugin, stripe, rows[code])}: it is gone"


def _asked(codes: Sequence[str]) -> dict[str, Coupon]:
    """Return what plugins say of codes; a plugin that fails must not look like one without."""
    calls = current_app.extensions["grc"].calls
    found: dict[str, Coupon] = {}
    said: list[Coupon] = []
    for name, done, answer in calls.ask_each("coupons", codes=codes):
        if not done:
            raise GRCError(f"{name} could not be asked for its coupons; see the log")
        said += [coupon for coupon in answer or () if isinstance(coupon, Coupon)]
    for code in codes:
        asked = calls.collect("offers", cart=Cart(None, ()), customer=None, codes=[code])
        offers = [item for some in asked for item in some or () if isinstance(item, Offer)]
        said += [of_offer(offer, code) for offer in offers if offer.code == code]
    for coupon in said:
        if coupon.code in found:
            raise GRCError(f"two promotions have the code {coupon.code!r}, and one is needed")
        found[coupon.code] = coupon
    return found


def _mirror(
    plugin: "Working", stripe: "StripeClient", row: MirrorRow | None, coupon: Coupon
) -> str:
    terms = terms_of(coupon)
    if row is not None and row.terms == str(terms):
        if row.is_on:
            return "unchanged"
        stripe.v1.promotion_codes.update(row.promotion_code_id, {"active": True})
        _keep(plugin, coupon.code, terms, row.promotion_code_id)
        return "switched on again"
    if row is not None and row.is_on:
        stripe.v1.promotion_codes.update(row.promotion_code_id, {"active": False})
    _make_coupon(stripe, terms)
    before = row.promotion_code_id if row is not None else ""
    _keep(plugin, coupon.code, terms, _make_code(stripe, coupon.code, terms, before))
    return "changed" if row is not None else "mirrored"


def _make_coupon(stripe: "StripeClient", terms: Terms) -> None:
    from stripe import InvalidRequestError

    fields: Any = terms.coupon_fields
    try:
        stripe.v1.coupons.create(fields)
    except InvalidRequestError as error:
        if error.code != "resource_already_exists":
            raise GRCError(f"Stripe refuses this coupon: {error.user_message}") from error


def _make_code(stripe: "StripeClient", code: str, terms: Terms, before: str) -> str:
    """Return the id of an active code; one that was made here and not written down is taken."""
    from stripe import InvalidRequestError

    mark = sha256(str(terms).encode()).hexdigest()[:24]
    for known in stripe.v1.promotion_codes.list({"code": code, "active": True, "limit": 1}).data:
        marked = known.to_dict().get("metadata") or {}
        if "grc_terms" not in marked:
            raise GRCError(f"Stripe has a code {code!r} that was made there; switch it off first")
        if marked["grc_terms"] == mark:
            return known.id
        stripe.v1.promotion_codes.update(known.id, {"active": False})
    fields: Any = {**terms.code_fields, "code": code, "metadata": {"grc_terms": mark}}
    key = sha256(f"{code} {mark} {before}".encode()).hexdigest()[:24]
    try:
        made = stripe.v1.promotion_codes.create(fields, {"idempotency_key": f"grc-code-{key}"})
    except InvalidRequestError as error:
        raise GRCError(f"Stripe refuses the code {code!r}: {error.user_message}") from error
    return made.id


def _switch_off(plugin: "Working", stripe: "StripeClient", row: MirrorRow) -> str:
    stripe.v1.promotion_codes.update(row.promotion_code_id, {"active": False})
    with plugin.grc.writing():
        plugin.session.get_one(MirrorRow, row.code).is_on = False
    return "switched off"


def _keep(plugin: "Working", code: str, terms: Terms, promotion_code_id: str) -> None:
    values = {"terms": str(terms), "coupon_id": terms.coupon_id, "is_on": True}
    row = MirrorRow(code=code, promotion_code_id=promotion_code_id, at=plugin.grc.now(), **values)
    with plugin.grc.writing():
        plugin.session.merge(row)
