"""Learn from a history: fit the models, weigh them on what was held back, fit on everything."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

from .fusion import Blend
from .fusion import Case
from .fusion import learn
from .fusion import ranking
from .groups import preset
from .history import Floats
from .history import History
from .metrics import DEPTH
from .metrics import Quality
from .metrics import measure
from .models import pairs
from .models.sessions import Sessions
from .parts import Part
from .parts import at_once
from .recommender import Recommender
from .scorer import Scorer
from .validation import Question
from .validation import cut
from .warehouse import duck

#: With fewer questions than this, nothing can be learnt from the answers.
FEWEST = 50
#: Neighbours of each product that are kept for serving.
WIDTH = 64
#: Shares of the time span over which popularity is counted.
SPANS = (1.0, 0.1, 0.02)
FUSED = "fused"

Progress = Callable[[str, float], None]
Model = Callable[[History], sparse.csr_matrix]


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, and how each way of ranking did on what was held back."""

    recommender: Recommender
    chosen: str
    qualities: dict[str, Quality]


def fit(
    history: History,
    kind: str,
    progress: Progress = lambda stage, share: None,
    part: Part = at_once,
) -> Scorer:
    """Fit every model to a history."""
    rows = history.by_person() if kind in ("new", "next") else history
    models = {
        "counted": pairs.counts,
        "together": pairs.together,
        "similar": pairs.similar,
        "regressed": pairs.regressed,
    }
    if kind == "cart":
        models["recent"] = pairs.recent
    if kind in ("new", "next"):
        models["closest"] = pairs.closest
    if kind in ("session", "next"):
        models["following"] = pairs.following
    counted = duck.strongest(rows, least=duck.LEAST) if duck.counts(rows) else {}
    found = []
    for number, (name, model) in enumerate(models.items()):
        progress(name, number / (len(models) + 1))
        found.append(_scaled(part(name, partial(_one, counted, name, model, rows))))
    numbers, scores = pairs.neighbours(found, WIDTH)
    progress("sessions", len(models) / (len(models) + 1))
    return Scorer(
        kind,
        tuple(models),
        numbers,
        scores,
        Sessions.of(history) if kind == "session" else None,
        _popularity(history),
    )


def _one(
    counted: Mapping[str, sparse.csr_matrix], name: str, model: Model, rows: History
) -> sparse.csr_matrix:
    return counted[name] if name in counted else model(rows)


def train(
    history: History,
    kind: str,
    cases: int = 1500,
    progress: Progress = lambda stage, share: None,
    part: Part = at_once,
) -> Trained:
    """Fit, weigh, choose and fit again on everything; `part` may know what was fitted before."""
    rest, questions = cut(history, kind, cases)
    qualities: dict[str, Quality] = {}
    scorer = fit(history, kind, lambda stage, share: progress(stage, share / 2), part)
    blend, chosen = preset(kind, scorer.names), FUSED
    if len(questions) >= FEWEST:
        trial = fit(
            rest,
            kind,
            lambda stage, share: progress(stage, 0.5 + share / 4),
            lambda name, compute: part(f"trial {name}", compute),
        )
        progress("weights", 0.75)
        asked = [_case(trial, question) for question in questions]
        blend, chosen, qualities = _choose(trial, asked, len(history.items))
    progress("done", 1.0)
    return Trained(Recommender(history.items, scorer, blend), chosen, qualities)


def _case(scorer: Scorer, question: Question) -> Case:
    candidates, facts = scorer.facts(question.query)
    if len(question.barred):
        free = ~np.isin(candidates, question.barred)
        candidates, facts = candidates[free], facts[free]
    return Case(candidates, facts, question.wanted.tolist())


def _choose(
    scorer: Scorer, cases: Sequence[Case], catalogue: int
) -> tuple[Blend, str, dict[str, Quality]]:
    """Weigh on all cases; judge the weighing on cases that it has not seen."""
    start = preset(scorer.kind, scorer.names)
    halves = [cases[::2], cases[1::2]]
    rankings: list[list[int]] = [[] for _ in cases]
    for seen, unseen in ((0, 1), (1, 0)):
        blend = learn(halves[seen], start)
        rankings[unseen::2] = [_best(blend.scored(case.facts), case) for case in halves[unseen]]
    wanted = [case.wanted for case in cases]
    qualities = {FUSED: measure(rankings, wanted, catalogue)}
    for number, name in enumerate(scorer.names):
        alone = [_best(case.facts[:, number], case) for case in cases]
        qualities[name] = measure(alone, wanted, catalogue)
    chosen = max(qualities, key=lambda name: qualities[name].ndcg)
    if chosen == FUSED:
        return learn(cases, start), chosen, qualities
    return start.alone(scorer.names.index(chosen)), chosen, qualities


def _best(scores: Floats, case: Case) -> list[int]:
    found: list[int] = ranking(scores, case.candidates, DEPTH).tolist()
    return found


def _scaled(found: sparse.csr_matrix) -> sparse.csr_matrix:
    """Divide by the mean of the rows' largest values, so that models can be compared."""
    if found.nnz:
        largest = found.max(axis=1).toarray().ravel()
        found.data /= max(float(largest[largest > 0].mean()), 1e-12)
    return found


def _popularity(history: History) -> Floats:
    size = len(history.items)
    if not history.size:
        return np.zeros((len(SPANS), size), dtype=np.float32)
    times = np.repeat(history.times, np.diff(history.starts))
    span = history.times[-1] - history.times[0]
    counted = [
        np.bincount(history.codes[times >= history.times[-1] - span * share], minlength=size)
        for share in SPANS
    ]
    return (np.log1p(np.array(counted)) / 5.0).astype(np.float32)
