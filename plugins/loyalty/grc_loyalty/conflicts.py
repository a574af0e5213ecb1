"""What promotions that are on do to each other, and what of them can never happen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

from .promotions import Effect
from .promotions import Filter
from .promotions import Promotion
from .promotions.eligibility import moment
from .shelf import Stored

#: Percentages that come to so much on one product are more than anybody wants by accident.
_MUCH = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at: `kind` is one of `over`, `used_up`, `twins`, `apart`, `much`.

    `over` ended and is still on; `used_up` reached its limit; `twins` say the same; `apart` are
    two that exclude each other, so that the one that saves more wins; `much` take more than half
    off one product together (`percent`).
    """

    kind: str
    promotions: tuple[str, ...]
    percent: int = 0


def conflicts(stored: Sequence[Stored], now: datetime, zone: str) -> list[Finding]:
    """Return what staff should know of the promotions that are on."""
    found: list[Finding] = []
    rules: list[Promotion] = []
    for item in stored:
        rule = item.rule
        if rule.ends_at is not None and moment(rule.ends_at, zone) <= now:
            found.append(Finding("over", (rule.id,)))
        elif item.is_used_up:
            found.append(Finding("used_up", (rule.id,)))
        else:
            rules.append(rule)
    for one, other in combinations(rules, 2):
        if _overlap(one, other, zone):
            found += _between(one, other)
    return found


def _between(one: Promotion, other: Promotion) -> list[Finding]:
    pair = (one.id, other.id)
    if (one.effects, one.conditions) == (other.effects, other.conditions):
        return [Finding("twins", pair)]
    if not _meet(one, other):
        return []
    if not one.goes_with(other):
        return [Finding("apart", pair)]
    left = (100 - _percent(one)) * (100 - _percent(other))
    together = 100 - left // 100
    alone = max(_percent(one), _percent(other))
    return [Finding("much", pair, together)] if together > _MUCH >= alone else []


def _overlap(one: Promotion, other: Promotion, zone: str) -> bool:
    """Tell whether there is a moment at which both hold."""
    starts = [moment(rule.starts_at, zone) for rule in (one, other) if rule.starts_at]
    ends = [moment(rule.ends_at, zone) for rule in (one, other) if rule.ends_at]
    return not starts or not ends or max(starts) < min(ends)


def _meet(one: Promotion, other: Promotion) -> bool:
    """Tell whether both may reach one product, or both the shipping."""
    return any(_touch(a, b) for a in one.effects for b in other.effects)


def _touch(one: Effect, other: Effect) -> bool:
    ours, theirs = (_on_shipping(effect) for effect in (one, other))
    if ours or theirs:
        return ours and theirs
    return _may_mean_the_same(one.filter, other.filter)


def _on_shipping(effect: Effect) -> bool:
    return effect.kind == "free_shipping" or effect.target == "shipping"


def _may_mean_the_same(one: Filter, other: Filter) -> bool:
    if one.skus and other.skus and one.skus.isdisjoint(other.skus):
        return False
    if (one.tags and one.tags <= other.not_tags) or (other.tags and other.tags <= one.not_tags):
        return False
    low = max(one.price_min or 0, other.price_min or 0)
    tops = [top for top in (one.price_max, other.price_max) if top is not None]
    return not tops or low <= min(tops)


def _percent(rule: Promotion) -> int:
    """Return the largest percentage that a promotion takes off goods."""
    ratios = [
        ratio
        for effect in rule.effects
        if not _on_shipping(effect) and effect.most_pieces is None
        for ratio in (effect.ratio, *(tier for _, tier in effect.tier_ratios))
        if effect.kind in ("percent", "tiered_percent")
    ]
    return max((100 * part // whole for part, whole in ratios), default=0)
