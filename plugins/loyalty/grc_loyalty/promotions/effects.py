"""What each kind of effect takes off a cart."""

from collections.abc import Callable
from collections.abc import Sequence

from .allocation import allocate
from .errors import InvalidPromotion
from .picking import buy_and_get
from .picking import cheapest_of_groups
from .picking import take_from_pieces
from .policy import Policy
from .rounding import Ratio
from .rounding import part
from .rules import Effect
from .state import COUNT
from .state import POOL
from .state import PRICE
from .state import START
from .state import Working
from .state import room_of

KINDS = ("percent", "fixed", "tiered_percent", "tiered_fixed", "free_shipping", "cheapest_free",
         "buy_x_get_y_free", "gift")  # fmt: skip
#: The lines an effect may reach, and of those the ones it asks to be bought.
Scope = tuple[Sequence[int], Sequence[int]]
#: What an effect took off: each line's part, and the part of the shipping.
Taken = tuple[list[tuple[int, int]], int]


def apply(
    work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy, id: str = ""
) -> Taken:
    """Take an effect off the cart; `seen` is the subtotal that its tiers look at."""
    if effect.kind == "gift":
        work.gifts.append((effect.sku, effect.pieces, id))
        return [], 0
    if effect.target == "shipping" or effect.kind == "free_shipping":
        return [], _off_shipping(work, effect, seen, policy)
    try:
        handler = _HANDLERS[effect.kind, effect.target]
    except KeyError:
        raise InvalidPromotion(
            f"an effect of kind {effect.kind!r} cannot have the target {effect.target!r}"
        ) from None
    return handler(work, effect, scope, seen, policy), 0


def worth(work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy) -> int | None:
    """Return what an effect on a whole order would take off; None where only trying tells."""
    if effect.kind == "free_shipping":
        return work.shipping
    if effect.kind not in _AMOUNTS or effect.most_pieces is not None:
        return None
    if effect.target == "shipping":
        return min(work.shipping, _amount(effect, seen, work.shipping, policy))
    if effect.target == "each_unit":
        return None
    base = sum([work.totals[index] for index in scope[0]])
    wanted = _amount(effect, seen, base, policy)
    return min(wanted, sum(map(work.room, scope[0])) if work.goods.has_floors else base)


def is_known(effect: Effect) -> bool:
    """Tell whether the engine can apply an effect of this kind to this target."""
    if effect.kind in ("gift", "free_shipping"):
        return True
    if effect.target == "shipping":
        return effect.kind in _AMOUNTS
    return (effect.kind, effect.target) in _HANDLERS


def _off_shipping(work: Working, effect: Effect, seen: int, policy: Policy) -> int:
    if effect.kind == "free_shipping":
        wanted = work.shipping
    else:
        wanted = _amount(effect, seen, work.shipping, policy)
    taken = min(wanted, work.shipping)
    work.shipping -= taken
    return taken


def _amount(effect: Effect, seen: int, base: int, policy: Policy) -> int:
    """Return what an effect is worth on a base, capped."""
    if effect.kind == "fixed":
        wanted = effect.amount
    elif effect.kind == "tiered_fixed":
        wanted = _tier(effect, seen, (effect.amount, 1))[0]
    else:
        ratio = effect.ratio
        if effect.kind == "tiered_percent":
            ratio = _tier(effect, seen, ratio)
        wanted = part(base, ratio, policy.rounding)
    return wanted if effect.cap is None else min(wanted, effect.cap)


def _tier(effect: Effect, seen: int, base: Ratio) -> Ratio:
    found = base
    for start, value in effect.tier_ratios:
        if seen >= start:
            found = value
    return found


def _over_lines(
    work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy
) -> list[tuple[int, int]]:
    """Take one amount off all lines together, divided in proportion to what they cost."""
    lines = scope[0]
    if effect.most_pieces is not None and effect.kind == "percent":
        return _capped(work, effect, policy, take_from_pieces, lines)
    totals = [work.totals[index] for index in lines]
    amount = _amount(effect, seen, sum(totals), policy)
    return spread(work, lines, totals, amount, policy, not work.goods.has_floors)


