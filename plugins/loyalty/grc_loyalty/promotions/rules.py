"""What a promotion says: when it holds, what it gives, and with what it goes together."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from .cart import Line
from .errors import InvalidPromotion
from .fields import check_whole
from .fields import is_name
from .fields import is_whole
from .fields import make_sets
from .fields import make_tuple
from .kinds import CONDITIONS
from .kinds import EFFECTS
from .kinds import GIFT
from .kinds import PICKS
from .kinds import SHIPPING
from .kinds import TARGETS
from .kinds import style_of
from .rounding import Ratio
from .rounding import ratio_of

#: What is applied to single pieces, before what is applied to whole orders.
_ON_PIECES = ("each_unit", "units", "group")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which lines are meant; bounds are inclusive and on the unit price, empty sets mean all."""

    tags: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    not_tags: frozenset[str] = frozenset()
    price_min: int | None = None
    price_max: int | None = None
    #: whether tags alone decide, as they mostly do
    by_tags: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        make_sets(self, InvalidPromotion, "tags", "skus", "not_tags")
        check_whole(self, InvalidPromotion, 0, "price_min", "price_max")
        others = self.skus or self.not_tags
        bounds = self.price_min is not None or self.price_max is not None
        object.__setattr__(self, "by_tags", bool(self.tags) and not others and not bounds)

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
    """Something that must hold; `kind` is one of `kinds.CONDITIONS`.

    `least` is an amount or a number of pieces, `number` the position of an order, `names` are
    tags, groups, countries or channels.
    """

    kind: str
    least: int = 0
    number: int = 0
    names: frozenset[str] = frozenset()
    filter: Filter = EVERYTHING

    def __post_init__(self) -> None:
        if self.kind not in CONDITIONS:
            known = ", ".join(CONDITIONS)
            raise InvalidPromotion(f"there is no condition {self.kind!r}; there are {known}")
        make_sets(self, InvalidPromotion, "names")
        check_whole(self, InvalidPromotion, None, "least", "number")


@dataclass(frozen=True, slots=True)
class Effect:
    """What a promotion gives; `kind` and `target` are those of `kinds.EFFECTS`.

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
    #: how it works, see `kinds`
    style: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_whole(
            self, InvalidPromotion, 0, "amount", "cap", "most_pieces", "most_times", "worth"
        )
        check_whole(self, InvalidPromotion, 1, "group_size", "buy_pieces", "get_pieces", "pieces")
        if self.kind not in EFFECTS:
            raise InvalidPromotion(
                f"there is no effect {self.kind!r}; there are {', '.join(EFFECTS)}"
            )
        if self.target not in TARGETS:
            raise InvalidPromotion(f"target {self.target!r} is none of {', '.join(TARGETS)}")
        if self.target not in EFFECTS[self.kind]:
            what = f"{self.kind!r} with the target {self.target!r}"
            raise InvalidPromotion(f"there is no effect {what}")
        if self.pick not in PICKS:
            raise InvalidPromotion(f"pick {self.pick!r} is none of {', '.join(PICKS)}")
        ratio = _percentage(self.percent)
        tiers = tuple(sorted(_tier(self.kind, tier) for tier in self.tiers))
        style = style_of(self.kind, self.target, self.most_pieces)
        for name, value in (("ratio", ratio), ("tier_ratios", tiers), ("style", style)):
            object.__setattr__(self, name, value)


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
    #: lanes in turn, single pieces before whole orders, then priority
    turn: tuple[int, int, int, str] = field(init=False, repr=False, compare=False)
    has_gift: bool = field(init=False, repr=False, compare=False)
    #: how its effects on lines work, see `kinds`
    styles: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not is_name(self.id) or not self.effects:
            raise InvalidPromotion(f"promotion {self.id!r} needs an id and an effect")
        make_tuple(self, InvalidPromotion, "effects", Effect)
        make_tuple(self, InvalidPromotion, "conditions", Condition)
        make_sets(
            self, InvalidPromotion, "groups", *(() if self.combines is None else ("combines",))
        )
        check_whole(self, InvalidPromotion, None, "priority", "lane")
        for moment in (self.starts_at, self.ends_at):
            if moment is not None and not isinstance(moment, datetime):
                raise InvalidPromotion(f"{self.id}: {moment!r} is no time")
        on_pieces = all(effect.target in _ON_PIECES for effect in self.effects)
        stage = 0 if on_pieces else 1
        object.__setattr__(self, "stage", stage)
        object.__setattr__(self, "turn", (self.lane, stage, -self.priority, self.id))
        styles = frozenset(effect.style for effect in self.effects)
        object.__setattr__(self, "has_gift", GIFT in styles)
        object.__setattr__(self, "styles", styles - {GIFT, SHIPPING})

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


def _tier(kind: str, tier: Sequence[object]) -> tuple[int, Ratio]:
    """Return from which subtotal on a tier gives how much."""
    if isinstance(tier, str) or len(tier) != 2:
        raise InvalidPromotion(f"a tier is (from this subtotal on, how much), not {tier!r}")
    start, value = tier
    if not isinstance(start, int) or not is_whole(start) or start < 0:
        raise InvalidPromotion(f"a tier starts at a number of minor units, not at {start!r}")
    if kind == "tiered_percent":
        return start, _percentage(value)
    try:
        amount = int(str(value))
    except ValueError:
        raise InvalidPromotion(f"{value!r} is not a number of minor units") from None
    if amount < 0:
        raise InvalidPromotion("an amount is negative: a promotion never makes things dearer")
    return start, (amount, 1)
