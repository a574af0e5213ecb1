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

from .effects import each_of
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
    stage = 0
    for item in items:
        promotion = item.promotion
        if promotion.stage < stage or not _is_plain(item):
            return False
        stage = promotion.stage
    return True


def _is_plain(item: Prepared) -> bool:
    promotion = item.promotion
    if promotion.stage == 0:
        # Of two percentages of one price each is rounded: only one is exact by piece.
        effect = promotion.effects[0]
        return len(promotion.effects) == 1 and (effect.cap is None or not item.may_be_capped(0))
    for effect, (lines, _) in zip(promotion.effects, item.scopes, strict=True):
        if effect.style in (EACH, CHOSEN) or (effect.style == POOL and len(lines) < item.lines):
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
    slack, chosen_on = _slack(items, work, policy)
    if not _is_orderly(items, work, slack):
        return None
    floors = work.goods.floors
    rest, reached = work.totals[:], set[int]()
    found: list[int] = []
    certain = 0
    for position in range(len(items) - 1, -1, -1):
        item = items[position]
        if not item.promotion.styles:
            continue  # on the shipping, and gifts: each by itself never costs more
        added = item.worth_of_gifts()
        for line, taken in records[position][0]:
            left = rest[line]
            rest[line] += taken
            if added > slack:
                continue
            if line not in reached:
                added += taken
            elif taken and left and (not floors[line] or work.least_room(line) > slack):
                is_only = chosen_on[line] == 1
                added += _kept(item, records[position], line, taken, left, work, is_only)
        if added > slack:
            certain += 1
        else:
            found.append(position)
        for lines, _ in item.scopes:
            reached.update(lines)
    return Doubt(found, slack, certain)


def _kept(
    item: Prepared, record: Record, line: int, taken: int, left: int, work: Working, is_only: bool
) -> int:
    """Return what at least is kept of what a promotion took off a line, after all others.

    `left` is what was left of the line then; `is_only` says that nothing else chose pieces of it.
    To say that half of what was there then is kept is enough, and bounds the roundings.
    """
    effects, styles = item.promotion.effects, item.promotion.styles
    effect, final = effects[0], work.totals[line]
    evenly = final * min(taken, left) // left
    if len(effects) > 1:
        return evenly if CHOSEN not in styles and line not in work.runs else 0
    if effect.style == POOL or effect.cap == sum([amount for _, amount in record[0]]):
        return evenly
    ratio, amount = each_of(effect, work.goods.subtotal)
    off, of = ratio if ratio[0] else (amount, work.goods.units[line])
    if off < of:
        pieces = next(count for index, count in item.scopes[0][1] if index == line)
        return work.cost_of_first(line, pieces) * min(off, of - off) // (of - off)
    # Free: without the promotion these would cost what the others of the line do.
    return evenly if is_only else 0


def _is_orderly(items: Sequence[Prepared], work: Working, slack: int) -> bool:
    """Tell whether no cap and no floor makes a cheaper cart dearer.

    A cap on pieces is taken in proportion once it is reached, and so leaves the price of a piece
    to later effects on pieces: that matters where it is reached in some combinations only. So
    does a floor that stops an effect on pieces after something was divided over the lines.
    """
    floors, has_floors = work.goods.floors, work.goods.has_floors
    capped: set[int] = set()
    divided: set[int] = set()
    wanted = iter(work.wanted)
    for item in items:
        for number, effect in enumerate(item.promotion.effects):
            lines = item.scopes[number][0]
            if effect.style == POOL:
                divided.update(lines)
            elif effect.style in (EACH, CHOSEN):
                if not capped.isdisjoint(lines):
                    return False
                if has_floors:
                    after = [index for index in lines if floors[index] and index in divided]
                    if any(work.least_room(index) <= slack for index in after):
                        return False
                if effect.cap is not None:
                    is_always = next(wanted) > effect.cap + slack
                    if is_always:
                        divided.update(lines)
                    elif item.may_be_capped(number):
                        capped.update(lines)
    return True


def _slack(items: Sequence[Prepared], work: Working, policy: Policy) -> tuple[int, list[int]]:
    """Return what roundings come to at most, and how many effects choose pieces of each line.

    Of an amount divided over m lines, the parts are m/4 too high and m/4 too low at most, the
    amount itself is rounded by a half: once where the promotion is missing and twice, for the
    ratio, where it is not. A percentage of a piece is rounded by a half for each piece.
    """
    runs = work.runs
    is_usual = policy.share_rounding == "down" and policy.leftover == "largest_remainder"
    by_half = policy.rounding.startswith("half")
    chosen_on = [0] * len(work.goods)
    quarters = 0
    is_divided = False
    for item in items:
        for number, effect in enumerate(item.promotion.effects):
            lines = item.scopes[number][0]
            if effect.style == POOL:
                is_divided = True
                parts = len(lines) + sum([len(runs[i]) for i in lines if i in runs])
                quarters += 3 * parts + 6 if is_usual else 12 * (parts + 1)
            elif effect.style in (EACH, CHOSEN):
                pieces = sum([count for _, count in item.scopes[number][1]])
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
