"""Weigh what the models say: a softmax over candidates, learnt from what was really bought."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .history import Floats
from .history import Places

_STEEP = 10.0


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its answer: what may be proposed, its facts, and what was taken."""

    candidates: Places
    facts: Floats
    wanted: Sequence[int]


def widened(facts: Floats) -> Floats:
    """Return the facts and their logarithms: what is little matters more than linearly."""
    return np.concatenate([facts, np.log1p(_STEEP * facts)], axis=1)


def scored(facts: Floats, weights: Floats) -> Floats:
    """Weigh facts: the same as `widened(facts) @ weights`, without the wide table."""
    half = facts.shape[1]
    score: Floats = facts @ weights[:half] + np.log1p(_STEEP * facts) @ weights[half:]
    return score


def ranking(case_scores: Floats, candidates: Places, depth: int) -> Places:
    """Return the best candidates, best first."""
    if len(candidates) > depth:
        top = np.argpartition(case_scores, -depth)[-depth:]
        case_scores, candidates = case_scores[top], candidates[top]
    return candidates[np.argsort(-case_scores, kind="stable")]


def learn(cases: Sequence[Case], start: Floats, prior: float = 1.5) -> Floats:
    """Return weights that make what was taken most likely among the candidates.

    The loss is the mean negative log-likelihood of a softmax over each case's candidates
    (ListNet’s top-one form, Cao and others 2007) plus the squared distance from
    `start` in units of each fact’s spread, which weighs as much as `prior` cases.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    tables, goals = [], []
    for case in cases:
        hits = np.isin(case.candidates, case.wanted)
        if hits.any():
            tables.append(widened(case.facts).astype(np.float64))
            goals.append(hits / max(len(case.wanted), 1))
    if not tables:
        return start
    sizes = np.array([len(table) for table in tables])
    heads = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    table = np.concatenate(tables)
    spread = np.sqrt(np.mean(table**2, axis=0)) + 1e-9
    table /= spread
    goal = np.concatenate(goals)
    mass = np.add.reduceat(goal, heads)
    centre = start * spread
    ridge = prior / len(tables)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        score = table @ weights
        peak = np.maximum.reduceat(score, heads)
        grown = np.exp(score - np.repeat(peak, sizes))
        total = np.add.reduceat(grown, heads)
        off = weights - centre
        value = (mass * (np.log(total) + peak)).sum() - goal @ score
        slope = (grown * np.repeat(mass / total, sizes) - goal) @ table
        return value / len(sizes) + ridge * (off @ off), slope / len(sizes) + 2 * ridge * off

    found = minimize(loss, centre, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    weights: Floats = (found.x / spread).astype(np.float32)
    return weights
