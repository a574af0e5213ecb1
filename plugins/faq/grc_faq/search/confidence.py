"""How sure it is that an entry answers: a logistic function of what matched.

Neither score alone will do. Divided by that of a perfect match it tells short questions that have
an answer from those that have none, and fails on long letters, which nothing matches perfectly;
undivided it is the other way round. The weights were fitted on half answerable and half foreign
questions of several sets, each set left out in turn.
"""

from dataclasses import dataclass
from math import exp
from math import log1p


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for an entry.

    `share` is its score over that of a perfect match, `matched` its score in words of the rarest
    kind, `known` the share of the question that the knowledge base has words for, `closeness` the
    cosine of its meaning, None without the extra.
    """

    share: float
    matched: float = 0.0
    known: float = 0.0
    closeness: float | None = None


def logit(evidence: Evidence) -> float:
    """Return the evidence as one number; entries are ranked by it."""
    if evidence.closeness is not None:
        return 5.2 * evidence.share + 7.2 * evidence.closeness - 3.3
    return 1.3 * evidence.share + 2.75 * log1p(evidence.matched) + 3.4 * evidence.known - 2.7


def confidence(value: float) -> float:
    """Return a logit as a confidence in 0 to 1."""
    return 1 / (1 + exp(-max(-30.0, min(30.0, value))))
