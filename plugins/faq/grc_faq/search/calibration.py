"""Learn from a shop's own cases how sure the search may be, and when it may answer alone.

Platt, Probabilistic Outputs for Support Vector Machines (1999), with his smoothed targets and
Newton's method as in Lin, Lin, Weng: A Note on Platt's Probabilistic Outputs (2007).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from math import log1p
from math import sqrt

#: So many cases, and so many of either kind, before the shop's own confidence takes over.
CASES, OF_EACH = 50, 10
#: So many cases that staff decided before anything may be answered automatically.
ENOUGH = 100
#: So many of them must lie beyond a margin for it to be believed.
_BEYOND = 20
#: 90 % of the normal distribution lie above minus this.
_Z = 1.2816


@dataclass(frozen=True, slots=True)
class Calibration:
    """The logistic function that fits a shop's cases."""

    slope: float
    offset: float

    def confidence(self, score: float) -> float:
        """Return how likely an entry of this score answers, in 0 to 1."""
        return _logistic(self.slope * score + self.offset)


def fit(cases: Sequence[tuple[float, bool]]) -> Calibration | None:
    """Return what fits (score, right) best; None for too few cases, and where scores mislead."""
    positive = sum(right for _, right in cases)
    negative = len(cases) - positive
    if len(cases) < CASES or min(positive, negative) < OF_EACH:
        return None
    high, low = (positive + 1) / (positive + 2), 1 / (negative + 2)
    pairs = [(score, high if right else low) for score, right in cases]
    slope, offset = 1.0, 0.0
    loss = _loss(pairs, slope, offset)
    for _ in range(50):
        step = _newton(pairs, slope, offset)
        share = 1.0
        while share > 1e-6:
            tried = slope - share * step[0], offset - share * step[1]
            better = _loss(pairs, *tried)
            if better < loss:
                break
            share /= 2
        else:
            break
        gained, loss = loss - better, better
        slope, offset = tried
        if gained < 1e-9 * len(pairs):
            break
    return Calibration(slope, offset) if slope > 0 else None


def safe_margin(cases: Sequence[tuple[float, bool]], precision: float) -> float | None:
    """Return how far ahead the best entry must lie for so many of 100 to be right.

    `cases` are (margin, right). The precision is that of the lower end of Wilson's interval, so
    few cases that all were right are not enough. None where no margin will do.
    """
    if len(cases) < ENOUGH:
        return None
    found = None
    right = 0
    ordered = sorted(cases, reverse=True)
    for number, (margin, is_right) in enumerate(ordered, 1):
        right += is_right
        is_last = number == len(ordered) or ordered[number][0] < margin
        if is_last and number >= _BEYOND and _lower_end(right, number) >= precision:
            found = margin
    return found


def _lower_end(right: int, number: int) -> float:
    """Return the lower end of the 90 % interval of a share (Wilson 1927)."""
    share, z2 = right / number, _Z * _Z
    middle = share + z2 / (2 * number)
    spread = _Z * sqrt(share * (1 - share) / number + z2 / (4 * number * number))
    return (middle - spread) / (1 + z2 / number)


def _newton(
    pairs: Sequence[tuple[float, float]], slope: float, offset: float
) -> tuple[float, float]:
    """Return Newton's step: the inverse of the second derivatives times the first."""
    aa = bb = 1e-9
    ab = a = b = 0.0
    for score, target in pairs:
        p = _logistic(slope * score + offset)
        error, weight = p - target, p * (1 - p)
        a += error * score
        b += error
        aa += weight * score * score
        ab += weight * score
        bb += weight
    determinant = aa * bb - ab * ab
    if determinant <= 0:
        return a, b
    return (bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant


def _loss(pairs: Sequence[tuple[float, float]], slope: float, offset: float) -> float:
    total = 0.0
    for score, target in pairs:
        z = slope * score + offset
        total += max(z, 0.0) + log1p(exp(-abs(z))) - target * z
    return total


def _logistic(z: float) -> float:
    return 1 / (1 + exp(-max(-30.0, min(30.0, z))))
