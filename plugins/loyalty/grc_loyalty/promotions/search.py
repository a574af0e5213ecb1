"""Find the combination of promotions that saves most."""

import sys
from collections.abc import Collection
from collections.abc import Sequence
from dataclasses import dataclass

from .dominance import Doubt
from .dominance import doubt
from .dominance import is_tame
from .plan import Prepared
from .plan import Record
from .policy import Policy
from .state import Working


@dataclass(frozen=True, slots=True)
class Trial:
    """A combination, by position, with the cart after it; gifts saved what they would cost."""

    chosen: Sequence[int]
    records: Sequence[Record]
    work: Working
    saved: int


class Search:
    """Combine candidates for one cart; they are in the order in which they would be applied."""

    def __init__(self, candidates: Sequence[Prepared], start: Working, policy: Policy) -> None:
        self._start = start
        self._policy = policy
        self.all = sorted(candidates, key=lambda item: item.promotion.turn)
        #: of each candidate, a bit for each that it does not go with
        self.conflicts = conflicts_of(self.all, policy)
        self._best = Trial([], [], start, -1)
        #: what each saves by itself, and at most in company
        self._alone: Sequence[int] = ()
        self._most: Sequence[int] = ()

    def run(self) -> tuple[Trial, str]:
        """Return the best combination, and how it was found."""
        is_small = len(self.all) <= self._policy.exact_up_to
        everybody = range(len(self.all))
        if not any(self.conflicts):
            self._best = whole = self._try(everybody)
            doubts = self._doubt(whole)
            if not doubts.positions:
                return whole, "exact"
            if is_small:
                self._weigh()
                self._without(whole, doubts)
                return self._best, "exact"
            if doubts.certain > 1:
                # Two are in every best combination: no single one is better than all together.
                return whole, "greedy"
        by_worth = self._weigh()
        self._greedy(by_worth)
        if not is_small:
            return self._best, "greedy"
        self._branch(by_worth, (1 << len(by_worth)) - 1)
        return self._best, "exact"

    def _weigh(self) -> list[int]:
        """Note what each saves alone and in company, and return all, the most saving first."""
        shipping = self._start.shipping
        self._alone = [item.alone(shipping) for item in self.all]
        self._most = [item.at_most(shipping) for item in self.all]
        # Of a gift and of money that are worth the same, money.
        return sorted(
            range(len(self.all)), key=lambda i: (-self._alone[i], self.all[i].has_gift, i)
        )

    def _try(self, chosen: Sequence[int]) -> Trial:
        """Apply a combination to a copy of the cart."""
        start, work = self._start, self._start.copy()
        subtotal, gifts = work.goods.subtotal, 0
        records: list[Record] = []
        for position in chosen:
            item = self.all[position]
            records.append(item.record(work, subtotal))
            if item.has_gift:
                gifts += item.worth_of_gifts()
        saved = subtotal - sum(work.totals) + start.shipping - work.shipping
        return Trial(chosen, records, work, saved + gifts)

    def _consider(self, trial: Trial) -> None:
        """Keep a combination that saves more, or the same with fewer promotions."""
        best = self._best
        is_shorter = trial.saved == best.saved and len(trial.chosen) < len(best.chosen)
        if trial.saved > best.saved or is_shorter:
            self._best = trial

    def _doubt(self, trial: Trial) -> Doubt:
        """Return which of a combination that goes together may be better left out."""
        items = [self.all[position] for position in trial.chosen]
        if is_tame(items):
            return Doubt((), 0, 0)
        found = doubt(items, trial.records, trial.work, self._policy)
        if found is None:
            return Doubt(trial.chosen, sys.maxsize, 0)
        return Doubt([trial.chosen[i] for i in found.positions], found.gain, found.certain)

    def _branch(self, left: Sequence[int], present: int) -> None:
        """Decide the candidate with most conflicts either way, until none is left.

        Those left are in the order of what they save; `present` is a bit for each of them.
        """
        if self._at_most(left) <= self._best.saved:
            return
        contested, most = -1, 0
        for i in left:
            against = (self.conflicts[i] & present).bit_count()
            if against > most:
                contested, most = i, against
        if contested >= 0:
            against = self.conflicts[contested]
            self._branch([i for i in left if not against >> i & 1], present & ~against)
            self._branch([i for i in left if i != contested], present & ~(1 << contested))
            return
        chosen = sorted(left)
        trial = self._best if chosen == list(self._best.chosen) else self._try(chosen)
        self._consider(trial)
        doubts = self._doubt(trial)
        if doubts.positions and trial.saved + doubts.gain > self._best.saved:
            self._without(trial, doubts)

    def _at_most(self, left: Sequence[int]) -> int:
        """Return what candidates do not exceed: of those that exclude each other, one counts."""
        found = 0
        groups: list[int] = []
        for i in left:
            against = self.conflicts[i]
            for at, members in enumerate(groups):
                if members & against == members:
                    groups[at] = members | 1 << i
                    break
            else:
                groups.append(1 << i)
                found += self._most[i]
        return found

    def _without(self, trial: Trial, doubts: Doubt) -> None:
        """Try a combination without each set of those that are not certain to belong to it."""
        first = min(doubts.positions)
        certain = [i for i in trial.chosen if i < first]
        left = [i for i in trial.chosen if i >= first]
        self._bound(self._try(certain), left, frozenset(doubts.positions))

    def _bound(self, trial: Trial, left: Sequence[int], doubtful: Collection[int]) -> None:
        """Take or leave each candidate in turn.

        A promotion never saves more in company than alone, which bounds what the rest can do.
        """
        if not left:
            self._consider(trial)
            return
        possible = sum([self._most[i] for i in left])
        if trial.saved + possible <= self._best.saved:
            return
        at, left = left[0], left[1:]
        item, work = self.all[at], trial.work.copy()
        record = item.record(work, work.goods.subtotal)
        saved = trial.saved + sum(trial.work.totals) - sum(work.totals)
        saved += trial.work.shipping - work.shipping + item.worth_of_gifts()
        taken = Trial([*trial.chosen, at], [*trial.records, record], work, saved)
        self._bound(taken, left, doubtful)
        if at in doubtful and saved > trial.saved:
            self._bound(trial, left, doubtful)

    def _greedy(self, by_worth: Sequence[int]) -> None:
        """Take the one that saves most by itself, then each that goes with those taken.

        The same is tried without those that go with no other: together the others may save more.
        """
        alone = (1 << len(by_worth)) - 1
        sociable = [i for i in by_worth if self.conflicts[i] | 1 << i != alone]
        tried = [list(self._best.chosen)]
        for left in (by_worth, sociable, by_worth[:1]):
            chosen = self._fitting(left)
            if chosen in tried or sum([self._most[i] for i in chosen]) <= self._best.saved:
                continue
            tried.append(chosen)
            self._consider(self._try(chosen))

    def _fitting(self, left: Sequence[int]) -> list[int]:
        """Return candidates in turn, without those that do not go with an earlier one."""
        chosen: list[int] = []
        banned = 0
        for i in left:
            if not banned >> i & 1:
                chosen.append(i)
                banned |= self.conflicts[i]
        return sorted(chosen)


