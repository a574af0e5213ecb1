"""What each kind of effect takes off a cart."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence

from .allocation import allocate
from .goods import Goods
from .kinds import CHOSEN
from .kinds import EACH
from .kinds import GIFT
from .kinds import POOL
from .kinds import SHIPPING
from .policy import Policy
from .rounding import Ratio
from .rounding import part
from .rules import Effect
from .state import TOTAL
from .state import Working
from .state import room_of

#: The lines an effect may reach, and (line, how many) of the pieces an effect on pieces means.
Scope = tuple[Sequence[int], Sequence[tuple[int, int]]]
#: (line, what was taken off it).
Parts = list[tuple[int, int]]


def apply(work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy) -> Parts:
    """Take an effect off the cart; `seen` is the subtotal that its tiers look at."""
    return _HANDLERS[effect.style](work, effect, scope, seen, policy)


def worth(goods: Goods, shipping: int, effect: Effect, scope: Scope, policy: Policy) -> int:
    """Return what an effect takes off a cart that nothing was taken off yet."""
    if effect.style == POOL:
        totals = goods.totals
        base = sum([totals[index] for index in scope[0]])
        wanted = _amount(effect, goods.subtotal, base, policy)
        return min(wanted, _rooms(goods, scope[0]) if goods.has_floors else base)
    if effect.style == SHIPPING:
        return min(shipping, _amount(effect, goods.subtotal, shipping, policy))
    if effect.style == GIFT:
        return 0
    taken = off_pieces(goods, effect, scope, policy)
    return taken if effect.cap is None else min(taken, effect.cap)


def off_pieces(goods: Goods, effect: Effect, scope: Scope, policy: Policy) -> int:
    """Return what an effect on pieces would take off without its cap."""
    ratio, amount = each_of(effect, goods.subtotal)
    units, floors, rounding = goods.units, goods.floors, policy.rounding
    taken = 0
    for index, count in scope[1]:
        unit = units[index]
        each = part(unit, ratio, rounding) if ratio[0] else amount
        most = unit - floors[index]
        taken += count * (each if each < most else max(0, most))
    return taken


def _gift(work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy) -> Parts:
    return []


def _off_shipping(work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy) -> Parts:
    work.shipping -= min(work.shipping, _amount(effect, seen, work.shipping, policy))
    return []


def _amount(effect: Effect, seen: int, base: int, policy: Policy) -> int:
    """Return what an effect is worth on a base, capped."""
    kind = effect.kind
    if kind == "percent":
        wanted = part(base, effect.ratio, policy.rounding)
    elif kind == "fixed":
        wanted = effect.amount
    elif kind == "tiered_percent":
        wanted = part(base, _tier(effect, seen, effect.ratio), policy.rounding)
    elif kind == "tiered_fixed":
        wanted = _tier(effect, seen, (effect.amount, 1))[0]
    else:
        wanted = base  # free shipping
    return wanted if effect.cap is None else min(wanted, effect.cap)


def _tier(effect: Effect, seen: int, base: Ratio) -> Ratio:
    found = base
    for start, value in effect.tier_ratios:
        if seen >= start:
            found = value
    return found


def each_of(effect: Effect, seen: int) -> tuple[Ratio, int]:
    """Return which part of a piece's price, or else which amount, an effect takes off it."""
    if effect.kind == "fixed":
        return _NOTHING, effect.amount
    if effect.kind == "tiered_percent":
        return _tier(effect, seen, effect.ratio), 0
    is_free = effect.kind != "percent" and not effect.ratio[0]
    return _ALL if is_free else effect.ratio, 0


def _over_lines(work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy) -> Parts:
    """Take one amount off all lines together, divided in proportion to what they cost."""
    lines = scope[0]
    totals = [work.totals[index] for index in lines]
    amount = _amount(effect, seen, sum(totals), policy)
    return _spread(work, lines, totals, amount, policy, not work.goods.has_floors)


def _spread(
    work: Working,
    lines: Sequence[int],
    weights: Sequence[int],
    amount: int,
    policy: Policy,
    is_all_room: bool = False,
) -> Parts:
    """Divide an amount over lines, and within each over its runs.

    `is_all_room` says that all of a line's weight may be taken off it.
    """
    if not weights or not amount:
        return []
    goods, ranks, totals = work.goods, work.goods.ranks, work.totals
    rooms = weights if is_all_room else work.rooms(lines)
    if lines is not goods.all:
        ranks = [ranks[index] for index in lines]
    shares = allocate(amount, weights, rooms, ranks, policy)
    parts = list(zip(lines, shares, strict=True))
    for index, share in parts:
        totals[index] -= share
    if work.runs:
        for index, share in parts:
            if share and index in work.runs:
                _within(work, index, share, policy)
    return parts


def _within(work: Working, index: int, share: int, policy: Policy) -> None:
    """Divide what is taken off a line over its runs."""
    runs, floor = work.runs[index], work.goods.floors[index]
    paid = [run for run in runs if run[TOTAL]]
    if len(paid) == 1 and not floor:
        paid[0][TOTAL] -= share
        return
    costs = [run[TOTAL] for run in runs]
    rooms = [room_of(run, floor) for run in runs]
    inner = allocate(share, costs, rooms, range(len(runs)), policy)
    for run, taken in zip(runs, inner, strict=True):
        run[TOTAL] -= taken


def _off_pieces(work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy) -> Parts:
    """Take off single pieces; what would be more than the cap is taken in proportion instead."""
    ratio, amount = each_of(effect, seen)
    pieces = scope[1]
    if effect.cap is None:
        return work.take_off(pieces, ratio, amount, policy.rounding)
    before = work.keep([index for index, _ in pieces])
    taken = work.take_off(pieces, ratio, amount, policy.rounding)
    wanted = sum([each for _, each in taken])
    work.wanted.append(wanted)
    if wanted <= effect.cap:
        return taken
    work.restore(before)
    lines, weights = [index for index, _ in taken], [each for _, each in taken]
    return _spread(work, lines, weights, effect.cap, policy)


_ALL, _NOTHING = (1, 1), (0, 1)


def _rooms(goods: Goods, lines: Sequence[int]) -> int:
    return sum([goods.counts[i] * max(0, goods.units[i] - goods.floors[i]) for i in lines])


_Handler = Callable[[Working, Effect, Scope, int, Policy], Parts]
_HANDLERS: Mapping[str, _Handler] = {
    POOL: _over_lines,
    EACH: _off_pieces,
    CHOSEN: _off_pieces,
    SHIPPING: _off_shipping,
    GIFT: _gift,
}
