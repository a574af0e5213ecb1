"""A cart while promotions are taken off it.

Lines that are the same are priced as one, so that two lines of one piece cost what one line of
two does. Pieces of a line that fare differently are kept as runs, never one by one: a quantity of
a million costs as much time as a quantity of two.
"""

from collections.abc import Iterator
from collections.abc import Sequence

from .cart import Cart
from .cart import Line

#: A run of pieces: [how many, what each costs now, what is off the run besides, what each cost
#: when the present promotion began].
Run = list[int]
COUNT, PRICE, POOL, START = 0, 1, 2, 3


class Goods:
    """The distinct lines of a cart, in the order of their first appearance."""

    def __init__(self, cart: Cart) -> None:
        merged: dict[Line, int] = {}
        self.members: list[list[tuple[int, int]]] = []
        for position, line in enumerate(cart.lines):
            index = merged.setdefault(_one(line), len(merged))
            if index == len(self.members):
                self.members.append([])
            self.members[index].append((position, line.quantity))
        self.lines: Sequence[Line] = tuple(merged)
        self.counts = [sum(count for _, count in members) for members in self.members]
        order = sorted(range(len(self.lines)), key=lambda i: _identity(self.lines[i]))
        #: the place of each line in an order that does not depend on how the cart was filled
        self.ranks = [0] * len(order)
        for rank, index in enumerate(order):
            self.ranks[index] = rank
        self.subtotal = sum(
            line.unit * count for line, count in zip(self.lines, self.counts, strict=True)
        )

    def __len__(self) -> int:
        return len(self.lines)


class Working:
    """What everything costs at some point of the calculation."""

    __slots__ = ("gifts", "goods", "runs", "shipping")

    def __init__(self, goods: Goods, shipping: int) -> None:
        self.goods = goods
        self.runs: list[list[Run]] = [
            [[count, line.unit, 0, line.unit]]
            for line, count in zip(goods.lines, goods.counts, strict=True)
        ]
        self.shipping = shipping
        self.gifts: list[tuple[str, int, str]] = []

    def copy(self) -> "Working":
        """Return a copy to try something on."""
        twin = Working.__new__(Working)
        twin.goods = self.goods
        twin.runs = [[run[:] for run in runs] for runs in self.runs]
        twin.shipping = self.shipping
        twin.gifts = self.gifts[:]
        return twin

    def settle(self, index: int) -> None:
        """Remember a line's prices at the end of a promotion: within one, nothing compounds."""
        for run in self.runs[index]:
            run[START] = run[PRICE]

    def total(self, index: int) -> int:
        """Return what all pieces of a line cost now."""
        runs = self.runs[index]
        if len(runs) == 1:
            count, price, pool, _ = runs[0]
            return count * price - pool
        return sum(count * price - pool for count, price, pool, _ in runs)

    def goods_total(self) -> int:
        """Return what all lines cost now."""
        return sum(self.total(index) for index in range(len(self.runs)))

    def room(self, index: int) -> int:
        """Return how much may still be taken off a line."""
        runs, floor = self.runs[index], self.goods.lines[index].floor
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


def take_each(run: Run, each: int, floor: int) -> int:
    """Take an amount off each piece of a run, down to the floor; return the sum taken."""
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


def _one(line: Line) -> Line:
    if line.quantity == 1:
        return line
    return Line(line.sku, line.unit, 1, line.tags, line.floor, line.reduced, line.tax_percent)


def _identity(line: Line) -> tuple[str, int, int, bool, tuple[str, ...], str]:
    tags = tuple(sorted(line.tags))
    return line.sku, line.unit, line.floor, line.reduced, tags, line.tax_percent or ""
