"""How much more must be spent where thresholds look at what earlier promotions left.

There, a dollar more in the cart is less than a dollar towards the threshold, and what is bought may
bring in another promotion that this one does not go with. So it is tried: an amount is named only
if the promotion applies once it is spent, on a line that no promotion names, and does not if one
minor unit less is.
"""

from collections.abc import Sequence
from dataclasses import replace

from .cart import MOST_MONEY
from .cart import Line
from .decision import APPLIED
from .decision import REJECTED
from .decision import Fate
from .goods import Goods
from .kinds import CHOSEN
from .plan import prepare
from .rules import Filter
from .rules import Promotion
from .stacking import Task
from .stacking import in_turn
from .stacking import sequential

_REASON = "subtotal_too_low"
#: What a further line may mend; what was rejected for anything else stays so.
_MENDED = (_REASON, "quantity_too_low", "no_effect")
#: After so many trials no amount is named; mostly five do.
_MOST_TRIALS = 60
#: Nor where all trials together apply more promotions than this: thousands with thresholds.
_MOST_STEPS = 50_000
_MORE = Line("\0more", 0)
_WHOLE = 10**9


def with_shortfalls(task: Task, trace: Sequence[Fate]) -> list[Fate]:
    """Return the trace with exact shortfalls, or none where no spending helps."""
    if task.policy.thresholds != "running":
        return list(trace)
    short = [fate for fate in trace if fate.reason == _REASON and fate.missing is not None]
    if not short:
        return list(trace)
    out = {fate.promotion for fate in trace if _is_out(fate)}
    trials = _Trials(task, [i.promotion for i in task.candidates if i.promotion.id not in out])
    missing = {fate.promotion: trials.least(fate) for fate in short}
    return [
        fate._replace(missing=missing[fate.promotion]) if fate.promotion in missing else fate
        for fate in trace
    ]


def _is_out(fate: Fate) -> bool:
    return fate.outcome == REJECTED and fate.reason not in _MENDED


class _Trials:
    """A cart with a plain line more, which is tried at several prices."""

    def __init__(self, task: Task, rules: Sequence[Promotion]) -> None:
        self._task = task
        self._rules = {rule.id: rule for rule in rules}
        self._is_steady = not any(map(_looks_at_prices, rules))
        self._limit = MOST_MONEY // 2 - task.goods.subtotal - task.cart.shipping
        self._left = _MOST_STEPS
        self._trial = self._with(0)

    def _with(self, more: int) -> Task:
        task = self._task
        cart = replace(task.cart, lines=(*task.cart.lines, replace(_MORE, unit=more)))
        goods = Goods(cart)
        items = in_turn(prepare(tuple(self._rules.values()), goods, task.policy))
        return replace(task, cart=cart, goods=goods, candidates=items)

    def _try(self, promotion: str, more: int) -> Fate:
        """Return what becomes of a promotion with so much more spent."""
        self._left -= len(self._rules)
        if self._is_steady:
            goods = self._trial.goods
            goods.set_price(len(goods) - 1, more)
        else:
            self._trial = self._with(more)
        trace = sequential(self._trial, promotion).trace
        return next(fate for fate in reversed(trace) if fate.promotion == promotion)

    def least(self, fate: Fate) -> int | None:
        """Return a spending that brings a promotion in, while one minor unit less does not."""
        conditions = self._rules[fate.promotion].conditions
        if not any(each.least and each.filter.matches(_MORE) for each in conditions):
            return None
        low, short, more = 0, fate.missing or 1, fate.missing or 1
        enough: tuple[int, Fate] | None = None
        rate = 0
        down = 1
        for _ in range(min(_MOST_TRIALS, self._left // len(self._rules))):
            tried = self._try(fate.promotion, more)
            if tried.reason != _REASON:
                enough = more, tried
                more, down = max(low + 1, more - down), down * 8
            elif tried.missing is None:
                return None
            else:
                # No cent spent is more than a cent towards the threshold. How much less it is,
                # the last trial told: enough to come near, never beyond.
                still, spent = tried.missing, more - low
                rate = (short - still) * _WHOLE // spent if low and short > still else rate
                low, short = more, still
                more += max(still, still * _WHOLE // rate - 2) if rate else still
                if enough is not None:
                    more = min(more, enough[0] - 1)
            if enough is not None and enough[0] - low <= 1:
                return enough[0] if enough[1].outcome == APPLIED else None
            if more > self._limit:
                return None
        return None


def _looks_at_prices(rule: Promotion) -> bool:
    """Tell whether the price of the further line may change what a promotion means."""
    if any(_is_bounded(condition.filter) for condition in rule.conditions):
        return True
    for effect in rule.effects:
        filters = [effect.filter, effect.buy] if effect.target == "units" else [effect.filter]
        if any(map(_is_bounded, filters)):
            return True
        if effect.style == CHOSEN and any(filter.matches(_MORE) for filter in filters):
            return True
    return False


def _is_bounded(filter: Filter) -> bool:
    return filter.price_min is not None or filter.price_max is not None
