"""Weigh what the models say: a softmax over candidates, learnt from what was really bought."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .history import Floats
from .history import Places

#: What is little matters more than linearly: sums count also by log(1 + 10 sum).
STEEP = 10.0
#: How firmly shares within a group stay where they started, beside the weights of the groups.
_FIRM = 0.3
#: Steps of learning; further ones change weights, hardly the order of products.
_ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its answer: what may be proposed, its facts, and what was taken."""

    candidates: Places
    facts: Floats
    wanted: Sequence[int]


@dataclass(frozen=True, slots=True)
class Blend:
    """How facts become one score.

    The facts of a group are mixed into one sum G, which counts `straight` G + `bent` log(1 + 10 G).
    As the mixing is linear, it can be done for each pair of products before anybody asks.
    """

    #: the group of each fact, and its share in the group
    groups: Places
    mix: Floats
    #: of each group
    straight: Floats
    bent: Floats

    def mixed(self, facts: Floats) -> Floats:
        """Return the sums of the groups: cases x groups."""
        table = np.zeros((len(self.mix), len(self.bent)), dtype=np.float32)
        table[np.arange(len(self.mix)), self.groups] = self.mix
        mixed: Floats = facts @ table
        return mixed

    def scored(self, facts: Floats) -> Floats:
        """Return the score of each row of facts."""
        sums = self.mixed(facts)
        score: Floats = sums @ self.straight + np.log1p(STEEP * sums) @ self.bent
        return score

    def alone(self, fact: int) -> "Blend":
        """Return the blend that goes by one fact only."""
        mix, straight = np.zeros_like(self.mix), np.zeros_like(self.straight)
        mix[fact] = straight[self.groups[fact]] = 1.0
        return Blend(self.groups, mix, straight, np.zeros_like(self.bent))


def ranking(case_scores: Floats, candidates: Places, depth: int) -> Places:
    """Return the best candidates, best first."""
    if len(candidates) > depth:
        top = np.argpartition(case_scores, -depth)[-depth:]
        case_scores, candidates = case_scores[top], candidates[top]
    return candidates[np.argsort(-case_scores, kind="stable")]


def learn(cases: Sequence[Case], start: Blend, prior: float = 1.5) -> Blend:
    """Return the blend that makes what was taken most likely among the candidates.

    The loss is the mean negative log-likelihood of a softmax over each case's candidates
    (ListNet’s top-one form, Cao and others 2007) plus the squared distance from
    `start` in units of each group's spread, which weighs as much as `prior` cases.
    """
    from scipy.optimize import minimize  # type: ignore[import-untyped]

    tables, goals = [], []
    for case in cases:
        hits = np.isin(case.candidates, case.wanted)
        if hits.any():
            tables.append(case.facts)
            goals.append(hits / max(len(case.wanted), 1))
    if not tables:
        return start
    sizes = np.array([len(table) for table in tables])
    heads = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owner = np.repeat(np.arange(len(sizes)), sizes)
    facts, goal = np.concatenate(tables), np.concatenate(goals, dtype=np.float32)
    mass = np.add.reduceat(goal, heads)
    kinds, known = len(start.bent), len(start.mix)
    members = [np.flatnonzero(start.groups == group) for group in range(kinds)]
    parts = [np.ascontiguousarray(facts[:, member].T) for member in members]
    sums = start.mixed(facts)
    spread = np.sqrt(np.mean(np.concatenate([sums, np.log1p(STEEP * sums)], 1) ** 2, axis=0)) + 1e-9
    weights = np.concatenate([start.straight, start.bent])
    centre = np.concatenate([np.log(start.mix), weights * spread])
    firm = np.concatenate([np.full(known, _FIRM), np.ones(2 * kinds)]) * prior / len(tables)

    def loss(point: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        shares = np.exp(point[:known]).astype(np.float32)
        weights = (point[known:] / spread).astype(np.float32)
        sums = [_sum(part, shares[member]) for part, member in zip(parts, members, strict=True)]
        bent = [np.log1p(STEEP * total) for total in sums]
        score = _sum([*sums, *bent], weights)
        peak = np.maximum.reduceat(score, heads)
        grown = np.exp(score - peak[owner])
        total = np.add.reduceat(grown, heads)
        off = point - centre
        value = (mass * (np.log(total) + peak)).sum(dtype=np.float64) - _dot(goal, score)
        error = (grown * (mass / total)[owner] - goal) / len(sizes)
        slope = 2 * firm * off
        slope[known:] += [_dot(error, total) for total in (*sums, *bent)] / spread
        for group, member in enumerate(members):
            if len(member) > 1:  # a group's only fact needs no share
                steep = weights[kinds + group] * STEEP / (1 + STEEP * sums[group])
                steep += weights[group]
                steep *= error
                slope[member] += [_dot(steep, part) for part in parts[group]] * shares[member]
        return float(value) / len(sizes) + float(firm @ (off * off)), slope

    options = {"maxiter": _ROUNDS, "gtol": 3e-4}
    found = minimize(loss, centre, jac=True, method="BFGS", options=options).x
    mix: Floats = np.exp(found[:known]).astype(np.float32)
    learnt: Floats = (found[known:] / spread).astype(np.float32)
    return Blend(start.groups, mix, learnt[:kinds], learnt[kinds:])


def _dot(left: NDArray[Any], right: NDArray[Any]) -> float:
    """Return the inner product, without the threads that BLAS would wake for so little."""
    return float(np.einsum("i,i", left, right))


def _sum(rows: Sequence[Floats] | Floats, weights: Floats) -> Floats:
    """Return the weighted sum of rows."""
    total: Floats = rows[0] * weights[0]
    for row, weight in zip(rows[1:], weights[1:], strict=True):
        total += row * weight
    return total
