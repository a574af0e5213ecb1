"""Orders drawn by chance, as shops have them: a few best sellers, and goods that go together."""

from collections.abc import Iterator

import numpy as np

from grc_recommendations.history import History


def drawn(orders: int, products: int, seed: int = 5) -> Iterator[dict[str, object]]:
    """Yield orders `{"u", "t", "i"}`, oldest first; half of each comes from one of many sets."""
    draw = np.random.default_rng(seed)
    sets = max(products // 40, 1)
    sizes = np.minimum(1 + draw.geometric(0.22, orders), 40)
    people = draw.zipf(1.3, orders) % max(orders // 6, 1)
    picks = draw.zipf(1.25, int(sizes.sum())) % products
    start = 0
    for number in range(orders):
        chosen = picks[start : start + sizes[number]]
        start += sizes[number]
        half = len(chosen) // 2
        together = chosen[:half] * 40 % (sets * 40) // sets + (people[number] % sets) * 40
        items = dict.fromkeys([*(together % products).tolist(), *chosen[half:].tolist()])
        yield {"u": f"u{people[number]}", "t": 600.0 * number, "i": [str(item) for item in items]}


def many(orders: int, products: int, seed: int = 6) -> History:
    """Return a long history at once: small orders, half of each from around one product."""
    draw = np.random.default_rng(seed)
    sizes = np.minimum(1 + draw.geometric(0.36, orders), 30).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    lines = int(starts[-1])
    around = (products * draw.random(orders, dtype=np.float32) ** 3).astype(np.int32)
    near = np.repeat(around, sizes) + draw.integers(0, 20, lines, dtype=np.int32)
    best = (products * draw.random(lines, dtype=np.float32) ** 3).astype(np.int32)
    codes = np.where(draw.random(lines, dtype=np.float32) < 0.5, near % products, best)
    times = np.arange(orders, dtype=np.float64)
    items = tuple(map(str, range(products)))
    return History(items, np.full(orders, -1, np.int32), times, starts, codes.astype(np.int32))


def history(orders: int, products: int, seed: int = 5) -> History:
    """Return drawn orders, after one in which every product was sold."""
    everything = [str(product) for product in range(products)]
    first = [
        {"u": None, "t": 0.0, "i": everything[at : at + 400]} for at in range(0, products, 400)
    ]
    return History.of([*first, *drawn(orders, products, seed)])
