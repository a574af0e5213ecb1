"""Nearest sessions (VMIS-kNN): what else was in the baskets most like this one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..history import Floats
from ..history import History
from ..history import Ints
from ..history import ragged

#: Latest sessions looked at per product of the query, and those kept as neighbours.
RECENT = 200
NEAREST = 60


@dataclass(frozen=True, slots=True)
class Sessions:
    """Past sessions with, per product, the latest that hold it.

    After "Serenade" (Kersbergen and others 2022), with rarity as in its VMIS-kNN.
    """

    starts: NDArray[np.int64]
    codes: Ints
    #: per product, the stretch of `latest` that holds its sessions
    first: NDArray[np.int64]
    latest: Ints
    rarity: Floats

    @classmethod
    def of(cls, history: History) -> "Sessions":
        """Index a history."""
        rows = history.matrix()
        columns = rows.tocsc()
        columns.sort_indices()
        sizes = np.minimum(np.diff(columns.indptr), RECENT).astype(np.int64)
        lines = ragged(columns.indptr[1:].astype(np.int64) - sizes, sizes)
        first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        sold = np.maximum(np.diff(columns.indptr), 1)
        rarity = np.log1p(rows.shape[0] / sold).astype(np.float32)
        return cls(
            rows.indptr.astype(np.int64),
            rows.indices.astype(np.int32),
            first,
            columns.indices[lines].astype(np.int32),
            rarity,
        )

    def scores(self, codes: Ints, weights: Floats) -> tuple[Ints, Floats]:
        """Return products and their scores for a weighted basket; products may repeat."""
        sizes = self.first[codes + 1] - self.first[codes]
        found = self.latest[ragged(self.first[codes], sizes)]
        if not len(found):
            return found, np.zeros(0, dtype=np.float32)
        likeness = np.repeat(weights * self.rarity[codes], sizes)
        order = np.argsort(found, kind="stable")
        found, likeness = found[order], likeness[order]
        heads = np.flatnonzero(np.concatenate([[True], found[1:] != found[:-1]]))
        sessions, total = found[heads], np.add.reduceat(likeness, heads)
        if len(sessions) > NEAREST:
            # later sessions win ties
            near = np.argpartition(total + 1e-9 * sessions, -NEAREST)[-NEAREST:]
            sessions, total = sessions[near], total[near]
        starts = self.starts[sessions]
        sizes = self.starts[sessions + 1] - starts
        items = self.codes[ragged(starts, sizes)]
        share = np.repeat(total / np.sqrt(sizes), sizes)
        return items, (share * self.rarity[items]).astype(np.float32)
