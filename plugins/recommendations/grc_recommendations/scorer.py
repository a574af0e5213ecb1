"""One table of facts per query: each candidate product, and what each model says of it."""

import numpy as np

from .history import Floats
from .history import Ints
from .history import Places
from .models.sessions import Sessions
from .query import VIEWS
from .query import Query
from .query import powers
from .query import table

#: Decays per order back of a person's own purchases; 1 counts them all alike.
DECAYS = (1.0, 0.97, 0.9, 0.7, 0.3)
#: Candidates that are looked at closely when the weights are learnt.
CANDIDATES = 100
#: Of each product's neighbours, the strongest may become candidates.
PICKED = 20
#: Nearest sessions are asked for baskets up to this size; beyond, pairs know as much.
SMALL = 3
#: How much an earlier purchase and a nearest session weigh when candidates are picked.
_BOUGHT, _NEAR = 0.5, np.float32(0.05)
#: A nearest session's strength as a fact, so that it is about as large as the others.
SESSION = np.float32(1 / 30)
#: How much less each product of a small basket weighs that was added before another.
SMALL_BASKET = np.array(powers(0.8)[:SMALL][::-1], dtype=np.float32)
POPULAR = ("popular", "popular lately", "popular now")
IN_BASKET = "in the basket"
NEAREST = "nearest sessions"
DECAYED = table(DECAYS)
#: By the number of the oldest order: what a product would get that was in each.
WHOLE = np.cumsum(DECAYED, axis=0)
_NOBODY = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


class Scorer:
    """What was learnt, ready to be asked; threads may share it.

    `numbers` (products x width) are each product's neighbours, strongest first, `scores`
    (products x width x models) how strongly each model holds them together, `popularity`
    (spans x products) what does not depend on the query. `sessions` are of the kind `session` only.
    """

    def __init__(
        self,
        kind: str,
        models: tuple[str, ...],
        numbers: Ints,
        scores: Floats,
        sessions: Sessions | None,
        popularity: Floats,
    ) -> None:
        self.kind = kind
        self.models = models
        self.numbers = numbers
        self.scores = scores
        self.sessions = sessions
        self.popularity = popularity
        self.merged = scores.mean(axis=2)
        self.names = names_of(kind, models)

    def nearest(self, query: Query) -> tuple[Places, Floats]:
        """Return products of the sessions nearest to a small basket; products may repeat."""
        if self.sessions is None or not 0 < len(query.basket) <= SMALL:
            return _NOBODY
        return self.sessions.scores(query.basket, SMALL_BASKET[-len(query.basket) :])

    def facts(self, query: Query) -> tuple[Places, Floats]:
        """Return candidate products, and a table of candidates x facts, to learn weights from."""
        asking = [query.asking(view) for view in VIEWS[self.kind]]
        near, nearness = self.nearest(query)
        past, ago = np.array(query.past, dtype=np.int64), np.array(query.ago, dtype=np.int64)
        found = self._picked(asking, past, ago, near, nearness)
        facts = np.zeros((len(found), len(self.names)))
        size = len(self.models)
        for number, (codes, weights) in enumerate(asking):
            if codes:
                rows, places = _among(self.numbers[codes], found)
                said = self.scores[codes].reshape(-1, size)[rows]
                said = said * np.repeat(weights, self.numbers.shape[1])[rows, None]
                for model in range(size):
                    facts[:, number * size + model] = np.bincount(
                        places, said[:, model], minlength=len(found)
                    )
        first = len(asking) * size
        if self.sessions is not None:
            rows, places = _among(near, found)
            facts[:, first] = np.bincount(places, nearness[rows], minlength=len(found)) * SESSION
            facts[:, first + 1] = np.isin(found, query.basket)
        elif len(past):
            rows, places = _among(past, found)
            decayed = (DECAYED / WHOLE[ago[-1]])[ago[rows]]
            np.add.at(facts[:, first : first + len(DECAYS)], places, decayed)
        facts[:, -len(POPULAR) :] = self.popularity[:, found].T
        return found, facts.astype(np.float32)

    def _picked(
        self,
        asking: list[tuple[list[int], list[float]]],
        past: Places,
        ago: Places,
        near: Places,
        nearness: Floats,
    ) -> Places:
        """Return the products that the neighbours, the past and sessions name most, in order."""
        strengths = [
            self.merged[codes, :PICKED] * np.array(weights)[:, None] for codes, weights in asking
        ]
        targets = [self.numbers[codes, :PICKED].ravel() for codes, _ in asking]
        lasting = np.array(powers(DECAYS[1])) * _BOUGHT
        products, place = np.unique(np.concatenate([*targets, past, near]), return_inverse=True)
        total = np.bincount(
            place,
            np.concatenate([*(it.ravel() for it in strengths), lasting[ago], nearness * _NEAR]),
        )
        kept = np.flatnonzero(total > 0)
        if len(kept) > CANDIDATES:
            kept = kept[np.argpartition(total[kept], -CANDIDATES)[-CANDIDATES:]]
        found: Places = np.sort(products[kept]).astype(np.int64)
        return found


def _among(named: Ints | Places, found: Places) -> tuple[Places, Places]:
    """Return where sorted `found` products stand among those named, and which each is."""
    flat = named.ravel()
    if not len(found):
        return found, found
    places = np.minimum(np.searchsorted(found, flat), len(found) - 1)
    rows = np.flatnonzero(found[places] == flat)
    return rows, places[rows]


def names_of(kind: str, models: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the facts, in the order of the table's columns."""
    pairs = [f"{model} ({view.name})" for view in VIEWS[kind] for model in models]
    if kind == "session":  # nobody has bought anything
        return (*pairs, NEAREST, IN_BASKET, *POPULAR)
    return (*pairs, *(f"bought {decay:g}" for decay in DECAYS), *POPULAR)
