"""Whether a promotion holds for a cart, and if not, everything that stands in its way."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from functools import lru_cache

from .cart import Cart
from .cart import Customer
from .goods import Goods
from .policy import zone
from .rules import EVERYTHING
from .rules import Condition
from .rules import Promotion

_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A condition that does not hold: a reason code, and how much is missing where that helps.

    `missing` is in minor units for `subtotal_too_low`, in pieces for `quantity_too_low`.
    """

    reason: str
    missing: int | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """What conditions look at; `seen` is each line's total as thresholds see it."""

    cart: Cart
    goods: Goods
    customer: Customer | None
    seen: Sequence[int]


def obstacles(promotion: Promotion, situation: Situation, now: datetime, zone_name: str
              ) -> Sequence[Obstacle]:  # fmt: skip
    """Return what keeps a promotion from applying, what no purchase mends first."""
    cart = situation.cart
    found: list[Obstacle] = []
    if promotion.blocked:
        found.append(Obstacle(promotion.blocked))
    if promotion.starts_at is not None and now < moment(promotion.starts_at, zone_name):
        found.append(Obstacle("not_started"))
    if promotion.ends_at is not None and now >= moment(promotion.ends_at, zone_name):
        found.append(Obstacle("expired"))
    if promotion.code is not None and cart.codes is not None and promotion.code not in cart.codes:
        found.append(Obstacle("code_missing"))
    if promotion.currency is not None and promotion.currency != cart.currency:
        found.append(Obstacle("wrong_currency"))
    for condition in promotion.conditions:
        obstacle = _CHECKS[condition.kind](condition, situation)
        if obstacle is not None:
            found.append(obstacle)
    if len(found) > 1:
        found.sort(key=lambda obstacle: obstacle.missing is not None)
    return found


def moment(value: datetime, zone_name: str) -> datetime:
    """Return a time as an instant; one without a zone is read off the shop's clocks.

    A time that comes twice is the first; one that a change of clocks skips is read off the clocks
    before the change. What is beyond the calendar in UTC is its first or last moment.
    """
    return value if value.tzinfo is not None else _local(value.replace(fold=0), zone_name)


@lru_cache(maxsize=1024)
def _local(value: datetime, zone_name: str) -> datetime:
    local = value.replace(tzinfo=zone(zone_name))
    try:
        instant = local.astimezone(UTC)
        if instant.astimezone(local.tzinfo).replace(tzinfo=None, fold=0) == value:
            return instant
        before = (value - timedelta(hours=3)).replace(tzinfo=local.tzinfo)
        offset = before.utcoffset()
        return (value - offset).replace(tzinfo=UTC) if offset is not None else instant
    except OverflowError:
        return _LAST if value.year > 1 else _FIRST


def _subtotal(condition: Condition, situation: Situation) -> Obstacle | None:
    if condition.filter is EVERYTHING:
        total = sum(situation.seen)
    else:
        seen = situation.seen
        total = sum([seen[index] for index in situation.goods.meant(condition.filter)])
    missing = condition.least - total
    return Obstacle("subtotal_too_low", missing) if missing > 0 else None


def _quantity(condition: Condition, situation: Situation) -> Obstacle | None:
    goods = situation.goods
    pieces = sum([goods.counts[index] for index in goods.meant(condition.filter)])
    missing = condition.least - pieces
    return Obstacle("quantity_too_low", missing) if missing > 0 else None


def _any_tag(condition: Condition, situation: Situation) -> Obstacle | None:
    lines = situation.goods.lines
    has = any(not condition.names.isdisjoint(line.tags) for line in lines)
    return None if has else Obstacle("products_missing")


def _all_tags(condition: Condition, situation: Situation) -> Obstacle | None:
    there = frozenset[str]().union(*(line.tags for line in situation.goods.lines))
    return None if condition.names <= there else Obstacle("products_missing")


def _any_product(condition: Condition, situation: Situation) -> Obstacle | None:
    has = any(line.sku in condition.names for line in situation.goods.lines)
    return None if has else Obstacle("products_missing")


def _nth_order(condition: Condition, situation: Situation) -> Obstacle | None:
    customer = situation.customer
    if customer is None:
        return Obstacle("not_identified")
    return None if customer.orders + 1 == condition.number else Obstacle("not_this_order")


def _group(condition: Condition, situation: Situation) -> Obstacle | None:
    customer = situation.customer
    if customer is None:
        return Obstacle("not_identified")
    return None if condition.names & customer.groups else Obstacle("not_in_group")


def _country(condition: Condition, situation: Situation) -> Obstacle | None:
    return None if situation.cart.country in condition.names else Obstacle("wrong_country")


def _channel(condition: Condition, situation: Situation) -> Obstacle | None:
    return None if situation.cart.channel in condition.names else Obstacle("wrong_channel")


_CHECKS: dict[str, Callable[[Condition, Situation], Obstacle | None]] = {
    "subtotal_at_least": _subtotal,
    "quantity_at_least": _quantity,
    "contains_any_tag": _any_tag,
    "contains_all_tags": _all_tags,
    "contains_any_product": _any_product,
    "nth_order": _nth_order,
    "customer_group_in": _group,
    "country_in": _country,
    "channel_in": _channel,
}
