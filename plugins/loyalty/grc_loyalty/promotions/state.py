"""A cart while promotions are taken off it.

Lines that are the same are priced as one, so that two lines of one piece cost what one line of
two does. Pieces of a line that fare differently are kept as runs, never one by one: a quantity of
a million costs as much time as a quantity of two.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from .cart import Cart
from .cart import Line
from .rules import EVERYTHING
from .rules import Filter

#: A run of pieces: [how many, what each costs now, what is off the run besides, what each cost
#: when the present promotion began].
Run = list[int]
COUNT, PRICE, POOL, START = 0, 1, 2, 3


class Goods:
    """The distinct lines of a cart, in the order of their first appearance."""

    def __init__(self, cart: Cart) -> None:
        merged: dict[tuple[object, ...], int] = {}
        self.members: list[list[tuple[int, int]]] = []
        lines: list[Line] = []
        for position, line in enumerate(cart.lines):
            same = line.sku, line.unit, line.tags, line.floor, line.reduced, line.tax_percent
            index = merged.setdefault(same, len(merged))
            if index == len(lines):
                lines.append(line)
                self.members.append([])
            self.members[index].append((position, line.quantity))
        #: the first of each; how many pieces there are is in `counts`
        self.lines: Sequence[Line] = tuple(lines)
        self.counts = [sum(count for _, count in members) for members in self.members]
        self.totals = [line.unit * count for line, count in zip(lines, self.counts, strict=True)]
        self.subtotal = sum(self.totals)
        self.has_floors = any(line.floor for line in lines)
        self._meant: dict[Filter, Sequence[int]] = {EVERYTHING: range(len(lines))}
        order = sorted(range(len(lines)), key=lambda i: _identity(lines[i]))
        #: the place of each line in an order that does not depend on how the cart was filled
        self.ranks = [0] * len(order)
        for rank, index in enumerate(order):
            self.ranks[index] = rank

    def meant(self, filter: Filter) -> Sequence[int]:
        """Return the lines that a filter means; looked up once, since promotions share filters."""
        found = self._meant.get(filter)
        if found is None:
            found = [index for index, line in enumerate(self.lines) if filter.matches(line)]
            self._meant[filter] = found
        return found

    def __len__(self) -> int:
        return len(self.lines)


class Working:
    """What everything costs at some point of the calculation."""

    __slots__ = ("gifts", "goods", "repriced", "runs", "shipping", "totals")

    def __init__(self, goods: Goods, shipping: int) -> None:
        self.goods = goods
        self.runs: list[list[Run]] = [
            [[count, line.unit, 0, line.unit]]
            for line, count in zip(goods.lines, goods.counts, strict=True)
        ]
        #: what all pieces of each line cost now
        self.totals = goods.totals[:]
        #: whether the price of a piece changed since the last promotion ended
        self.repriced = False
        self.shipping = shipping
        self.gifts: list[tuple[str, int, str]] = []

    def copy(self) -> "Working":
        """Return a copy to try something on."""
        twin = Working.__new__(Working)
        twin.goods = self.goods
        twin.runs = [[run[:] for run in runs] for runs in self.runs]
        twin.totals = self.totals[:]
        twin.repriced = self.repriced
        twin.shipping = self.shipping
        twin.gifts = self.gifts[:]
        return twin

    def settle(self, lines: Iterable[int]) -> None:
        """Remember lines' prices at the end of a promotion: within one, nothing compounds."""
        if self.repriced:
            for index in lines:
                for run in self.runs[index]:
                    run[START] = run[PRICE]
            self.repriced = False

    def take_each(self, index: int, run: Run, each: int, floor: int) -> int:
        """Take an amount off each piece of a run, down to the floor; return the sum taken."""
        taken = _take_each(run, each, floor)
        self.totals[index] -= taken
        self.repriced = True
        return taken

    def room(self, index: int) -> int:
        """Return how much may still be taken off a line."""
        floor = self.goods.lines[index].floor
        if not floor:
            return self.totals[index]
        runs = self.runs[index]
        return room_of(runs[0], floor) if len(runs) == 1 else sum(room_of(r, floor) for r in runs)

    def split(self, index: int, which: int, count: int) -> Run:
        """Make the first `count` pieces of a run a run of their own, and return it."""
        run = self.runs[index][which]
        if count == run[COUNT]:
            return run
        pool = run[POOL] * count // run[COUNT]
        first = [count, run[PRICE], pool, run[START]]
        rest = [run[COUNT] - count, run[PRICE], run[POOL] - pool, run[START]]
        self.runs[index][which : which + 1] = [first, rest]
        return first

    def reductions(self, index: int) -> Iterator[tuple[int, int]]:
        """Yield (how many pieces, off each piece) of a line, in the order of its pieces."""
        unit = self.goods.lines[index].unit
        for count, price, pool, _ in self.runs[index]:
            each, leftover = divmod(pool, count)
            if leftover:
                yield leftover, unit - price + each + 1
            yield count - leftover, unit - price + each


def room_of(run: Run, floor: int) -> int:
    """Return how much may still be taken off a run."""
    room = run[COUNT] * (run[PRICE] - floor) - run[POOL]
    return room if room > 0 else 0


def _take_each(run: Run, each: int, floor: int) -> int:
    count, price = run[COUNT], run[PRICE]
    if run[POOL] == 0:
        each = max(0, min(each, price - floor))
        run[PRICE] = price - each
        return count * each
    taken = min(count * each, room_of(run, floor))
    each, leftover = divmod(taken, count)
    run[PRICE] = price - each
    run[POOL] += leftover
    return taken


def _identity(line: Line) -> tuple[str, int, int, bool, tuple[str, ...], str]:
    tags = tuple(sorted(line.tags))
    return line.sku, line.unit, line.floor, line.reduced, tags, line.tax_percent or ""
