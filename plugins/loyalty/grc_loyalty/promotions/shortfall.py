"""How much more must be spent where thresholds look at what earlier promotions left.

There, a dollar more in the cart is less than a dollar towards the threshold. The least amount is
searched for with a line that no promotion names.
"""

from collections.abc import Sequence
from dataclasses import replace

from .cart import MOST_MONEY
from .cart import Line
from .decision import Fate
from .plan import prepare
from .stacking import Task
from .stacking import sequential
from .state import Goods

_REASON = "subtotal_too_low"


def with_shortfalls(task: Task, trace: Sequence[Fate]) -> list[Fate]:
    """Return the trace with exact shortfalls, or none where no spending helps."""
    if task.policy.thresholds != "running":
        return list(trace)
    return [
        replace(fate, missing=_least(task, fate))
        if fate.reason == _REASON and fate.missing is not None
        else fate
        for fate in trace
    ]


def _least(task: Task, fate: Fate) -> int | None:
    """Return the least further spending that reaches a threshold, by bisection."""
    low, high = (fate.missing or 1) - 1, fate.missing or 1
    limit = MOST_MONEY // 2 - task.goods.subtotal - task.cart.shipping
    while not _reached(task, fate.promotion, high):
        low, high = high, high * 2
        if high > limit:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _reached(task, fate.promotion, middle) else (middle, high)
    return high


def _reached(task: Task, promotion: str, more: int) -> bool:
    """Tell whether a promotion's threshold is reached with a plain line more in the cart."""
    cart = replace(task.cart, lines=(*task.cart.lines, Line("\0more", more)))
    goods = Goods(cart)
    candidates = prepare([item.promotion for item in task.candidates], goods)
    outcome = sequential(replace(task, cart=cart, goods=goods, candidates=candidates))
    fates = [fate for fate in outcome.trace if fate.promotion == promotion]
    return fates[0].reason != _REASON
