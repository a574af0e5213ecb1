"""Models that score pairs of products: how strongly one calls for another."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import linalg  # type: ignore[import-untyped]
from scipy import sparse

from ..history import History
from ..history import ragged

#: Neighbours kept per product and model.
WIDTH = 100
_BLOCK = 2000
#: A product that follows further behind in the same row is not counted as following.
_REACH = 10

Weights = NDArray[np.float64]


def strongest(scores: sparse.csr_matrix, width: int = WIDTH) -> sparse.csr_matrix:
    """Return only the `width` largest positive values of each row."""
    kept = []
    for row in range(scores.shape[0]):
        first, last = scores.indptr[row], scores.indptr[row + 1]
        good = first + np.flatnonzero(scores.data[first:last] > 0)
        if len(good) > width:
            good = good[np.argpartition(scores.data[good], -width)[-width:]]
        kept.append(good)
    sizes = np.array([len(good) for good in kept], dtype=np.int64)
    chosen = np.concatenate(kept) if kept else np.zeros(0, dtype=np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    data = scores.data[chosen].astype(np.float32)
    return sparse.csr_matrix((data, scores.indices[chosen], starts), shape=scores.shape)


def _product(
    left: sparse.csr_matrix,
    right: sparse.csr_matrix,
    scale: Callable[[sparse.coo_matrix, int], Weights],
    own: bool,
) -> sparse.csr_matrix:
    """Multiply block by block, so that only the strongest neighbours are ever held."""
    parts = []
    for first in range(0, left.shape[0], _BLOCK):
        part = (left[first : first + _BLOCK] @ right).tocoo()
        part.data = scale(part, first)
        if not own:
            part.data[part.row + first == part.col] = 0
        parts.append(strongest(part.tocsr()))
    return sparse.vstack(parts, format="csr") if parts else left @ right


def counts(history: History) -> sparse.csr_matrix:
    """Count the orders with both products: what "customers also bought" usually is."""
    rows = history.matrix()
    return _product(rows.T.tocsr(), rows, lambda part, _: part.data, own=False)


def together(
    history: History, size: float = 1.0, asked: float = 0.6, offered: float = 0.2
) -> sparse.csr_matrix:
    """Count, with less weight for long orders, and divide by powers of both popularities.

    Close to RP3beta (Paudel and others 2017): W_ij = sum of 1/n^size, over d_i^asked d_j^offered.
    """
    rows = history.matrix()
    lengths = np.maximum(np.diff(rows.indptr), 1)
    weighted = sparse.diags(1.0 / lengths**size) @ rows
    degree = np.maximum(np.asarray(rows.sum(axis=0)).ravel(), 1.0)

    def scale(part: sparse.coo_matrix, first: int) -> Weights:
        scaled: Weights = part.data / (
            degree[part.row + first] ** asked * degree[part.col] ** offered
        )
        return scaled

    return _product(rows.T.tocsr(), weighted.tocsr(), scale, own=False)


def similar(history: History) -> sparse.csr_matrix:
    """Return the cosine between products over orders; a product is like itself."""
    rows = history.matrix()
    rarity = np.log1p(rows.shape[0] / np.maximum(np.asarray(rows.sum(axis=0)).ravel(), 1.0))
    lengths = np.maximum(np.diff(rows.indptr), 1)
    weighted = sparse.diags(1.0 / np.log2(1.0 + lengths)) @ rows @ sparse.diags(rarity)
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=0)).ravel())
    unit = (weighted @ sparse.diags(1.0 / np.maximum(norm, 1e-12))).tocsr()
    return _product(unit.T.tocsr(), unit, lambda part, _: part.data, own=True)


def closest(history: History, width: int = 20) -> sparse.csr_matrix:
    """Return only the nearest few by cosine, rows with many products weighing less.

    Over a long past, distant neighbours add up to mere popularity. Weighted as TF-IDF does:
    a row of n products weighs log(N / (1 + n)), with N products in all.
    """
    rows = history.matrix()
    rarity = np.log(max(rows.shape[1], 2)) - np.log1p(np.diff(rows.indptr))
    weighted = sparse.diags(np.maximum(rarity, 0.0)) @ rows
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=0)).ravel())
    unit = (weighted @ sparse.diags(1.0 / np.maximum(norm, 1e-12))).tocsr()
    return strongest(_product(unit.T.tocsr(), unit, lambda part, _: part.data, own=True), width)


def recent(history: History, latest: int = 60) -> sparse.csr_matrix:
    """Score by the latest orders that held a product: nearest sessions, for one product at a time.

    After "Serenade" (Kersbergen and others 2022), with its rarity; each product of an order
    counts over the root of the order's size.
    """
    rows = history.matrix()
    columns = rows.tocsc()
    columns.sort_indices()
    sold = np.diff(columns.indptr)
    sizes = np.minimum(sold, latest).astype(np.int64)
    lines = ragged(columns.indptr[1:].astype(np.int64) - sizes, sizes)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    newest = (np.ones(len(lines), dtype=np.float32), columns.indices[lines], starts)
    rarity = np.log1p(rows.shape[0] / np.maximum(sold, 1)).astype(np.float32)
    asked = sparse.diags(rarity) @ sparse.csr_matrix(newest, shape=rows.T.shape)
    short = sparse.diags(1.0 / np.sqrt(np.maximum(np.diff(rows.indptr), 1)))
    worth = short @ rows @ sparse.diags(rarity)
    return _product(asked.tocsr(), worth.tocsr(), lambda part, _: part.data, own=False)


def following(history: History, asked: float = 0.5, offered: float = 0.2) -> sparse.csr_matrix:
    """Score what comes soon after: 1 over the distance, divided by powers of popularity."""
    size = len(history.items)
    row = np.repeat(np.arange(history.size), np.diff(history.starts))
    found = sparse.csr_matrix((size, size), dtype=np.float32)
    for gap in range(1, _REACH + 1):
        same = row[gap:] == row[:-gap]
        pairs = (history.codes[:-gap][same], history.codes[gap:][same])
        found += sparse.csr_matrix((np.full(same.sum(), 1.0 / gap), pairs), shape=(size, size))
    degree = np.maximum(np.bincount(history.codes, minlength=size), 1.0)
    part = found.tocoo()
    part.data = part.data / (degree[part.row] ** asked * degree[part.col] ** offered)
    return strongest(part.tocsr())


def regressed(history: History, largest: int = 4000, damping: float = 100.0) -> sparse.csr_matrix:
    """EASE^R (Steck 2019): each product as a linear function of the others in the order.

    Solved in closed form for the `largest` best sellers: B = I - P / diag(P), where P is the
    inverse of the Gram matrix with `damping` on its diagonal.
    """
    size = len(history.items)
    rows = history.matrix()
    sold = np.asarray(rows.sum(axis=0)).ravel()
    best = np.sort(np.argsort(-sold, kind="stable")[:largest])
    chosen = rows[:, best]
    gram = np.asarray((chosen.T @ chosen).todense(), dtype=np.float32)
    gram[np.diag_indices_from(gram)] += damping
    factor, _ = linalg.lapack.spotrf(gram, lower=0, overwrite_a=1)
    inverse, _ = linalg.lapack.spotri(factor, lower=0, overwrite_c=1)
    inverse = np.triu(inverse) + np.triu(inverse, 1).T
    inverse /= -np.diag(inverse)
    np.fill_diagonal(inverse, 0.0)
    width = min(WIDTH, max(len(best) - 1, 0))
    top = (
        np.argpartition(-inverse, width - 1, axis=1)[:, :width] if width else np.zeros((0, 0), int)
    )
    values = (
        np.maximum(np.take_along_axis(inverse, top, axis=1), 0.0) if width else np.zeros((0, 0))
    )
    found = sparse.csr_matrix(
        (values.ravel(), (np.repeat(best, width)[: top.size], best[top].ravel())),
        shape=(size, size),
        dtype=np.float32,
    )
    found.eliminate_zeros()
    return found


def neighbours(
    pairs: list[sparse.csr_matrix], width: int
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Join the models' neighbours: products x width numbers, and x models scores.

    Where the models name more than `width` neighbours, those with the best rank in any stay.
    Those with the largest mean come first.
    """
    size, kinds = pairs[0].shape[0], len(pairs)
    numbers = np.zeros((size, width), dtype=np.int32)
    scores = np.zeros((size, width, kinds), dtype=np.float32)
    for item in range(size):
        parts = [slice(pair.indptr[item], pair.indptr[item + 1]) for pair in pairs]
        columns = [pair.indices[part] for pair, part in zip(pairs, parts, strict=True)]
        values = [pair.data[part] for pair, part in zip(pairs, parts, strict=True)]
        union, where = np.unique(np.concatenate(columns), return_inverse=True)
        table = np.zeros((len(union), kinds), dtype=np.float32)
        model = np.repeat(np.arange(kinds), [len(column) for column in columns])
        table[where, model] = np.concatenate(values)
        if len(union) > width:
            rank = np.argsort(np.argsort(-table, axis=0), axis=0).min(axis=1)
            keep = np.argpartition(rank, width - 1)[:width]
            union, table = union[keep], table[keep]
        order = np.argsort(-table.sum(axis=1), kind="stable")
        numbers[item, : len(union)] = union[order]
        scores[item, : len(union)] = table[order]
    return numbers, scores
