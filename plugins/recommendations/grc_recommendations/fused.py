"""What was learnt, joined with its weights: one strength per pair of products."""

import threading

import numpy as np

from .fusion import STEEP
from .fusion import Blend
from .history import Floats
from .history import Ints
from .history import Places
from .query import ORDERS
from .query import VIEWS
from .query import Query
from .scorer import DECAYED
from .scorer import DECAYS
from .scorer import IN_BASKET
from .scorer import NEAREST
from .scorer import SESSION
from .scorer import WHOLE
from .scorer import Scorer

#: With more rows of neighbours than this, only the nearer ones of each are asked.
FEW, NARROW = 10, 24
_ROOM = threading.local()
_NOTHING, _NOBODY = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)


class Fused:
    """Rank products for a query by sums over the neighbours of what is at hand.

    The work grows with the neighbours that are asked, not with the catalogue, and takes the same
    few calls of numpy for every query.
    """

    def __init__(self, scorer: Scorer, blend: Blend) -> None:
        self.scorer = scorer
        self.size = len(scorer.numbers)
        self._kinds = len(blend.bent)
        self._straight = blend.straight.astype(np.float64)
        self._bent = blend.bent.astype(np.float64)
        self._prior = _prior(scorer, blend)
        self._tables(scorer, blend)
        self._at_hand: list[tuple[int, np.float32]] = []
        if scorer.sessions is not None:
            places = [scorer.names.index(name) for name in (NEAREST, IN_BASKET)]
            self._at_hand = [(int(blend.groups[place]), blend.mix[place]) for place in places]
        self._bought = [] if scorer.sessions is not None else _bought(scorer, blend)

    def _tables(self, scorer: Scorer, blend: Blend) -> None:
        """Lay out, for each view and group, the neighbours of every product, strongest first."""
        models = len(scorer.models)
        parts: list[Floats] = []
        self._views = []
        for number, view in enumerate(VIEWS[scorer.kind]):
            columns = slice(number * models, (number + 1) * models)
            groups = blend.groups[columns]
            for group in dict.fromkeys(groups.tolist()):
                share = np.where(groups == group, blend.mix[columns], 0.0).astype(np.float32)
                self._views.append((view, group, len(parts) * self.size))
                parts.append(scorer.scores @ share)
        numbers, strength = [], []
        for part in parts:
            order = np.argsort(-part, axis=1, kind="stable")
            numbers.append(np.take_along_axis(scorer.numbers, order, axis=1))
            strength.append(np.take_along_axis(part, order, axis=1))
        all_numbers, all_strength = np.concatenate(numbers), np.concatenate(strength)
        self._wide, self._narrow = (
            _side_by_side(all_numbers[:, :width], all_strength[:, :width])
            for width in (all_numbers.shape[1], NARROW)
        )

    def ranked(self, query: Query, count: int) -> list[int]:
        """Return up to `count` products by number, best first."""
        named, worth, stretches = self._named(query)
        size = len(named)
        if not size:
            return []
        desk, steps = _room(self.size, size)
        # who writes last at a product's place stands for it; nobody reads what others left
        desk[named] = steps
        cells = desk.take(named)
        heads = (cells == steps).nonzero()[0]
        start, kinds = 0, 1
        for group, length in stretches:
            if group:
                cells[start : start + length] += group * size
                kinds = max(kinds, group + 1)
            start += length
        sums = np.bincount(cells, worth, kinds * size).reshape(kinds, size).take(heads, axis=1)
        products = named.take(heads)
        score = self._straight[:kinds] @ sums
        sums *= STEEP
        score += self._bent[:kinds] @ np.log1p(sums, out=sums)
        score += self._prior.take(products)
        if len(score) > count:
            best = score.argpartition(-count)[-count:]
            products, score = products.take(best), score.take(best)
        found: list[int] = products.take(score.argsort()[::-1]).tolist()
        return found

    def _named(self, query: Query) -> tuple[Places, Floats, list[tuple[int, int]]]:
        """Return products, what speaks for each, and the groups of stretches of them.

        Products repeat: each is named by every neighbour, session and purchase that knows it.
        """
        rows: list[int] = []
        weights: list[float] = []
        asking: list[tuple[int, int]] = []
        for view, group, offset in self._views:
            codes, steps = query.asking(view)
            if codes:
                rows += [offset + code for code in codes] if offset else codes
                weights += steps
                asking.append((group, len(codes)))
        targets: list[Places | Ints] = []
        values: list[Floats] = []
        stretches: list[tuple[int, int]] = []
        if rows:
            table = self._wide if len(rows) <= FEW else self._narrow
            found = table.take(rows, axis=0)
            width = found.shape[1] // 2
            targets.append(found[:, :width].ravel())
            strength = found[:, width:].view(np.float32) * np.array(weights, np.float32)[:, None]
            values.append(strength.ravel())
            stretches = [(group, length * width) for group, length in asking]
        if self._at_hand and query.basket:
            (near_group, near_share), (own_group, own_share) = self._at_hand
            near, nearness = self.scorer.nearest(query)
            own = np.array(list(set(query.basket)))
            targets += (near, own)
            values += (nearness * (near_share * SESSION), np.full(len(own), own_share))
            stretches += [(near_group, len(near)), (own_group, len(own))]
        if query.past and self._bought:
            past, ago = np.array(query.past), np.array(query.ago)
            for group, worth in self._bought:
                targets.append(past)
                values.append(worth[query.ago[-1]].take(ago))
                stretches.append((group, len(past)))
        if not targets:
            return _NOTHING, _NOBODY, stretches
        return np.concatenate(targets), np.concatenate(values), stretches


def _side_by_side(numbers: Ints, strength: Floats) -> Ints:
    """Return rows of numbers with the bits of their strengths behind them: one place to look."""
    parts = [np.ascontiguousarray(numbers), np.ascontiguousarray(strength).view(np.int32)]
    return np.concatenate(parts, axis=1)


def _bought(scorer: Scorer, blend: Blend) -> list[tuple[int, Floats]]:
    """Return what a line of the past is worth, by the oldest order and by its own."""
    first = scorer.names.index(f"bought {DECAYS[0]:g}")
    groups, mix = (column[first : first + len(DECAYS)] for column in (blend.groups, blend.mix))
    found = []
    for group in dict.fromkeys(groups.tolist()):
        share = np.where(groups == group, mix, 0.0).astype(np.float32)
        if share.any() and (blend.straight[group] or blend.bent[group]):
            worth = (DECAYED[None, :ORDERS] / WHOLE[:ORDERS, None]) @ share
            found.append((group, worth.astype(np.float32)))
    return found


def _prior(scorer: Scorer, blend: Blend) -> Floats:
    """Return what speaks for each product whatever is asked: how popular it is."""
    facts = np.zeros((scorer.popularity.shape[1], len(scorer.names)), dtype=np.float32)
    facts[:, -len(scorer.popularity) :] = scorer.popularity.T
    return blend.scored(facts)


def _room(size: int, length: int) -> tuple[Places, Places]:
    """Return this thread's room for one number per product, and the first whole numbers."""
    desk: Places | None = getattr(_ROOM, "desk", None)
    if desk is None or len(desk) < size:
        desk = _ROOM.desk = np.zeros(size, dtype=np.int64)
    steps: Places | None = getattr(_ROOM, "steps", None)
    if steps is None or len(steps) < length:
        steps = _ROOM.steps = np.arange(2 * length)
    return desk, steps[:length]
