"""How much more must be spent where thresholds look at what earlier promotions left.

There, a dollar more in the cart is less than a dollar towards the threshold, and what is bought may
bring in another promotion that this one does not go with. So it is tried: an amount is named only
if the promotion applies once it is spent, on a line that no promotion names.
"""

from collections.abc import Sequence
from dataclasses import replace

from .cart import MOST_MONEY
from .cart import Line
from .decision import APPLIED
from .decision import Fate
from .goods import Goods
from .plan import prepare
from .stacking import Task
from .stacking import sequential

_REASON = "subtotal_too_low"


def with_shortfalls(task: Task, trace: Sequence[Fate]) -> list[Fate]:
    """Return the trace with exact shortfalls, or none where no spending helps."""
    if task.policy.thresholds != "running":
        return list(trace)
    return [
        fate._replace(missing=_least(task, fate))
        if fate.reason == _REASON and fate.missing is not None
        else fate
        for fate in trace
    ]


def _least(task: Task, fate: Fate) -> int | None:
    """Return a further spending that brings a promotion in while one minor unit less does not."""
    low, high = (fate.missing or 1) - 1, fate.missing or 1
    if low and _try(task, fate.promotion, low).reason != _REASON:
        low = 0
    limit = MOST_MONEY // 2 - task.goods.subtotal - task.cart.shipping
    while (tried := _try(task, fate.promotion, high)).reason == _REASON:
        low, high = high, high * 2
        if high > limit:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        found = _try(task, fate.promotion, middle)
        if found.reason == _REASON:
            low = middle
        else:
            high, tried = middle, found
    return high if tried.outcome == APPLIED else None


def _try(task: Task, promotion: str, more: int) -> Fate:
    """Return what becomes of a promotion with a plain line more in the cart."""
    cart = replace(task.cart, lines=(*task.cart.lines, Line("\0more", more)))
    goods = Goods(cart)
    candidates = prepare([item.promotion for item in task.candidates], goods, task.policy)
    outcome = sequential(replace(task, cart=cart, goods=goods, candidates=candidates))
    return next(fate for fate in outcome.trace if fate.promotion == promotion)
