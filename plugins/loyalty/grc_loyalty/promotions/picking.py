"""Effects on chosen pieces: the cheapest of three, one with each that was bought."""

from collections.abc import Sequence

from .policy import Policy
from .rounding import part
from .rules import Effect
from .state import COUNT
from .state import START
from .state import Working

_ALL = (1, 1)


def take_from_pieces(
    work: Working, effect: Effect, lines: Sequence[int], policy: Policy
) -> list[tuple[int, int]]:
    """Take a reduction off so many of the cheapest pieces."""
    chosen = _choose(work, lines, effect.most_pieces or 0, dearest_first=False)
    return _take(work, effect, chosen, policy)


def cheapest_of_groups(
    work: Working, effect: Effect, lines: Sequence[int], policy: Policy
) -> list[tuple[int, int]]:
    """Take the cheapest piece of each full group: of nine pieces in threes, the cheapest three."""
    times = _most_times(effect, sum(work.goods.counts[index] for index in lines), effect.group_size)
    return _take(work, effect, _choose(work, lines, times, dearest_first=False), policy)


def buy_and_get(
    work: Working, effect: Effect, lines: Sequence[int], bought: Sequence[int], policy: Policy
) -> list[tuple[int, int]]:
    """Take the pieces that come with those bought; no piece counts as both.

    `lines` are those one gets pieces of, `bought` those that entitle to them. Of pieces that
    could be either, no more are taken as the gift than leaves enough to be bought.
    """
    counts = work.goods.counts
    to_buy = sum(counts[index] for index in bought)
    to_get = sum(counts[index] for index in lines)
    either = sum(counts[index] for index in {*bought, *lines})
    times = min(
        _most_times(effect, to_buy, effect.buy_pieces),
        to_get // effect.get_pieces,
        either // (effect.buy_pieces + effect.get_pieces),
    )
    spare = to_buy - times * effect.buy_pieces
    dearest_first = effect.pick == "most_expensive_target_first"
    chosen = _choose(work, lines, times * effect.get_pieces, dearest_first, set(bought), spare)
    return _take(work, effect, chosen, policy)


def _most_times(effect: Effect, pieces: int, size: int) -> int:
    times = pieces // size
    return times if effect.most_times is None else min(times, effect.most_times)


def _choose(
    work: Working,
    lines: Sequence[int],
    pieces: int,
    dearest_first: bool,
    limited: set[int] | None = None,
    spare: int = 0,
) -> list[tuple[int, int]]:
    """Return (line, how many) by unit price; of `limited` lines at most `spare` pieces."""
    sign = -1 if dearest_first else 1
    goods = work.goods
    chosen: list[tuple[int, int]] = []
    for index in sorted(lines, key=lambda i: (sign * goods.lines[i].unit, goods.ranks[i])):
        count = min(goods.counts[index], pieces)
        if limited is not None and index in limited:
            count = min(count, spare)
            spare -= count
        if count:
            chosen.append((index, count))
            pieces -= count
    return chosen


def _take(
    work: Working, effect: Effect, chosen: Sequence[tuple[int, int]], policy: Policy
) -> list[tuple[int, int]]:
    """Take the effect's reduction off the first pieces of each chosen line."""
    ratio = effect.ratio if effect.kind == "percent" or effect.ratio[0] else _ALL
    taken: list[tuple[int, int]] = []
    for index, count in chosen:
        floor, sum_taken, which = work.goods.lines[index].floor, 0, 0
        while count:
            run = work.split(index, which, min(count, work.runs[index][which][COUNT]))
            is_fixed = effect.kind == "fixed"
            each = effect.amount if is_fixed else part(run[START], ratio, policy.rounding)
            sum_taken += work.take_each(index, run, each, floor)
            count -= run[COUNT]
            which += 1
        taken.append((index, sum_taken))
    return taken
