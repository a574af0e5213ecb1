"""What a tier is good for: free shipping, and promotions that begin early."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from .promotions import Effect
from .promotions import Promotion
from .shelf import Stored

#: The promotion that free shipping for a tier is.
FREE_SHIPPING = "perk:free-shipping"


@dataclass(frozen=True, slots=True)
class Perks:
    """From which tier on there is what; an empty name is for nobody.

    `by_points` says that points earned make tiers, not spending.
    """

    by_points: bool = False
    free_shipping_from: str = ""
    early_access_from: str = ""
    early_by: timedelta = timedelta(0)


class _Terms(Protocol):
    @property
    def tiers(self) -> Sequence[tuple[str, int]]: ...
    @property
    def perks(self) -> Perks: ...


def has(tier: str | None, start: str, tiers: Sequence[tuple[str, int]]) -> bool:
    """Tell whether a tier is the one that a perk starts from, or a higher one."""
    least = dict(tiers)
    return tier in least and start in least and least[tier] >= least[start]


def with_perks(
    rules: Sequence[Promotion], known: Mapping[str, Stored], tier: str | None, terms: _Terms
) -> tuple[list[Promotion], Mapping[str, Stored]]:
    """Return promotions as somebody of a tier meets them."""
    perks, tiers = terms.perks, terms.tiers
    found = list(rules)
    if has(tier, perks.early_access_from, tiers):
        found = [_early(rule, perks.early_by) for rule in found]
    if has(tier, perks.free_shipping_from, tiers):
        free = Promotion(FREE_SHIPPING, [Effect("free_shipping", "shipping")])
        titles = f"Free shipping ({tier})", f"Livraison gratuite ({tier})"
        known = {**known, FREE_SHIPPING: Stored(free, *titles, False, None, None, 0)}
        found.append(free)
    return found, known


def _early(rule: Promotion, by: timedelta) -> Promotion:
    return replace(rule, starts_at=rule.starts_at - by) if rule.starts_at else rule
