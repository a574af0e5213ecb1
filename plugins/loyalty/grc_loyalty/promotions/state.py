"""A cart while promotions are taken off it.

A line is mostly one run of pieces that cost the same, kept as three numbers. Only where pieces of
a line fare differently it is split into runs, and never piece by piece: a quantity of a million
costs as much time as a quantity of two.
"""

from collections.abc import Iterable
from collections.abc import Sequence

from .goods import Goods
from .rounding import Ratio
from .rounding import part

#: A run of pieces: [how many, what each costs now, what all of them cost now, what each cost when
#: the present promotion began]. All may cost less than each times how many: by what was taken off
#: them together.
Run = list[int]
COUNT, PRICE, TOTAL, START = 0, 1, 2, 3
#: What lines cost at some moment, to go back to.
Kept = list[tuple[int, int, int, list[Run] | None]]


class Working:
    """What everything costs at some point of the calculation."""

    __slots__ = (
        "_began",
        "gifts",
        "goods",
        "prices",
        "runs",
        "shipping",
        "starts",
        "totals",
        "wanted",
    )

    def __init__(self, goods: Goods, shipping: int) -> None:
        self.goods = goods
        #: what all pieces of each line cost now
        self.totals = goods.totals[:]
        #: what a piece of each line that is one run costs now
        self.prices = goods.units[:]
        #: the runs of lines that are more than one
        self.runs: dict[int, list[Run]] = {}
        #: what a piece cost when the present promotion began; of one effect, what it costs now
        self.starts = self.prices
        self._began = PRICE
        self.shipping = shipping
        self.gifts: list[tuple[str, int, str]] = []
        #: what each effect on pieces that has a cap would have taken off without it
        self.wanted: list[int] = []

    def copy(self) -> "Working":
        """Return a copy to try something on, between two promotions."""
        twin = Working.__new__(Working)
        twin.goods = self.goods
        twin.totals = self.totals[:]
        twin.prices = twin.starts = self.prices[:]
        twin.runs = {index: [run[:] for run in runs] for index, runs in self.runs.items()}
        twin._began = PRICE
        twin.shipping = self.shipping
        twin.gifts = self.gifts[:]
        twin.wanted = self.wanted[:]
        return twin

    def begin(self) -> None:
        """Begin a promotion of several effects: within one, percentages do not compound."""
        self.starts = self.prices[:]
        for runs in self.runs.values():
            for run in runs:
                run[START] = run[PRICE]
        self._began = START

    def end(self) -> None:
        """End a promotion of several effects."""
        self.starts = self.prices
        self._began = PRICE

    def keep(self, lines: Sequence[int]) -> Kept:
        """Return what lines cost, to go back to."""
        found: Kept = []
        for index in lines:
            runs = self.runs.get(index)
            kept = None if runs is None else [run[:] for run in runs]
            found.append((index, self.totals[index], self.prices[index], kept))
        return found

    def restore(self, kept: Kept) -> None:
        """Go back to what lines cost before."""
        for index, total, price, runs in kept:
            self.totals[index] = total
            self.prices[index] = price
            if runs is not None:
                self.runs[index] = runs
            else:
                self.runs.pop(index, None)

    def rooms(self, lines: Iterable[int]) -> list[int]:
        """Return how much may still be taken off each of some lines."""
        totals, runs = self.totals, self.runs
        if not self.goods.has_floors:
            return [totals[index] for index in lines]
        counts, floors = self.goods.counts, self.goods.floors
        found = [totals[index] - counts[index] * floors[index] for index in lines]
        if runs:
            for at, index in enumerate(lines):
                if index in runs:
                    found[at] = self.room(index)
        return found if min(found, default=0) >= 0 else [max(0, room) for room in found]

    def room(self, index: int) -> int:
        """Return how much may still be taken off a line."""
        floor = self.goods.floors[index]
        if not floor:
            return self.totals[index]
        runs = self.runs.get(index)
        if runs is None:
            return max(0, self.totals[index] - self.goods.counts[index] * floor)
        return sum([room_of(run, floor) for run in runs])

    def least_room(self, index: int) -> int:
        """Return how much may still be taken off the pieces of a line that are nearest a floor."""
        floor, runs = self.goods.floors[index], self.runs.get(index)
        if runs is None:
            return self.room(index)
        return min([room_of(run, floor) for run in runs])

    def take_off(
        self, pieces: Iterable[tuple[int, int]], ratio: Ratio, amount: int, rounding: str
    ) -> list[tuple[int, int]]:
        """Take a part of their price, or an amount, off the first so many pieces of lines.

        The part is of what a piece cost when the promotion began; a part of nothing means the
        amount. No piece falls below its floor. Returns the sum taken off each line.
        """
        goods, several = self.goods, self.runs
        counts, floors = goods.counts, goods.floors
        prices, totals, starts = self.prices, self.totals, self.starts
        is_part = ratio[0] > 0
        taken: list[tuple[int, int]] = []
        for index, wanted in pieces:
            count = counts[index]
            if index in several or wanted < count:
                off = self._take_off_runs(index, wanted, ratio, amount, rounding)
                taken.append((index, off))
                continue
            each = part(starts[index], ratio, rounding) if is_part else amount
            price, total = prices[index], totals[index]
            if total == count * price:
                if each > price - floors[index]:
                    each = max(0, price - floors[index])
                off = count * each
            else:
                off = max(0, min(count * each, total - count * floors[index]))
                each = off // count
            prices[index] = price - each
            totals[index] = total - off
            taken.append((index, off))
        return taken

    def _take_off_runs(
        self, index: int, pieces: int, ratio: Ratio, amount: int, rounding: str
    ) -> int:
        """Take off a line that is several runs, or becomes several."""
        floor, runs, which, sum_taken = self.goods.floors[index], self.runs.get(index), 0, 0
        if runs is None:
            count = self.goods.counts[index]
            runs = [[count, self.prices[index], self.totals[index], self.starts[index]]]
            self.runs[index] = runs
        while pieces:
            run = runs[which]
            if run[COUNT] > pieces:
                runs[which : which + 1] = _split(run, pieces)
                run = runs[which]
            each = part(run[self._began], ratio, rounding) if ratio[0] else amount
            each, taken = _off(run, floor, each)
            run[PRICE] -= each
            run[TOTAL] -= taken
            sum_taken += taken
            pieces -= run[COUNT]
            which += 1
        self.totals[index] -= sum_taken
        return sum_taken

    def cost_of_first(self, index: int, pieces: int) -> int:
        """Return what the first pieces of a line cost now."""
        runs = self.runs.get(index)
        if runs is None:
            return self.totals[index] * pieces // self.goods.counts[index]
        found = 0
        for count, _, total, _ in runs:
            found += total * min(count, pieces) // count
            pieces -= min(count, pieces)
        return found

    def reductions(self, index: int) -> list[tuple[int, int]]:
        """Return (how many pieces, off each piece) of a line, in the order of its pieces."""
        unit = self.goods.units[index]
        runs = self.runs.get(index)
        if runs is None:
            count = self.goods.counts[index]
            return _dealt(count, unit * count - self.totals[index])
        return [
            dealt for count, _, total, _ in runs for dealt in _dealt(count, unit * count - total)
        ]


def room_of(run: Run, floor: int) -> int:
    """Return how much may still be taken off a run."""
    room = run[TOTAL] - run[COUNT] * floor
    return room if room > 0 else 0


def _off(run: Run, floor: int, each: int) -> tuple[int, int]:
    """Return how much less pieces cost each, and all of them, with so much off each."""
    count, price, total, _ = run
    if total == count * price:
        each = max(0, min(each, price - floor))
        return each, count * each
    taken = max(0, min(count * each, total - count * floor))
    return taken // count, taken


def _dealt(count: int, off: int) -> list[tuple[int, int]]:
    """Divide what is off pieces over them; the first ones get what is left over."""
    each, more = divmod(off, count)
    if not more:
        return [(count, each)]
    return [(more, each + 1), (count - more, each)]


def _split(run: Run, pieces: int) -> list[Run]:
    """Divide a run after so many pieces, and what was taken off them together with it."""
    count, price, total, start = run
    pool = (count * price - total) * pieces // count
    first = pieces * price - pool
    return [[pieces, price, first, start], [count - pieces, price, total - first, start]]
