"""The distinct lines of a cart, and which of them a filter means.

Lines that are the same are priced as one, so that two lines of one piece cost what one line of
two does.
"""

from collections.abc import Sequence

from .cart import Cart
from .cart import Line
from .rules import EVERYTHING
from .rules import Filter

#: (position in the cart, how many pieces) of each line that was priced as one with others.
Members = Sequence[tuple[int, int]]


class Goods:
    """The distinct lines of a cart, in the order of their first appearance."""

    __slots__ = ("_by_tag", "_in_turn", "_meant", "_ranks", "all", "counts", "floors", "has_floors",
                 "lines", "members", "subtotal", "totals", "units")  # fmt: skip

    def __init__(self, cart: Cart) -> None:
        lines = cart.lines
        #: which lines of the cart each stands for; None where each stands for itself
        self.members: Sequence[Members] | None = None
        self.lines: Sequence[Line] = lines
        self.counts = [line.quantity for line in lines]
        if len({line.sku for line in lines}) < len(lines):
            self._merge()
        lines = self.lines
        self.units = [line.unit for line in lines]
        self.totals = [unit * count for unit, count in zip(self.units, self.counts, strict=True)]
        self.subtotal = sum(self.totals)
        self.floors = [line.floor for line in lines]
        self.has_floors = any(self.floors)
        self.all: Sequence[int] = range(len(lines))
        self._ranks: list[int] | None = None
        self._by_tag: dict[str, list[int]] | None = None
        self._meant: dict[int, Sequence[int]] = {}
        self._in_turn: dict[bool, list[int]] = {}

    def set_price(self, index: int, unit: int) -> None:
        """Change what a piece of a line costs; for trials, before anything is asked of it."""
        total = unit * self.counts[index]
        self.subtotal += total - self.totals[index]
        self.units[index], self.totals[index] = unit, total

    def _merge(self) -> None:
        merged: dict[tuple[object, ...], int] = {}
        members: list[list[tuple[int, int]]] = []
        lines: list[Line] = []
        for position, line in enumerate(self.lines):
            same = line.sku, line.unit, line.tags, line.floor, line.reduced, line.tax_percent
            index = merged.setdefault(same, len(merged))
            if index == len(lines):
                lines.append(line)
                members.append([])
            members[index].append((position, line.quantity))
        self.lines, self.members = lines, members
        self.counts = [sum(count for _, count in own) for own in members]

    @property
    def ranks(self) -> list[int]:
        """Return each line's place in an order that does not depend on how the cart was filled."""
        if self._ranks is None:
            lines = self.lines
            if self.members is None:
                order = sorted(self.all, key=[line.sku for line in lines].__getitem__)
            else:
                order = sorted(self.all, key=lambda index: _identity(lines[index]))
            self._ranks = [0] * len(order)
            for rank, index in enumerate(order):
                self._ranks[index] = rank
        return self._ranks

    def in_turn(self, dearest_first: bool) -> list[int]:
        """Return each line's place by the price of a piece; of equal ones, by rank."""
        places = self._in_turn.get(dearest_first)
        if places is None:
            sign, ranks, units = -1 if dearest_first else 1, self.ranks, self.units
            order = sorted(self.all, key=lambda index: (sign * units[index], ranks[index]))
            places = [0] * len(order)
            for place, index in enumerate(order):
                places[index] = place
            self._in_turn[dearest_first] = places
        return places

    def meant(self, filter: Filter) -> Sequence[int]:
        """Return the lines that a filter means."""
        if filter is EVERYTHING:
            return self.all
        if filter.by_tags:
            return self._tagged(filter.tags)
        found = self._meant.get(id(filter))
        if found is None:
            found = [index for index, line in enumerate(self.lines) if filter.matches(line)]
            self._meant[id(filter)] = found
        return found

    def _tagged(self, tags: frozenset[str]) -> Sequence[int]:
        if self._by_tag is None:
            self._by_tag = {}
            for index, line in enumerate(self.lines):
                for tag in line.tags:
                    self._by_tag.setdefault(tag, []).append(index)
        if len(tags) == 1:
            (tag,) = tags
            return self._by_tag.get(tag, ())
        return sorted({index for tag in tags for index in self._by_tag.get(tag, ())})

    def __len__(self) -> int:
        return len(self.lines)


def _identity(line: Line) -> tuple[str, int, int, bool, tuple[str, ...], str]:
    tags = tuple(sorted(line.tags))
    return line.sku, line.unit, line.floor, line.reduced, tags, line.tax_percent or ""
