"""The same by DuckDB in one pass: each pair is joined once, and only the strongest are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]

from ..history import History
from ..models.pairs import WIDTH

#: From so many orders on DuckDB counts, where it is installed.
MANY = 1_000_000
#: Pairs that fewer orders hold are left out then: chance makes many of them.
LEAST = 2
#: What the database may take; beyond, it spills to the disk.
MEMORY = "3GB"

_PAIRS = """
CREATE TEMP TABLE pair AS
SELECT a.item AS item, b.item AS other, count(*) AS orders, sum(size.weight) AS weight
FROM line AS a
JOIN line AS b ON a.number = b.number AND a.item < b.item
JOIN size ON size.number = a.number
GROUP BY ALL HAVING count(*) >= $least
"""
#: Scores by model: raw counts, and counts weighed as `models.pairs.together` does.
_SCORES = {
    "counted": "pair.orders::DOUBLE",
    "together": "pair.weight / (pow(one.sold, {asked}) * pow(two.sold, {offered}))",
}
_STRONGEST = """
WITH sided AS (
  SELECT pair.item, pair.other, {score} AS score FROM pair
  JOIN sold AS one ON one.item = pair.item JOIN sold AS two ON two.item = pair.other
  UNION ALL
  SELECT pair.other, pair.item, {score} FROM pair
  JOIN sold AS one ON one.item = pair.other JOIN sold AS two ON two.item = pair.item
), kept AS (
  SELECT item, unnest(arg_max({{'other': other, 'score': score}}, score, {width})) AS near
  FROM sided GROUP BY item
)
SELECT item, near.other AS other, near.score AS score FROM kept
"""


def counts(history: History) -> bool:
    """Tell whether the database should count: a long history, and the extra is installed."""
    return history.size >= MANY and find_spec("duckdb") is not None


def strongest(
    history: History,
    width: int = WIDTH,
    least: int = 1,
    size: float = 1.0,
    asked: float = 0.6,
    offered: float = 0.2,
) -> dict[str, sparse.csr_matrix]:
    """Return what `models.pairs.counts` and `together` return, pairs of `least` orders on."""
    found = {}
    with _loaded(history, size) as database:
        database.execute(_PAIRS, {"least": least})
        for name, score in _SCORES.items():
            score = score.format(asked=asked, offered=offered)
            statement = _STRONGEST.format(score=score, width=width)
            found[name] = _matrix(database.execute(statement).fetchnumpy(), len(history.items))
    return found


@contextmanager
def _loaded(history: History, size: float) -> Iterator[Any]:
    """Open a database in memory with the lines, each product once per order."""
    import duckdb

    number = np.repeat(np.arange(history.size, dtype=np.int64), np.diff(history.starts))
    given = {"number": number, "item": history.codes}
    with duckdb.connect(":memory:") as database:
        database.execute(f"SET memory_limit = '{MEMORY}'")
        database.execute("SET preserve_insertion_order = false")
        database.register("given", given)
        database.execute("CREATE TEMP TABLE line AS SELECT DISTINCT number, item FROM given")
        database.unregister("given")
        database.execute(
            "CREATE TEMP TABLE size AS SELECT number, 1.0 / pow(count(*), $size) AS weight "
            "FROM line GROUP BY number",
            {"size": size},
        )
        database.execute(
            "CREATE TEMP TABLE sold AS "
            "SELECT item, count(*)::DOUBLE AS sold FROM line GROUP BY item"
        )
        yield database


def _matrix(columns: dict[str, Any], size: int) -> sparse.csr_matrix:
    where = (columns["item"], columns["other"])
    scores = columns["score"].astype(np.float32)
    return sparse.csr_matrix((scores, where), shape=(size, size))
