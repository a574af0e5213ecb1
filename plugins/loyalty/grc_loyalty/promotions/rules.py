"""What a promotion says: when it holds, what it gives, and with what it goes together."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from .cart import Line
from .errors import InvalidPromotion
from .rounding import Ratio
from .rounding import ratio_of

TARGETS = ("order", "matching_lines", "each_unit", "shipping", "group", "units", "cart")
ON_PIECES = ("each_unit", "units", "group")
PICKS = ("cheapest_first", "most_expensive_target_first")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are meant; bounds are inclusive and on the unit price, empty sets mean all."""

    tags: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()
    price_min: int | None = None
    price_max: int | None = None

    def matches(self, line: Line) -> bool:
        """Tell whether a line is meant."""
        return not (
            (self.tags and self.tags.isdisjoint(line.tags))
            or (self.skus and line.sku not in self.skus)
            or (self.not_tags and not self.not_tags.isdisjoint(line.tags))
            or (self.price_min is not None and line.unit < self.price_min)
            or (self.price_max is not None and line.unit > self.price_max)
        )


EVERYTHING = Filter()


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold; `kind` is one of `eligibility.KINDS`.

    `least` is an amount or a number of pieces, `number` the position of an order, `names` are
    tags, groups, countries or channels.
    """

    kind: str
    least: int = 0
    number: int = 0
    names: frozenset[str] = frozenset()
    filter: Filter = EVERYTHING


@dataclass(frozen=True, slots=True)
class Effect:
    """What a promotion gives; `kind` is one of `effects.KINDS`, `target` one of `TARGETS`.

    `tiers` are (from this subtotal on, percent or amount). `most_pieces` limits a percentage to
    so many of the cheapest pieces, `most_times` repeats of a group or of buy-and-get. `sku` and
    `pieces` are those of a gift, `worth` what the gift would cost.
    """

    kind: str
    target: str = "order"
    percent: str = "0"
    amount: int = 0
    cap: int | None = None
    filter: Filter = EVERYTHING
    tiers: Sequence[tuple[int, str]] = ()
    most_pieces: int | None = None
    most_times: int | None = None
    group_size: int = 1
    buy: Filter = EVERYTHING
    buy_pieces: int = 1
    get_pieces: int = 1
    pick: str = "cheapest_first"
    sku: str = ""
    pieces: int = 1
    worth: int = 0
    ratio: Ratio = field(init=False, repr=False, compare=False)
    tier_ratios: tuple[tuple[int, Ratio], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ratio", _percentage(self.percent))
        ratios = [
            (start, _percentage(value) if self.kind == "tiered_percent" else (int(value), 1))
            for start, value in self.tiers
        ]
        object.__setattr__(self, "tier_ratios", tuple(sorted(ratios)))
        if self.target not in TARGETS:
            raise InvalidPromotion(f"target {self.target!r} is none of {', '.join(TARGETS)}")
        if self.pick not in PICKS:
            raise InvalidPromotion(f"pick {self.pick!r} is none of {', '.join(PICKS)}")
        small = (self.amount, self.cap or 0, self.worth, *(start for start, _ in ratios))
        if min(small) < 0 or any(ratio[0] < 0 for _, ratio in ratios):
            raise InvalidPromotion("an amount is negative: a promotion never makes things dearer")
        if min(self.group_size, self.buy_pieces, self.get_pieces, self.pieces) < 1:
            raise InvalidPromotion("numbers of pieces start at 1")


@dataclass(frozen=True, slots=True)
class Promotion:
    """Conditions, effects and how it combines with others.

    `starts_at` is included, `ends_at` is not; without a zone they are the shop's own clocks.
    Lower `lane`s are applied first; within one, higher `priority`. An `exclusive` promotion goes
    with no other. `combines` names the groups it goes with (None: all); it is in `groups`.
    `currency` limits it to carts in that currency, and must be there for amounts in a shop that
    sells in several. `blocked` is a reason code from outside, such as `used_up`.
    """

    id: str
    effects: Sequence[Effect]
    conditions: Sequence[Condition] = ()
    priority: int = 0
    lane: int = 0
    exclusive: bool = False
    groups: frozenset[str] = frozenset()
    combines: frozenset[str] | None = None
    code: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    currency: str | None = None
    skips_reduced: bool = False
    blocked: str | None = None
    #: 0 where all effects are on single pieces, which come before those on whole orders
    stage: int = field(init=False, repr=False, compare=False)
    has_gift: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.id or not self.effects:
            raise InvalidPromotion(f"promotion {self.id!r} needs an id and an effect")
        on_pieces = all(effect.target in ON_PIECES for effect in self.effects)
        object.__setattr__(self, "stage", 0 if on_pieces else 1)
        has_gift = any(effect.kind == "gift" for effect in self.effects)
        object.__setattr__(self, "has_gift", has_gift)

    def goes_with(self, other: "Promotion") -> bool:
        """Tell whether both may apply to one cart: each must agree to the other."""
        if self.exclusive or other.exclusive:
            return False
        ours = self.combines is None or not self.combines.isdisjoint(other.groups)
        return ours and (other.combines is None or not other.combines.isdisjoint(self.groups))


def _percentage(percent: object) -> Ratio:
    try:
        ratio = ratio_of(percent)
    except ValueError as error:
        raise InvalidPromotion(str(error)) from None
    if not 0 <= ratio[0] <= ratio[1]:
        raise InvalidPromotion(f"{percent} % is not between 0 and 100 %")
    return ratio
