"""The two ways of combining promotions: the best combination, or one after the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

from .cart import Cart
from .cart import Customer
from .decision import APPLIED
from .decision import REJECTED
from .decision import SUPERSEDED
from .decision import Fate
from .eligibility import Obstacle
from .eligibility import Situation
from .eligibility import obstacles
from .plan import Prepared
from .plan import Record
from .policy import Policy
from .search import Search
from .state import Goods
from .state import Working


@dataclass(slots=True)
class Outcome:
    """The cart after all promotions, with what each took off and what became of it."""

    work: Working
    method: str
    records: list[tuple[str, Record]] = field(default_factory=list)
    trace: list[Fate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Task:
    """Everything a combination depends on."""

    cart: Cart
    goods: Goods
    candidates: Sequence[Prepared]
    customer: Customer | None
    now: datetime
    policy: Policy

    def situation(self, work: Working) -> Situation:
        """Return what conditions look at: the cart as it was, or what is left of it by now."""
        goods = self.goods
        if self.policy.thresholds != "running":
            return Situation(self.cart, goods, self.customer, goods.totals, goods.subtotal)
        return Situation(self.cart, goods, self.customer, work.totals[:], sum(work.totals))

    def obstacles(self, item: Prepared, situation: Situation) -> list[Obstacle]:
        """Return what keeps a promotion from applying."""
        return obstacles(item.promotion, situation, self.now, self.policy.zone)


def best(task: Task) -> Outcome:
    """Apply the combination that saves most."""
    outcome = Outcome(Working(task.goods, task.cart.shipping), "exact")
    eligible: list[Prepared] = []
    situation = task.situation(outcome.work)
    for item in task.candidates:
        found = task.obstacles(item, situation)
        if found:
            outcome.trace.append(_rejected(item, found))
        else:
            eligible.append(item)
    search = Search(eligible, outcome.work, task.goods.subtotal, task.policy)
    trial, outcome.method = search.run()
    outcome.work = trial.work
    chosen = [search.all[position] for position in trial.chosen]
    for item, record in zip(chosen, trial.records, strict=True):
        _note(item, record, outcome)
    applied = [fate for fate in outcome.trace if fate.outcome == APPLIED]
    taken = {item.promotion.id for item in chosen}
    for item in eligible:
        if item.promotion.id not in taken:
            outcome.trace.append(_left_out(item, chosen, applied, task.policy))
    return outcome


def sequential(task: Task) -> Outcome:
    """Apply one promotion after the other, higher priority first; an exclusive one alone."""
    outcome = Outcome(Working(task.goods, task.cart.shipping), "sequential")
    in_turn = sorted(
        enumerate(task.candidates), key=lambda pair: (-pair[1].promotion.priority, pair[0])
    )
    turn = [item for _, item in in_turn]
    untouched = task.situation(outcome.work)
    alone = next(
        (i for i in turn if i.promotion.exclusive and not task.obstacles(i, untouched)), None
    )
    if alone is not None:
        _apply(task, alone, outcome, task.goods.subtotal)
    for item in turn:
        if item is alone:
            continue
        found = task.obstacles(item, task.situation(outcome.work) if alone is None else untouched)
        if found:
            outcome.trace.append(_rejected(item, found))
        elif alone is not None:
            outcome.trace.append(_superseded(item, [alone.promotion.id], None))
        else:
            rival = _rival(item, outcome, turn)
            if rival:
                outcome.trace.append(_superseded(item, rival, None))
            else:
                seen = sum(outcome.work.totals)
                _apply(task, item, outcome, seen)
    return outcome


def _rival(item: Prepared, outcome: Outcome, turn: Sequence[Prepared]) -> list[str]:
    """Return what was applied already and does not go with a promotion."""
    applied = {id for id, _ in outcome.records}
    return [
        other.promotion.id
        for other in turn
        if other.promotion.id in applied and not other.promotion.goes_with(item.promotion)
    ]


def _apply(task: Task, item: Prepared, outcome: Outcome, seen: int) -> None:
    _note(item, item.record(outcome.work, seen, task.policy), outcome)


def _note(item: Prepared, record: Record, outcome: Outcome) -> None:
    amount = sum(record[0].values()) + record[1]
    id = item.promotion.id
    if amount or item.has_gift:
        outcome.records.append((id, record))
        outcome.trace.append(Fate(id, APPLIED, "applied", amount))
    else:
        outcome.trace.append(Fate(id, REJECTED, "no_effect"))


def _rejected(item: Prepared, found: Sequence[Obstacle]) -> Fate:
    """Name the first obstacle; say what is missing only if buying that is all it takes."""
    first = found[0]
    missing = first.missing
    if len(found) > 1:
        alike = [o.missing for o in found if o.missing is not None and o.reason == first.reason]
        missing = max(alike) if len(alike) == len(found) else None
    return Fate(item.promotion.id, REJECTED, first.reason, missing=missing)


def _left_out(
    item: Prepared, chosen: Sequence[Prepared], applied: Sequence[Fate], policy: Policy
) -> Fate:
    """Say what took a promotion's place, or that it would take nothing off."""
    rivals = [
        other.promotion.id
        for other in chosen
        if not other.promotion.goes_with(item.promotion)
        or (policy.lanes == "one" and other.promotion.lane == item.promotion.lane)
    ]
    if not item.alone and not item.has_gift:
        return Fate(item.promotion.id, REJECTED, "no_effect")
    saved = sum(fate.amount for fate in applied)
    by = rivals or [fate.promotion for fate in applied]
    return _superseded(item, by, saved - item.alone)


def _superseded(item: Prepared, by: Sequence[str], difference: int | None) -> Fate:
    reason = "exclusive" if item.promotion.exclusive else "not_combinable"
    return Fate(item.promotion.id, SUPERSEDED, reason, by=tuple(by), difference=difference)
