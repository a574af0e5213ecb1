"""Parts of a training that took long, kept until the model is done, so that it can go on."""

import io
import time
import zlib
from collections.abc import Callable
from collections.abc import Mapping

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

#: What is computed faster than this, in seconds, is computed again.
LONG = 5.0

Compute = Callable[[], sparse.csr_matrix]
#: Returns a part by name: what was kept of it, or what is computed now.
Part = Callable[[str, Compute], sparse.csr_matrix]


def at_once(name: str, compute: Compute) -> sparse.csr_matrix:
    """Compute a part, and keep nothing."""
    return compute()


class Parts:
    """The parts of one model; `store` keeps one, `stored` are those of an interrupted training."""

    def __init__(
        self,
        items: tuple[str, ...],
        stored: Mapping[str, bytes],
        store: Callable[[str, bytes], None],
    ) -> None:
        self._items = items
        self._stored = stored
        self._store = store

    def __call__(self, name: str, compute: Compute) -> sparse.csr_matrix:
        """Return a part."""
        if name in self._stored:
            found = _loaded(self._stored[name], self._items)
            if found is not None:
                return found
        started = time.monotonic()
        found = compute()
        if time.monotonic() - started >= LONG:
            self._store(name, _dumped(found, self._items))
        return found


def _dumped(part: sparse.csr_matrix, items: tuple[str, ...]) -> bytes:
    out = io.BytesIO()
    arrays = {"data": part.data, "indices": part.indices, "indptr": part.indptr}
    np.savez_compressed(out, check=np.int64(_check(items)), **arrays)
    return out.getvalue()


def _loaded(blob: bytes, items: tuple[str, ...]) -> sparse.csr_matrix | None:
    """Return a part, if its products have the same numbers still; new ones come after them."""
    with np.load(io.BytesIO(blob), allow_pickle=False) as kept:
        size = len(kept["indptr"]) - 1
        if size > len(items) or _check(items[:size]) != int(kept["check"]):
            return None
        arrays = (kept["data"], kept["indices"], kept["indptr"])
        found = sparse.csr_matrix(arrays, shape=(size, size))
    found.resize((len(items), len(items)))
    return found


def _check(items: tuple[str, ...]) -> int:
    return zlib.crc32("\0".join(items).encode())
