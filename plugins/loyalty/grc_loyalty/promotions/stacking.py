"""The two ways of combining promotions: the best combination, or one after the other."""

from collections.abc import Iterator
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
from .goods import Goods
from .plan import Prepared
from .plan import Record
from .policy import Policy
from .search import Search
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
        seen = work.totals if self.policy.thresholds == "running" else self.goods.totals
        return Situation(self.cart, self.goods, self.customer, seen)

    def obstacles(self, item: Prepared, situation: Situation) -> Sequence[Obstacle]:
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
    if not eligible:
        return outcome
    search = Search(eligible, outcome.work, task.policy)
    trial, outcome.method = search.run()
    outcome.work = trial.work
    for position, record in zip(trial.chosen, trial.records, strict=True):
        _note(search.all[position], record, outcome)
    if len(trial.chosen) < len(eligible):
        outcome.trace += _left_out(search, trial.chosen, outcome.trace, task.cart.shipping)
    return outcome


def sequential(task: Task, last: str | None = None) -> Outcome:
    """Apply one promotion after the other, higher priority first; an exclusive one alone.

    After the promotion named `last`, if any, nothing more is done.
    """
    outcome = Outcome(Working(task.goods, task.cart.shipping), "sequential")
    turn = in_turn(task.candidates)
    situation = task.situation(outcome.work)
    alone = next((i for i in turn if i.promotion.exclusive and not task.obstacles(i, situation)),
                 None)  # fmt: skip
    if alone is not None:
        untouched = [(item, task.obstacles(item, situation)) for item in turn if item is not alone]
        _apply(alone, outcome, task.goods.subtotal)
        for item, found in untouched:
            if found:
                outcome.trace.append(_rejected(item, found))
            else:
                outcome.trace.append(_superseded(item, [alone.promotion.id], None))
        return outcome
    applied: list[Prepared] = []
    for item in turn:
        found = task.obstacles(item, situation)
        rivals = [] if found else _rivals(item, applied)
        if found:
            outcome.trace.append(_rejected(item, found))
        elif rivals:
            outcome.trace.append(_superseded(item, rivals, None))
        elif _apply(item, outcome, sum(outcome.work.totals)):
            applied.append(item)
        if item.promotion.id == last:
            break
    return outcome


def _rivals(item: Prepared, applied: Sequence[Prepared]) -> list[str]:
    rule = item.promotion
    if rule.combines is None:
        applied = [other for other in applied if other.promotion.combines is not None]
    return [other.promotion.id for other in applied if not other.promotion.goes_with(rule)]


def in_turn(candidates: Sequence[Prepared]) -> list[Prepared]:
    """Return promotions with higher priority first; of equal ones, as they were given."""
    return sorted(candidates, key=lambda item: -item.promotion.priority)


def _apply(item: Prepared, outcome: Outcome, seen: int) -> bool:
    return _note(item, item.record(outcome.work, seen), outcome)


def _note(item: Prepared, record: Record, outcome: Outcome) -> bool:
    """Note what a promotion took off; tell whether that, or a gift, was anything."""
    amount = record[1]
    for _, taken in record[0]:
        amount += taken
    id = item.promotion.id
    if amount or item.has_gift:
        outcome.records.append((id, record))
        outcome.trace.append(Fate(id, APPLIED, "applied", amount))
        return True
    outcome.trace.append(Fate(id, REJECTED, "no_effect"))
    return False


def _rejected(item: Prepared, found: Sequence[Obstacle]) -> Fate:
    """Name the first obstacle; say what is missing only if buying that is all it takes."""
    first = found[0]
    missing = first.missing
    if len(found) > 1:
        alike = [o.missing for o in found if o.missing is not None and o.reason == first.reason]
        missing = max(alike) if len(alike) == len(found) else None
    return Fate(item.promotion.id, REJECTED, first.reason, missing=missing)


def _left_out(
    search: Search, chosen: Sequence[int], trace: Sequence[Fate], shipping: int
) -> Iterator[Fate]:
    """Say of each that was not chosen what took its place, or that it would take nothing off."""
    applied = [fate for fate in trace if fate.outcome == APPLIED]
    taken = set(chosen)
    saved = sum([fate.amount for fate in applied])
    saved += sum([search.all[position].worth_of_gifts() for position in chosen])
    for position, item in enumerate(search.all):
        if position in taken:
            continue
        alone = item.alone(shipping)
        if not alone and not item.has_gift:
            yield Fate(item.promotion.id, REJECTED, "no_effect")
            continue
        against = search.conflicts[position]
        rivals = [search.all[i].promotion.id for i in chosen if against >> i & 1]
        by = rivals or [fate.promotion for fate in applied]
        yield _superseded(item, by, saved - alone)


def _superseded(item: Prepared, by: Sequence[str], difference: int | None) -> Fate:
    reason = "exclusive" if item.promotion.exclusive else "not_combinable"
    return Fate(item.promotion.id, SUPERSEDED, reason, by=tuple(by), difference=difference)
