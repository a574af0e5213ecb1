"""Which pieces an effect on pieces means: all, the cheapest of three, one with each bought."""

from collections.abc import Sequence

from .goods import Goods
from .kinds import EACH
from .rules import Effect

#: (line, how many of its pieces).
Pieces = list[tuple[int, int]]


def pieces_of(goods: Goods, effect: Effect, lines: Sequence[int], bought: Sequence[int]) -> Pieces:
    """Return the pieces that an effect takes its reduction off.

    They go by what a piece cost at first, whatever was taken off meanwhile: of the same cart the
    same pieces. `lines` are those one gets pieces of, `bought` those that entitle to them.
    """
    counts = goods.counts
    if effect.style == EACH:
        return [(index, counts[index]) for index in lines]
    if effect.target == "units":
        return _with_those_bought(goods, effect, lines, bought)
    if effect.target == "group":
        pieces = sum([counts[index] for index in lines])
        return _choose(goods, lines, _most_times(effect, pieces, effect.group_size), False)
    return _choose(goods, lines, effect.most_pieces or 0, False)


def _with_those_bought(
    goods: Goods, effect: Effect, lines: Sequence[int], bought: Sequence[int]
) -> Pieces:
    """Return the pieces that come with those bought; no piece counts as both.

    Of pieces that could be either, no more are taken as the gift than leaves enough to be bought.
    """
    counts = goods.counts
    to_buy = to_get = either = sum([counts[index] for index in bought])
    if lines != bought:
        to_get = sum([counts[index] for index in lines])
        either = sum([counts[index] for index in {*bought, *lines}])
    times = min(
        _most_times(effect, to_buy, effect.buy_pieces),
        to_get // effect.get_pieces,
        either // (effect.buy_pieces + effect.get_pieces),
    )
    spare = to_buy - times * effect.buy_pieces
    dearest_first = effect.pick == "most_expensive_target_first"
    return _choose(goods, lines, times * effect.get_pieces, dearest_first, bought, spare)


def _most_times(effect: Effect, pieces: int, size: int) -> int:
    times = pieces // size
    return times if effect.most_times is None else min(times, effect.most_times)


def _choose(
    goods: Goods,
    lines: Sequence[int],
    pieces: int,
    dearest_first: bool,
    limited: Sequence[int] = (),
    spare: int = 0,
) -> Pieces:
    """Return (line, how many) by unit price; of `limited` lines at most `spare` pieces."""
    found: Pieces = []
    if not pieces:
        return found
    for index in sorted(lines, key=goods.in_turn(dearest_first).__getitem__):
        count = min(goods.counts[index], pieces)
        if index in limited:
            count = min(count, spare)
            spare -= count
        if count:
            found.append((index, count))
            pieces -= count
            if not pieces:
                break
    return found
