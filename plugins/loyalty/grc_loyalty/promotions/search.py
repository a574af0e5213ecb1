"""Find the combination of promotions that saves most."""

from collections.abc import Sequence
from dataclasses import dataclass

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

    def __init__(
        self, candidates: Sequence[Prepared], start: Working, subtotal: int, policy: Policy
    ) -> None:
        self._start = start
        self._subtotal = subtotal
        self._policy = policy
        self.all = sorted(candidates, key=lambda item: item.key)
        #: of each candidate, a bit for each that it does not go with
        self._conflicts = self._find_conflicts()
        self._best = Trial((), (), start, -1)

    def run(self) -> tuple[Trial, str]:
        """Return the best combination, and how it was found."""
        everybody = list(range(len(self.all)))
        only_conflicts = self._only_conflicts_matter()
        if only_conflicts and not any(self._conflicts):
            return self._try(everybody), "exact"
        is_greedy = len(everybody) > self._policy.exact_up_to
        if is_greedy and not any(self._conflicts):
            self._best = self._try(everybody)
            if not any(self._is_better_alone(item) for item in self.all):
                return self._best, "greedy"
        for item in self.all:
            item.alone = self._alone(item)
        if is_greedy:
            self._greedy()
            return self._best, "greedy"
        if only_conflicts:
            self._branch(everybody)
        else:
            self._greedy()
            self._bound(0, Trial((), (), self._start, 0), 0)
        return self._best, "exact"

    def _find_conflicts(self) -> list[int]:
        conflicts = [0] * len(self.all)
        for i, item in enumerate(self.all):
            promotion = item.promotion
            is_choosy = promotion.exclusive or promotion.combines is not None
            if not is_choosy and self._policy.lanes != "one":
                continue
            for k, other in enumerate(self.all):
                if k != i and not self._compatible(item, other):
                    conflicts[i] |= 1 << k
                    conflicts[k] |= 1 << i
        return conflicts

    def _compatible(self, one: Prepared, other: Prepared) -> bool:
        a, b = one.promotion, other.promotion
        if self._policy.lanes == "one" and a.lane == b.lane:
            return False
        return a.goes_with(b)

    def _alone(self, item: Prepared) -> int:
        quick = item.quick_worth(self._start, self._subtotal, self._policy)
        if quick is not None:
            return quick
        off, off_shipping = item.record(self._start.copy(), self._subtotal, self._policy)
        return sum(off.values()) + off_shipping + item.worth_of_gifts()

    def _is_better_alone(self, item: Prepared) -> bool:
        saved = self._best.saved
        return item.at_most(self._start) > saved and self._alone(item) > saved

    def _try(self, chosen: Sequence[int]) -> Trial:
        """Apply a combination to a copy of the cart."""
        work = self._start.copy()
        records, saved = [], 0
        for i in chosen:
            item = self.all[i]
            record = item.record(work, self._subtotal, self._policy)
            saved += sum(record[0].values()) + record[1] + item.worth_of_gifts()
            records.append(record)
        return Trial(chosen, records, work, saved)

    def _consider(self, trial: Trial) -> None:
        """Keep a combination that saves more, or the same with fewer promotions."""
        best = self._best
        is_shorter = trial.saved == best.saved and len(trial.chosen) < len(best.chosen)
        if trial.saved > best.saved or is_shorter:
            self._best = trial

    # One more promotion never saves less where every candidate is monotone and those on pieces
    # come first: each then maps a cheaper cart to a cheaper cart. Only conflicts need a choice.

    def _only_conflicts_matter(self) -> bool:
        stages = [item.promotion.stage for item in self.all]
        return stages == sorted(stages) and all(item.is_monotone for item in self.all)

    def _branch(self, left: list[int]) -> None:
        """Decide the candidate with most conflicts either way, until none is left."""
        if self._best.saved >= 0 and sum(self.all[i].alone for i in left) <= self._best.saved:
            return
        present = sum(1 << i for i in left)
        contested = max(
            left, key=lambda i: (self._conflicts[i] & present).bit_count(), default=None
        )
        if contested is None or not self._conflicts[contested] & present:
            self._consider(self._try(left))
            return
        self._branch([i for i in left if not self._conflicts[contested] >> i & 1])
        self._branch([i for i in left if i != contested])

    def _bound(self, at: int, trial: Trial, banned: int) -> None:
        """Take or leave each candidate in turn; `banned` are those that do not go with the taken.

        A promotion never saves more in company than alone, which bounds what the rest can do.
        """
        while at < len(self.all) and banned >> at & 1:
            at += 1
        if at == len(self.all):
            self._consider(trial)
            return
        possible = sum(
            [item.alone for i, item in enumerate(self.all[at:], at) if not banned >> i & 1]
        )
        if self._best.saved >= 0 and trial.saved + possible <= self._best.saved:
            return
        item = self.all[at]
        after = trial.work.copy()
        record = item.record(after, self._subtotal, self._policy)
        saved = trial.saved + sum(record[0].values()) + record[1] + item.worth_of_gifts()
        taken = Trial((*trial.chosen, at), (*trial.records, record), after, saved)
        self._bound(at + 1, taken, banned | self._conflicts[at])
        self._bound(at + 1, trial, banned)

    def _greedy(self) -> None:
        """Take the one that saves most by itself, then each that goes with those taken."""
        by_worth = sorted(range(len(self.all)), key=lambda i: (-self.all[i].alone, i))
        chosen: list[int] = []
        banned = 0
        for i in by_worth:
            if not banned >> i & 1:
                chosen.append(i)
                banned |= self._conflicts[i]
        self._best = self._try(sorted(chosen))
        if self.all[by_worth[0]].alone > self._best.saved:
            self._best = self._try(by_worth[:1])
