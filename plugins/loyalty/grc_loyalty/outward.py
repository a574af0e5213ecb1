"""What other systems may be told of coupons: their terms, and what such terms cannot say."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select

import grc_core as grc

from . import codes as spelling
from .base import Base
from .models import Code
from .models import Promotion
from .models import Wording
from .promotions import Condition
from .promotions import Promotion as Rule
from .promotions.eligibility import moment
from .promotions.rules import EVERYTHING
from .shelf import Stored
from .shelf import stored


class Outward(Base):
    """State coupons to whoever asks."""

    @grc.hookimpl
    def coupons(self, codes: Sequence[str]) -> Iterable[grc.Coupon]:
        """State the terms of codes; without any, of those that are no secret.

        A secret code is kept as a hash: only whoever has its text can ask for it.
        """
        keys = self.keys()
        typed = {digest: code for code in codes for digest in spelling.digests(code, keys)}
        wanted = Code.digest.in_(typed) if codes else Code.public.is_not(None)
        query = (
            select(Code, Promotion, Wording)
            .join(Promotion, Promotion.key == Code.promotion)
            .join(Wording, Wording.promotion == Promotion.key)
            .where(Wording.version == Promotion.version, wanted)
            .order_by(Code.id)
        )
        if not codes:
            query = query.where(Code.customer_id.is_(None), Code.referrer_id.is_(None))
        for code, promotion, wording in self.session.execute(query):
            text = typed.get(code.digest) or str(code.public)
            yield self._stated(text, code, promotion, stored(promotion, wording))

    def _stated(self, text: str, code: Code, row: Promotion, found: Stored) -> grc.Coupon:
        rule, zone = found.rule, self.settings.zone
        currency = rule.currency or self.grc.shop.shop.currency
        effect = rule.effects[0]
        least = [item.least for item in rule.conditions if _is_least(item)]
        ends = [code.expires_at, moment(rule.ends_at, zone) if rule.ends_at else None]
        ends_at = min((end for end in ends if end is not None), default=None)
        return grc.Coupon(
            code=text,
            key=rule.id,
            percent=Decimal(effect.percent) if effect.kind == "percent" else None,
            amount=grc.Money(effect.amount, currency) if effect.kind == "fixed" else None,
            title=found.title(self.locale()),
            least=grc.Money(max(least), currency) if least else None,
            limit=found.limit_total,
            code_limit=code.limit,
            used=found.used,
            code_used=code.used,
            starts_at=moment(rule.starts_at, zone) if rule.starts_at else None,
            ends_at=ends_at,
            is_on=row.is_on
            and not found.is_used_up
            and not _is_over(code, ends_at, self.grc.now()),
            beyond=tuple(_beyond(code, found, self.settings.floor_at_cost)),
        )


def _is_least(condition: Condition) -> bool:
    return condition.kind == "subtotal_at_least" and condition.filter == EVERYTHING


def _is_over(code: Code, ends_at: datetime | None, now: datetime) -> bool:
    used_up = code.limit is not None and code.used >= code.limit
    return used_up or (ends_at is not None and ends_at <= now)


def _beyond(code: Code, found: Stored, floor_at_cost: bool) -> Iterator[str]:
    """Name what is not a percentage or an amount off a whole order."""
    rule = found.rule
    if code.points is not None:
        yield "it is a gift card"
    if code.customer_id is not None:
        yield "it is for one customer"
    if code.referrer_id is not None:
        yield "it is for friends of a customer"
    if found.limit_customer is not None:
        yield f"each customer may use it {found.limit_customer} times"
    yield from _effects(rule)
    for condition in rule.conditions:
        if not _is_least(condition):
            yield f"it has the condition {condition.kind}"
    if rule.skips_reduced:
        yield "it leaves out what is reduced already"
    if floor_at_cost:
        yield "no piece is sold below its cost"
    if rule.currency is not None and rule.effects[0].kind == "percent":
        yield f"it holds for {rule.currency} only"


def _effects(rule: Rule) -> Iterator[str]:
    effect = rule.effects[0]
    if len(rule.effects) > 1:
        yield f"it has {len(rule.effects)} effects"
    elif effect.kind not in ("percent", "fixed"):
        yield f"it has the effect {effect.kind}"
    elif effect.target != "order" or effect.filter != EVERYTHING:
        yield "it is for some products only, or for shipping"
    elif effect.cap is not None or effect.most_pieces is not None:
        yield "it takes off so much at most"
