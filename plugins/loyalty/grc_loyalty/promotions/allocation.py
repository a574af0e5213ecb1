"""Divide an amount over lines in proportion, exactly, with nobody below their floor."""

from collections.abc import Sequence
from operator import le

from .policy import Policy
from .rounding import part


def allocate(
    amount: int,
    weights: Sequence[int],
    capacities: Sequence[int],
    ranks: Sequence[int],
    policy: Policy,
) -> list[int]:
    """Return each line's part of an amount; their sum is the amount or all there is room for.

    What does not fit under a line's capacity passes to the others in proportion. Ties go to the
    smaller rank, so that the order of the lines changes nothing.
    """
    if amount >= sum(capacities):
        return list(capacities)
    if weights is capacities and policy.share_rounding == "down":
        # Of at most the whole, nobody's part is more than what they have.
        return _proportional(amount, weights, ranks, policy)
    if amount and min(capacities) > 0:
        shares = _proportional(amount, weights, ranks, policy)
        if all(map(le, shares, capacities)):
            return shares
    left, shares = amount, [0] * len(weights)
    open_lines = [i for i, room in enumerate(capacities) if room > 0]
    while left > 0 and open_lines:
        given = _proportional(left, [weights[i] for i in open_lines],
                              [ranks[i] for i in open_lines], policy)  # fmt: skip
        still_open: list[int] = []
        left = 0
        for i, share in zip(open_lines, given, strict=True):
            room = capacities[i] - shares[i]
            shares[i] += min(share, room)
            left += max(0, share - room)
            if share < room:
                still_open.append(i)
        open_lines = still_open
    return shares


def _proportional(
    amount: int, weights: Sequence[int], ranks: Sequence[int], policy: Policy
) -> list[int]:
    """Divide an amount by weights; the rounded parts' leftover goes where the policy says."""
    total = sum(weights)
    if total <= 0:
        weights, total = [1] * len(weights), len(weights)
    mode = policy.share_rounding
    if mode == "down":
        exact = [amount * weight for weight in weights]
        shares = [product // total for product in exact]
        left = amount - sum(shares)
        if left and policy.leftover == "largest_remainder":
            return _with_largest(shares, [product % total for product in exact], left, ranks)
    else:
        shares = [part(amount, (weight, total), mode) for weight in weights]
        left = amount - sum(shares)
    if left:
        step = 1 if left > 0 else -1
        for i in _in_turn(amount, weights, total, shares, ranks, policy)[: abs(left)]:
            shares[i] += step
    return shares


def _with_largest(
    shares: Sequence[int], remainders: Sequence[int], left: int, ranks: Sequence[int]
) -> list[int]:
    """Give one more to the largest remainders; all `left` of them lost something."""
    ordered = sorted(remainders, reverse=True)
    least = ordered[left - 1]
    if ordered[left] != least:
        return [
            share + 1 if remainder >= least else share
            for share, remainder in zip(shares, remainders, strict=True)
        ]
    found = list(shares)
    turn = sorted(range(len(found)), key=lambda i: (-remainders[i], ranks[i]))
    for i in turn[:left]:
        found[i] += 1
    return found


def _in_turn(
    amount: int,
    weights: Sequence[int],
    total: int,
    shares: Sequence[int],
    ranks: Sequence[int],
    policy: Policy,
) -> list[int]:
    """Return the lines in the order in which they get one more (or one less)."""
    is_short = amount > sum(shares)
    lines = [i for i, weight in enumerate(weights) if weight and (is_short or shares[i])]
    if policy.leftover == "first":
        return lines
    sign = -1 if is_short else 1
    return sorted(lines, key=lambda i: (sign * (amount * weights[i] - shares[i] * total), ranks[i]))
