"""Nearest sessions (VMIS-kNN): what else was in the baskets most like this one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..history import Floats
from ..history import History
from ..history import Ints
from ..history import Places
from ..history import ragged

#: Latest sessions looked at per product of the query, and those kept as neighbours.
RECENT = 200
NEAREST = 60
#: More products than this are not asked about.
_BITS = 4


@dataclass(frozen=True, slots=True)
class Sessions:
    """Past sessions with, per product, the latest that hold it.

    After "Serenade" (Kersbergen and others 2022), with rarity as in its VMIS-kNN.
    """

    starts: NDArray[np.int64]
    codes: Ints
    #: per product, the stretch of `latest` that holds its sessions, oldest first
    first: NDArray[np.int64]
    latest: Ints
    rarity: Floats
    #: for each of `codes`, what it is worth in its session: its rarity over the root of the size
    worth: Floats

    @classmethod
    def of(cls, history: History) -> "Sessions":
        """Index a history; sessions that no product would ask for are left out."""
        rows = history.matrix()
        columns = rows.tocsc()
        columns.sort_indices()
        sizes = np.minimum(np.diff(columns.indptr), RECENT).astype(np.int64)
        lines = ragged(columns.indptr[1:].astype(np.int64) - sizes, sizes)
        first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        sold = np.maximum(np.diff(columns.indptr), 1)
        rarity = np.log1p(rows.shape[0] / sold).astype(np.float32)
        asked, latest = np.unique(columns.indices[lines], return_inverse=True)
        kept = rows[asked]
        return cls.stored(
            kept.indptr.astype(np.int64),
            kept.indices.astype(np.int32),
            first,
            latest.astype(np.int32),
            rarity,
        )

    @classmethod
    def stored(
        cls,
        starts: NDArray[np.int64],
        codes: Ints,
        first: NDArray[np.int64],
        latest: Ints,
        rarity: Floats,
    ) -> "Sessions":
        """Return the index of these arrays."""
        sizes = np.diff(starts)
        worth = rarity[codes] / np.sqrt(np.repeat(sizes, sizes))
        return cls(starts, codes, first, latest, rarity, worth.astype(np.float32))

    def scores(self, codes: Places, weights: Floats) -> tuple[Places, Floats]:
        """Return products and their scores for a small weighted basket; products may repeat."""
        sessions, total = self._near(codes, weights)
        starts = self.starts[sessions]
        sizes = self.starts[sessions + 1] - starts
        lines = ragged(starts, sizes)
        return self.codes.take(lines).astype(np.int64), total.repeat(sizes) * self.worth.take(lines)

    def _near(self, codes: Places, weights: Floats) -> tuple[Places, Floats]:
        """Return the nearest sessions and how near each is; later sessions win ties."""
        heavy = weights * self.rarity[codes]
        stretches = [self.latest[self.first[code] : self.first[code + 1]] for code in codes]
        if len(codes) == 1:
            found = stretches[0][-NEAREST:].astype(np.int64)
            return found, np.full(len(found), heavy[0])
        marked = [
            (found.astype(np.int64) << _BITS) + place for place, found in enumerate(stretches)
        ]
        cells = np.sort(np.concatenate(marked))
        sessions = cells >> _BITS
        heads = np.flatnonzero(np.diff(sessions, prepend=-1))
        if not len(heads):
            return sessions, heavy[:0]
        total = np.add.reduceat(heavy[cells & ((1 << _BITS) - 1)], heads)
        sessions = sessions[heads]
        if len(sessions) > NEAREST:
            near = np.argpartition(total + 1e-9 * sessions, -NEAREST)[-NEAREST:]
            sessions, total = sessions[near], total[near]
        return sessions, total