def conflicts_of(items: Sequence[Prepared], policy: Policy) -> list[int]:
    """Return of each promotion a bit for each that it does not go with."""
    everybody = (1 << len(items)) - 1
    rules = [item.promotion for item in items]
    apart = _groups_apart(items)
    lanes: dict[int, int] = {}
    exclusive = 0
    for i, rule in enumerate(rules):
        lanes[rule.lane] = lanes.get(rule.lane, 0) | 1 << i
        exclusive |= rule.exclusive << i
    found: list[int] = []
    for i, rule in enumerate(rules):
        against = everybody if rule.exclusive else apart[i] | exclusive
        if policy.lanes == "one":
            against |= lanes[rule.lane]
        found.append(against & ~(1 << i))
    return found


def _groups_apart(items: Sequence[Prepared]) -> Sequence[int]:
    """Return of each promotion those whose groups, or its own, do not agree to the other's."""
    found = [0] * len(items)
    choosy: dict[frozenset[str], int] = {}
    for i, item in enumerate(items):
        combines = item.promotion.combines
        if combines is not None:
            choosy[combines] = choosy.get(combines, 0) | 1 << i
    if not choosy:
        return found
    refused = {combines: _refused(items, combines) for combines in choosy}
    for i, item in enumerate(items):
        combines, groups = item.promotion.combines, item.promotion.groups
        if combines is not None:
            found[i] |= refused[combines]
        for names, members in choosy.items():
            if names.isdisjoint(groups):
                found[i] |= members
    return found


def _refused(items: Sequence[Prepared], combines: frozenset[str]) -> int:
    found = 0
    for i, item in enumerate(items):
        found |= combines.isdisjoint(item.promotion.groups) << i
    return found
