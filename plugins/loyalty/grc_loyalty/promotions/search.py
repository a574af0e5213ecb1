"""Find the combination of promotions that saves most."""

from collections.abc import Sequence

from .plan import Prepared
from .policy import Policy
from .state import Working


class Search:
    """Combine candidates for one cart; they are in the order in which they would be applied."""

    def __init__(
        self, candidates: Sequence[Prepared], start: Working, subtotal: int, policy: Policy
    ) -> None:
        self._start = start
        self._subtotal = subtotal
        self._policy = policy
        self._all = sorted(candidates, key=lambda item: item.key)
        self._conflicts = self._find_conflicts()
        self._best: list[int] = []
        self._saved = -1

    def run(self) -> tuple[list[Prepared], str]:
        """Return the best combination in the order of application, and how it was found."""
        for item in self._all:
            item.alone = self._alone(item)
        everybody = list(range(len(self._all)))
        method = "exact"
        if not any(self._conflicts) and self._only_conflicts_matter():
            self._best = everybody
        elif len(everybody) > self._policy.exact_up_to:
            self._greedy()
            method = "greedy"
        else:
            if self._only_conflicts_matter():
                self._branch(everybody)
            else:
                self._bound(0, [], self._start, 0, sum(item.alone for item in self._all))
        return [self._all[i] for i in self._best], method

    def _find_conflicts(self) -> list[set[int]]:
        conflicts: list[set[int]] = [set() for _ in self._all]
        choosy = [
            i
            for i, item in enumerate(self._all)
            if self._policy.lanes == "one"
            or item.promotion.exclusive
            or item.promotion.combines is not None
        ]
        for i in choosy:
            for k, other in enumerate(self._all):
                if k != i and not self._compatible(self._all[i], other):
                    conflicts[i].add(k)
                    conflicts[k].add(i)
        return conflicts

    def _compatible(self, one: Prepared, other: Prepared) -> bool:
        a, b = one.promotion, other.promotion
        if self._policy.lanes == "one" and a.lane == b.lane:
            return False
        return a.goes_with(b)

    def _alone(self, item: Prepared) -> int:
        quick = item.quick_worth(self._start, self._subtotal, self._policy)
        return self._worth([item]) if quick is None else quick

    def _worth(self, items: Sequence[Prepared]) -> int:
        """Return what a combination saves, gifts at what they would cost."""
        work = self._start.copy()
        saved = 0
        for item in items:
            saved += item.take(work, self._subtotal, self._policy) + item.worth_of_gifts()
        return saved

    def _consider(self, chosen: list[int], saved: int) -> None:
        """Keep a combination that saves more, or the same with fewer promotions."""
        if saved > self._saved or (saved == self._saved and len(chosen) < len(self._best)):
            self._best, self._saved = chosen, saved

    # One more promotion never saves less where every candidate is monotone and those on pieces
    # come first: each then maps a cheaper cart to a cheaper cart. Only conflicts need a choice.

    def _only_conflicts_matter(self) -> bool:
        stages = [item.key[1] for item in self._all]
        return all(item.is_monotone for item in self._all) and stages == sorted(stages)

    def _branch(self, left: list[int]) -> None:
        """Decide the candidate with most conflicts either way, until none is left."""
        if self._saved >= 0 and sum(self._all[i].alone for i in left) <= self._saved:
            return
        present = set(left)
        contested = max(left, key=lambda i: len(self._conflicts[i] & present), default=None)
        if contested is None or not self._conflicts[contested] & present:
            self._consider(left, self._worth([self._all[i] for i in left]))
            return
        self._branch([i for i in left if i not in self._conflicts[contested]])
        self._branch([i for i in left if i != contested])

    def _bound(self, at: int, chosen: list[int], work: Working, saved: int, possible: int) -> None:
        """Take or leave each candidate in turn; `possible` is what the rest saves at most.

        A promotion never saves more in company than alone, which gives the bound.
        """
        if at == len(self._all):
            self._consider(chosen, saved)
            return
        if self._saved >= 0 and saved + possible <= self._saved:
            return
        item = self._all[at]
        possible -= item.alone
        if not self._conflicts[at].intersection(chosen):
            after = work.copy()
            taken = item.take(after, self._subtotal, self._policy) + item.worth_of_gifts()
            self._bound(at + 1, [*chosen, at], after, saved + taken, possible)
        self._bound(at + 1, chosen, work, saved, possible)

    def _greedy(self) -> None:
        """Take the one that saves most by itself, then each that goes with those taken."""
        by_worth = sorted(range(len(self._all)), key=lambda i: (-self._all[i].alone, i))
        chosen: list[int] = []
        for i in by_worth:
            if not self._conflicts[i].intersection(chosen):
                chosen.append(i)
        chosen.sort()
        if self._only_conflicts_matter():
            self._best = chosen
            return
        if by_worth:
            self._consider(by_worth[:1], self._all[by_worth[0]].alone)
        self._consider(chosen, self._worth([self._all[i] for i in chosen]))
