"""One table of facts per query: each candidate product, and what each model says of it."""

import threading

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
DECAYS = (1.0, 0.97, 0.9, 0.7)
#: Candidates that are looked at closely.
CANDIDATES = 100
#: Of each product's neighbours, the strongest may become candidates.
PICKED = 20
#: Nearest sessions are asked for baskets up to this size; beyond, pairs know as much.
SMALL = 3
#: How much an earlier purchase and a nearest session weigh when candidates are picked.
_BOUGHT, _NEAR = 0.5, np.float32(0.05)
#: A nearest session's strength as a fact, so that it is about as large as the others.
_SESSION = np.float32(1 / 30)
_SMALL_BASKET = powers(0.8)[:SMALL][::-1].copy()
_DECAYED = table(DECAYS)
_LASTING = _BOUGHT * powers(DECAYS[1])
#: By the number of the oldest order: what a product would get that was in each.
_WHOLE = np.cumsum(_DECAYED, axis=0)
_COLUMNS = np.arange(len(DECAYS))
_ROOM = threading.local()
_NOBODY = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))


class Scorer:
    """What was learnt, ready to be asked; threads may share it.

    `numbers` (products x width) are each product's neighbours, strongest first, `scores`
    (products x width x models) how strongly each model holds them together, `popularity`
    (spans x products) what does not depend on the query.
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
        self.numbers = numbers.astype(np.int64)  # what indexes; others are converted each time
        self.scores = scores
        self.sessions = sessions
        self.popularity = popularity
        self.merged = scores.mean(axis=2)
        self.names = _names(kind, models)
        self._flat = np.ascontiguousarray(scores).reshape(-1, len(models))
        self._first = np.ascontiguousarray(self.numbers[:, :PICKED])
        self._strength = np.ascontiguousarray(self.merged[:, :PICKED])
        self._spans = np.ascontiguousarray(popularity.T)
        #: columns of one view; then come nearest sessions, what was bought, and popularity
        self._said = len(VIEWS[kind][0][1]) * len(models)
        self._columns = np.arange(self._said)
        self._sessions_at = len(VIEWS[kind]) * self._said
        self._bought_at = self._sessions_at + 1

    def facts(self, query: Query) -> tuple[Places, Floats]:
        """Return candidate products, and a table of candidates x facts.

        One cheap sum picks the candidates; the facts are gathered for them alone. The work grows
        with the neighbours that are asked, not with the size of the catalogue.
        """
        codes, weights, views = query.asking(self.kind, self._said)
        near, nearness = self._nearest(query)
        desk = _desk(len(self.numbers))
        found = self._picked(desk, query, codes, weights, near, nearness)
        size = len(self.names)
        if not len(found):
            return found, np.zeros((0, size), dtype=np.float32)
        desk[found] = np.arange(len(found))
        # what each model says of the candidates among the neighbours, at the columns of its view
        places = desk.take(self.numbers.take(codes, axis=0).ravel())
        kept = (places >= 0).nonzero()[0]
        width = self.numbers.shape[1]
        rows = kept // width
        said = self._flat.take(kept + (codes.take(rows) - rows) * width, axis=0)
        weighted = weights.take(rows, axis=0)
        if weighted.shape[1] == 1:
            said *= weighted
        else:
            said = (weighted[:, :, None] * said[:, None, :]).reshape(-1, self._said)
        firsts = places.take(kept) * size + views.take(rows)
        cells = [(firsts[:, None] + self._columns).ravel()]
        values = [said.ravel()]
        if len(near):
            places = desk.take(near)
            kept = (places >= 0).nonzero()[0]
            cells.append(places.take(kept) * size + self._sessions_at)
            values.append(nearness.take(kept) * _SESSION)
        if len(query.past):
            places = desk.take(query.past)
            kept = (places >= 0).nonzero()[0]
            places, steps = places.take(kept), query.ago.take(kept)
            firsts = places * size + self._bought_at
            cells.append((firsts[:, None] + _COLUMNS).ravel())
            values.append((_DECAYED / _WHOLE[query.ago[-1]]).take(steps, axis=0).ravel())
        summed = np.bincount(
            np.concatenate(cells), np.concatenate(values), minlength=len(found) * size
        )
        facts = summed.astype(np.float32).reshape(len(found), size)
        if len(query.past):
            facts[places[::-1], -5] = 1.0 / (1.0 + steps[::-1])  # the latest order wins
        if self.kind == "session" and len(query.basket):
            places = desk.take(query.basket)
            facts[places[places >= 0], -4] = 1.0
        facts[:, -3:] = self._spans.take(found, axis=0)
        desk[found] = -1
        return found, facts

    def _picked(
        self,
        desk: Places,
        query: Query,
        codes: Places,
        weights: Floats,
        near: Places,
        nearness: Floats,
    ) -> Places:
        """Return the products that the neighbours, the past and sessions name most."""
        firm = weights[:, :1] if weights.shape[1] == 1 else weights.sum(axis=1, keepdims=True)
        targets = np.concatenate([self._first.take(codes, axis=0).ravel(), query.past, near])
        if not len(targets):
            return targets
        strengths = np.concatenate(
            [
                (self._strength.take(codes, axis=0) * firm).ravel(),
                _LASTING.take(query.ago),
                nearness * _NEAR,
            ]
        )
        # who writes last at a product's place stands for it
        steps = np.arange(len(targets))
        desk[targets] = steps
        products = targets.take((desk.take(targets) == steps).nonzero()[0])
        desk[products] = steps[: len(products)]
        total = np.bincount(desk.take(targets), strengths)
        desk[products] = -1
        if len(products) > CANDIDATES:
            kept: Places = np.argpartition(total, -CANDIDATES)[-CANDIDATES:]
        else:
            kept = (total > 0).nonzero()[0]
        found: Places = products.take(kept)
        return found

    def _nearest(self, query: Query) -> tuple[Places, Floats]:
        if not 0 < len(query.basket) <= SMALL:
            return _NOBODY
        return self.sessions.scores(query.basket, _SMALL_BASKET[-len(query.basket) :])


def _desk(size: int) -> Places:
    """Return this thread's room for one number per product: -1 throughout, and left so."""
    desk: Places | None = getattr(_ROOM, "desk", None)
    if desk is None or len(desk) < size:
        desk = _ROOM.desk = np.full(size, -1)
    return desk


def _names(kind: str, models: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the facts, in the order of the table's columns."""
    views = [f"{source} {decay:g}" for source, decays, _ in VIEWS[kind] for decay in decays]
    pairs = [f"{model} ({view})" for view in views for model in models]
    own = [f"bought {decay:g}" for decay in DECAYS] + ["bought lately", "in the basket"]
    return (*pairs, "nearest sessions", *own, "popular", "popular lately", "popular now")