def spread(
    work: Working,
    lines: Sequence[int],
    weights: Sequence[int],
    amount: int,
    policy: Policy,
    is_all_room: bool = False,
) -> list[tuple[int, int]]:
    """Divide an amount over lines, and within each over its runs.

    `is_all_room` says that all of a line's weight may be taken off it.
    """
    if not weights or not amount:
        return []
    rooms = weights if is_all_room else [work.room(index) for index in lines]
    ranks = [work.goods.ranks[index] for index in lines]
    shares = allocate(amount, weights, rooms, ranks, policy)
    for index, share in zip(lines, shares, strict=True):
        if not share:
            continue
        runs, floor = work.runs[index], work.goods.lines[index].floor
        work.totals[index] -= share
        if len(runs) == 1:
            runs[0][POOL] += share
            continue
        costs = [run[COUNT] * run[PRICE] - run[POOL] for run in runs]
        rooms_within = [room_of(run, floor) for run in runs]
        inner = allocate(share, costs, rooms_within, range(len(runs)), policy)
        for run, taken in zip(runs, inner, strict=True):
            run[POOL] += taken
    return list(zip(lines, shares, strict=True))


def _each_piece(
    work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy
) -> list[tuple[int, int]]:
    """Take an amount, or a percentage of the unit price, off each piece."""
    if effect.most_pieces is not None:
        return _capped(work, effect, policy, take_from_pieces, scope[0])
    return _capped(work, effect, policy, _take_each_piece, scope[0], seen)


def _take_each_piece(
    work: Working, effect: Effect, lines: Sequence[int], seen: int, policy: Policy
) -> list[tuple[int, int]]:
    ratio = _tier(effect, seen, effect.ratio) if effect.kind == "tiered_percent" else effect.ratio
    is_fixed, rounding = effect.kind == "fixed", policy.rounding
    taken: list[tuple[int, int]] = []
    for index in lines:
        floor, sum_taken = work.goods.lines[index].floor, 0
        for run in work.runs[index]:
            each = effect.amount if is_fixed else part(run[START], ratio, rounding)
            sum_taken += work.take_each(index, run, each, floor)
        taken.append((index, sum_taken))
    return taken


def _capped(
    work: Working,
    effect: Effect,
    policy: Policy,
    take: Callable[..., list[tuple[int, int]]],
    *arguments: object,
) -> list[tuple[int, int]]:
    """Take off single pieces; what would be more than the cap is taken in proportion instead."""
    if effect.cap is None:
        return take(work, effect, *arguments, policy)
    before = work.copy()
    taken = take(work, effect, *arguments, policy)
    if sum(amount for _, amount in taken) <= effect.cap:
        return taken
    work.runs, work.totals = before.runs, before.totals
    lines, weights = [index for index, _ in taken], [amount for _, amount in taken]
    return spread(work, lines, weights, effect.cap, policy)


def _group_free(
    work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy
) -> list[tuple[int, int]]:
    return _capped(work, effect, policy, cheapest_of_groups, scope[0])


def _buy_and_get(
    work: Working, effect: Effect, scope: Scope, seen: int, policy: Policy
) -> list[tuple[int, int]]:
    return _capped(work, effect, policy, buy_and_get, scope[0], scope[1])


_AMOUNTS = ("percent", "fixed", "tiered_percent", "tiered_fixed")
_Handler = Callable[[Working, Effect, Scope, int, Policy], list[tuple[int, int]]]
_HANDLERS: dict[tuple[str, str], _Handler] = {
    **{(kind, target): _over_lines for kind in _AMOUNTS for target in ("order", "matching_lines")},
    ("percent", "each_unit"): _each_piece,
    ("fixed", "each_unit"): _each_piece,
    ("tiered_percent", "each_unit"): _each_piece,
    ("cheapest_free", "group"): _group_free,
    ("buy_x_get_y_free", "units"): _buy_and_get,
}
