"""Nearest sessions (VMIS-kNN): what else was in the baskets most like this one."""

from collections.abc import Sequence
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
    codes: Places
    #: per product, the stretch of `latest` that holds its sessions, oldest first
    first: NDArray[np.int64]
    latest: Places
    rarity: Floats
    #: for each of `codes`, what it is worth in its session: its rarity over the root of the size
    worth: Floats
    #: products of each session
    _sizes: Places

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
        places = (codes.astype(np.int64), first, latest.astype(np.int64))  # what indexes
        return cls(starts, *places, rarity, worth.astype(np.float32), sizes)

    def scores(self, codes: Sequence[int], weights: Floats) -> tuple[Places, Floats]:
        """Return products and their scores for a small weighted basket; products may repeat."""
        sessions, total = self._near(codes, weights)
        starts = self.starts.take(sessions)
        sizes = self._sizes.take(sessions)
        ends = sizes.cumsum()
        if not len(ends):
            return sessions, total
        lines = (starts - ends + sizes).repeat(sizes)
        lines += np.arange(len(lines))
        worth = self.worth.take(lines)
        worth *= total.repeat(sizes)
        return self.codes.take(lines), worth

    def _near(self, codes: Sequence[int], weights: Floats) -> tuple[Places, Floats]:
        """Return the nearest sessions and how near each is; later sessions win ties."""
        heavy = weights * self.rarity.take(codes)
        stretches = [self.latest[self.first[code] : self.first[code + 1]] for code in codes]
        if len(codes) == 1:
            found = stretches[0][-NEAREST:]
            return found, np.full(len(found), heavy[0])
        marked = [(found << _BITS) + place for place, found in enumerate(stretches)]
        cells = np.concatenate(marked)
        cells.sort()
        sessions = cells >> _BITS
        changes = np.empty(len(sessions), dtype=bool)
        changes[:1] = True
        np.not_equal(sessions[1:], sessions[:-1], out=changes[1:])
        heads = changes.nonzero()[0]
        if not len(heads):
            return sessions, heavy[:0]
        total = np.add.reduceat(heavy.take(cells & ((1 << _BITS) - 1)), heads)
        sessions = sessions.take(heads)
        if len(sessions) > NEAREST:
            near = np.argpartition(total + 1e-9 * sessions, -NEAREST)[-NEAREST:]
            sessions, total = sessions.take(near), total.take(near)
        return sessions, total
