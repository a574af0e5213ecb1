"""One table of facts per query: each candidate product, and what each model says of it."""

import numpy as np

from .history import Floats
from .history import Ints
from .models.sessions import Sessions
from .query import Query
from .query import powers

#: What asks for neighbours, by kind of task: a source, its decay, and how many products of it.
VIEWS = {
    "cart": (("basket", 1.0, 25), ("past", 0.9, 25)),
    "session": (("basket", 0.85, 25), ("basket", 0.0, 1)),
    "new": (("past", 1.0, 250), ("past", 0.7, 250)),
    "next": (("past", 1.0, 250), ("past", 0.7, 250)),
    "repeat": (("past", 0.9, 25),),
}
#: Decays per order back of a person's own purchases; 1 counts them all alike.
DECAYS = (1.0, 0.97, 0.9, 0.7)
#: Candidates that are looked at closely.
CANDIDATES = 100
#: Nearest sessions are asked for baskets up to this size; beyond, pairs know as much.
SMALL = 3
#: How much an earlier purchase and a nearest session weigh when candidates are picked.
_BOUGHT, _NEAR = 0.5, 0.05


_NOBODY = (np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32))


class Scorer:
    """What was learnt, ready to be asked; nothing in it changes once made.

    `numbers` (products x width) are each product's neighbours, `scores` (products x width x
    models) how strongly each model holds them together, `popularity` (spans x products) what
    does not depend on the query.
    """

    def __init__(
        self,
        kind: str,
        models: tuple[str, ...],
        numbers: Ints,
        scores: Floats,
        sessions: Sessions,
        popularity: Floats,
    ) -> None:
        self.kind = kind
        self.models = models
        self.numbers = numbers
        self.scores = scores
        self.sessions = sessions
        self.popularity = popularity
        self.merged = scores.mean(axis=2)
        self.names = _names(kind, models)

    def facts(self, query: Query) -> tuple[Ints, Floats]:
        """Return candidate products, and a table of candidates x facts.

        One cheap sum picks the candidates; the facts are gathered for them alone.
        """
        size = self.popularity.shape[1]
        views = [query.asking(*view) for view in VIEWS[self.kind]]
        near = self._nearest(query)
        ids = [self.numbers[codes].ravel() for codes, _ in views]
        strengths = [(self.merged[codes] * weights[:, None]).ravel() for codes, weights in views]
        lasting = query.decayed(DECAYS[1])
        targets = np.concatenate([*ids, query.past, near[0]])
        total = np.bincount(
            targets,
            weights=np.concatenate([*strengths, _BOUGHT * lasting, _NEAR * near[1]]),
            minlength=size,
        )
        found = np.flatnonzero(total)
        if len(found) > CANDIDATES:
            found = found[np.argpartition(total[found], -CANDIDATES)[-CANDIDATES:]]
        place = np.full(size, -1, dtype=np.int32)
        place[found] = np.arange(len(found), dtype=np.int32)
        table = np.zeros((len(self.names), len(found)), dtype=np.float32)
        row = 0
        for (codes, weights), targets in zip(views, ids, strict=True):
            self._pairs(table[row : row + len(self.models)], place[targets], codes, weights)
            row += len(self.models)
        _sum(table[row], place[near[0]], near[1] / 30.0)
        self._own(table[row + 1 : -3], place, query)
        table[-3:] = self.popularity[:, found]
        return found.astype(np.int32), table.T

    def _pairs(self, rows: Floats, places: Ints, codes: Ints, weights: Floats) -> None:
        kept = np.flatnonzero(places >= 0)
        if not len(kept):
            return
        width = self.numbers.shape[1]
        values = self.scores[codes].reshape(-1, len(self.models))[kept]
        values *= weights[kept // width][:, None]
        places = places[kept]
        for model in range(len(self.models)):
            rows[model] = np.bincount(places, weights=values[:, model], minlength=rows.shape[1])

    def _nearest(self, query: Query) -> tuple[Ints, Floats]:
        if not 0 < len(query.basket) <= SMALL:
            return _NOBODY
        return self.sessions.scores(*query.asking("basket", 0.8))

    def _own(self, rows: Floats, place: Ints, query: Query) -> None:
        """Fill in what this person bought before, and what is at hand already."""
        if len(query.past):
            places = place[query.past]
            kept = np.flatnonzero(places >= 0)
            places, steps = places[kept], query.ago[kept]
            orders = float(query.ago[-1]) + 1.0
            for row, decay in zip(rows, DECAYS, strict=False):
                whole = (1.0 - decay**orders) / (1.0 - decay) if decay < 1.0 else orders
                _sum(row, places, powers(decay)[steps] / whole)
            rows[-2][places[::-1]] = 1.0 / (1.0 + steps[::-1])  # the latest order wins
        if self.kind == "session":
            places = place[query.basket]
            rows[-1][places[places >= 0]] = 1.0


def _names(kind: str, models: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the facts, in the order of the table's columns."""
    views = [f"{source} {decay:g}" for source, decay, _ in VIEWS[kind]]
    pairs = [f"{model} ({view})" for view in views for model in models]
    own = [f"bought {decay:g}" for decay in DECAYS] + ["bought lately", "in the basket"]
    return (*pairs, "nearest sessions", *own, "popular", "popular lately", "popular now")


def _sum(row: Floats, places: Ints, values: Floats) -> None:
    """Add values at places; those at -1 are nobody's."""
    kept = places >= 0
    row += np.bincount(places[kept], weights=values[kept], minlength=len(row))
