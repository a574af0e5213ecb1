"""Prove that a combination is best without trying the others.

Taken exactly, without rounding, each effect maps a cheaper cart to a cheaper one: so one more
promotion never costs the customer anything, and what a promotion adds is at least what it took
off each line, times what later promotions left of that line. Where that is more than all
roundings together can turn round, every best combination contains the promotion.

What is needed: of a line, the price p of a piece and the part of it that is left to pay once what
was divided over lines is off. An effect on pieces looks at p alone. Both never rise with one more
promotion, and the ratio between a line without a promotion and with it never falls, as long as no
floor stops it. Two cases are left out, see `_is_orderly`; there all combinations are tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .kinds import CHOSEN
from .kinds import EACH
from .kinds import POOL
from .plan import Prepared
from .plan import Record
from .policy import Policy
from .rules import Effect
from .state import Working


def is_tame(items: Sequence[Prepared]) -> bool:
    """Tell whether taking all of some promotions is best for certain, roundings included.

    So it is with discounts on single pieces, followed by those on the whole order: the former are
    exact by piece, the latter go by the sum alone.
    """
    stages = [item.promotion.stage for item in items]
    return stages == sorted(stages) and all(_is_plain(item) for item in items)


def _is_plain(item: Prepared) -> bool:
    if item.promotion.stage == 0 and len(item.promotion.effects) > 1:
        return False  # two roundings of one price
    for effect, (lines, _) in zip(item.promotion.effects, item.scopes, strict=True):
        if effect.style == POOL and len(lines) < item.lines:
            return False
        if effect.style == CHOSEN and (effect.most_pieces is not None or effect.cap is not None):
            return False
        if effect.style == EACH and (effect.cap is not None or item.promotion.stage):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Doubt:
    """Which of some promotions may be better left out, and what that could save at most.

    `certain` says how many belong to every best combination.
    """

    positions: Sequence[int]
    gain: int
    certain: int


def doubt(
    items: Sequence[Prepared], records: Sequence[Record], work: Working, policy: Policy
) -> Doubt | None:
    """Return what is not certain to belong to the best combination of some promotions.

    `records` and `work` are what came of applying all of them. None says that nothing is known.
    """
    if not _is_orderly(items, work):
        return None
    slack, chosen_on = _slack(items, work, policy)
    totals, floors = work.totals, work.goods.floors
    rest, reached = totals[:], set[int]()
    found: list[int] = []
    certain = 0
    for position in range(len(items) - 1, -1, -1):
        item = items[position]
        styles = item.promotion.styles
        if not styles:
            continue  # on the shipping, and gifts: each by itself never costs more
        added = item.worth_of_gifts()
        for line, taken in records[position][0]:
            left = rest[line]
            rest[line] += taken
            if line not in reached:
                added += taken
            elif left and not (floors[line] and (line in work.runs or work.room(line) <= slack)):
                if CHOSEN in styles:
                    is_even = len(styles) == 1 and chosen_on[line] == 1
                else:
                    is_even = EACH not in styles or line not in work.runs
                if is_even:
                    added += totals[line] * min(taken, left) // left
        if added > slack:
            certain += 1
        else:
            found.append(position)
        for lines, _ in item.scopes:
            reached.update(lines)
    return Doubt(found, slack, certain)


def _is_orderly(items: Sequence[Prepared], work: Working) -> bool:
    """Tell whether no cap and no floor makes a cheaper cart dearer.

    A cap on pieces is taken in proportion once it is reached, and so leaves the price of a piece
    to later effects on pieces. A floor that stops one of these after something was divided over
    lines leaves it too.
    """
    goods = work.goods
    capped: set[int] = set()
    divided: set[int] = set()
    for item in items:
        for effect, (lines, _) in zip(item.promotion.effects, item.scopes, strict=True):
            if effect.style == POOL:
                divided.update(lines)
            elif effect.style in (EACH, CHOSEN):
                if not capped.isdisjoint(lines):
                    return False
                if goods.has_floors and any(goods.floors[i] for i in lines if i in divided):
                    return False
                if effect.cap is not None:
                    capped.update(lines)
    return True


def _slack(items: Sequence[Prepared], work: Working, policy: Policy) -> tuple[int, list[int]]:
    """Return what roundings come to at most, and how many effects choose pieces of each line.

    Of an amount divided over m lines, the parts are m/4 too high and m/4 too low at most, the
    amount itself is rounded by a half: once where the promotion is missing and twice, for the
    ratio, where it is not. A percentage of a piece is rounded by a half for each piece.
    """
    counts, runs = work.goods.counts, work.runs
    is_usual = policy.share_rounding == "down" and policy.leftover == "largest_remainder"
    by_half = policy.rounding.startswith("half")
    chosen_on = [0] * len(counts)
    quarters = 0
    is_divided = False
    for item in items:
        for effect, (lines, _) in zip(item.promotion.effects, item.scopes, strict=True):
            if effect.style == POOL:
                is_divided = True
                parts = len(lines) + sum([len(runs[i]) for i in lines if i in runs])
                quarters += 3 * parts + 6 if is_usual else 12 * (parts + 1)
            elif effect.style in (EACH, CHOSEN):
                pieces = sum([counts[index] for index in lines])
                each = 16 if is_divided else 6
                quarters += (each if by_half else 2 * each) * _rounded(effect, pieces)
                if is_divided or effect.cap is not None:
                    quarters += 16 * (len(lines) + 1)
                if effect.style == CHOSEN:
                    for index in lines:
                        chosen_on[index] += 1
    return (quarters + 3) // 4, chosen_on


def _rounded(effect: Effect, pieces: int) -> int:
    """Return of how many pieces an effect takes what has to be rounded."""
    if effect.kind == "fixed" or (effect.ratio[1] == 1 and effect.kind != "tiered_percent"):
        return 0
    return pieces
