"""What a customer usually buys, and whether it is about time again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from datetime import timedelta
from statistics import median_low

import grc_core as grc

#: So many orders make a habit.
_OFTEN = 3
#: Orders that came to nothing are no habit.
_UNDONE = frozenset({"cancelled", "refunded", "returned"})


@dataclass(frozen=True, slots=True)
class Habit:
    """A product that somebody buys again and again: how many each time, and when next."""

    product_id: str
    quantity: int
    due: datetime


def due_habits(orders: Iterable[grc.Order], now: datetime, ahead: timedelta) -> list[Habit]:
    """Return what is due until `ahead`, or was lately; whoever skipped once has stopped.

    The next time is the last one and the mean interval.
    """
    times: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for order in orders:
        if order.state not in _UNDONE:
            pieces: dict[str, int] = defaultdict(int)
            for line in order.lines:
                pieces[line.product_id] += line.quantity
            for product_id, quantity in pieces.items():
                times[product_id].append((order.placed_at, quantity))
    found = []
    for product_id, bought in sorted(times.items()):
        if len(bought) < _OFTEN:
            continue
        days = sorted(at for at, _ in bought)
        gap = (days[-1] - days[0]) / (len(days) - 1)
        due = days[-1] + gap
        if due - ahead <= now <= due + gap:
            found.append(Habit(product_id, median_low([count for _, count in bought]), due))
    return found
