"""DuckDB and the portable expression find the same neighbours as arrays do."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from grc_recommendations import training
from grc_recommendations.history import History
from grc_recommendations.models import pairs
from grc_recommendations.warehouse import duck
from grc_recommendations.warehouse import portable

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

WIDTH = 12


def history(orders: int, products: int = 60, seed: int = 2) -> History:
    """Return orders of 1 to 6 products, some of them on two lines."""
    draw = random.Random(seed)
    lines = (
        [f"p{int(draw.paretovariate(0.8)) % products}" for _ in range(draw.randint(1, 6))]
        for _ in range(orders)
    )
    return History.of({"u": None, "t": n, "i": found} for n, found in enumerate(lines))


def same(found: sparse.csr_matrix, expected: sparse.csr_matrix) -> bool:
    """Tell whether each product has the same scores, and the same neighbours but for ties."""
    for item in range(expected.shape[0]):
        one, two = found.getrow(item), expected.getrow(item)
        if not np.allclose(np.sort(one.data), np.sort(two.data), rtol=1e-5):
            return False
        if two.nnz:
            sure = set(two.indices[two.data > two.data.min() * (1 + 1e-5)].tolist())
            if not sure <= set(one.indices.tolist()):
                return False
    return True


def by_arrays(past: History) -> dict[str, sparse.csr_matrix]:
    """Return the neighbours as training without a database finds them."""
    counted, together = pairs.counts(past), pairs.together(past)
    return {
        "counted": pairs.strongest(counted, WIDTH),
        "together": pairs.strongest(together, WIDTH),
    }


def by_expression(past: History, folder: Path, dialect: str) -> sparse.csr_matrix:
    """Return the neighbours by the portable expression, on DuckDB or on Spark."""
    ibis = pytest.importorskip("ibis", reason="run: pip install 'grc-recommendations[portable]'")
    duckdb = pytest.importorskip("duckdb")
    getattr(ibis, dialect)  # loads the backend, and with it the options of its compiler
    number = np.repeat(np.arange(past.size), np.diff(past.starts))
    file = str(folder / "lines.parquet")
    with duckdb.connect() as database:
        database.register("given", {"order_id": number, "item": past.codes.astype(np.int64)})
        database.execute(
            f"COPY (SELECT DISTINCT order_id, item FROM given) TO '{file}' (FORMAT parquet)"
        )
        lines = ibis.table({"order_id": "int64", "item": "int64"}, name="lines")
        statement = str(ibis.to_sql(portable.neighbours(lines, WIDTH), dialect=dialect))
        if dialect == "duckdb":
            database.execute(f"CREATE VIEW lines AS SELECT * FROM '{file}'")
            columns = database.execute(statement).fetchnumpy()
        else:
            columns = on_spark(statement, file)
    where = (columns["item"], columns["other"])
    size = len(past.items)
    return sparse.csr_matrix((columns["score"].astype(np.float32), where), shape=(size, size))


def on_spark(statement: str, file: str) -> dict[str, Any]:
    """Run the statement on a Spark of two threads."""
    from pyspark.sql import SparkSession

    spark = (
        SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    )
    try:
        spark.read.parquet(file).createOrReplaceTempView("lines")
        rows = spark.sql(statement).collect()
    finally:
        spark.stop()
    names = ("item", "other", "score")
    return {name: np.array([row[name] for row in rows]) for name in names}


def test_duckdb_finds_what_arrays_find() -> None:
    pytest.importorskip("duckdb", reason="run: pip install 'grc-recommendations[duckdb]'")
    past = history(1500)
    expected, found = by_arrays(past), duck.strongest(past, WIDTH)
    assert found.keys() == expected.keys()
    for name in expected:
        assert same(found[name], expected[name])


def test_the_portable_expression_finds_what_arrays_find(tmp_path: Path) -> None:
    past = history(1500)
    assert same(by_expression(past, tmp_path, "duckdb"), by_arrays(past)["together"])


def test_pairs_of_too_few_orders_can_be_left_out() -> None:
    pytest.importorskip("duckdb")
    past = History.of({"u": None, "t": n, "i": ["a", "b"] if n else ["a", "c"]} for n in range(3))
    found = duck.strongest(past, WIDTH, least=2)["counted"].toarray()
    assert (found > 0).sum() == 2
    assert found[past.items.index("a"), past.items.index("b")] == 2


def test_training_counts_in_the_database_from_many_orders_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("duckdb")
    past = history(800)
    monkeypatch.setattr(duck, "LEAST", 1)
    by_hand = training.fit(past, "cart")
    monkeypatch.setattr(duck, "MANY", 500)
    by_database = training.fit(past, "cart")
    assert by_database.names == by_hand.names
    assert np.allclose(by_database.merged.sum(axis=1), by_hand.merged.sum(axis=1), rtol=1e-3)


def test_without_the_extra_training_stays_with_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck, "MANY", 1)
    monkeypatch.setattr(duck, "find_spec", lambda name: None)
    assert training.fit(history(60), "cart").models[0] == "counted"


@pytest.mark.slow
def test_two_hundred_thousand_orders_give_the_same_neighbours(tmp_path: Path) -> None:
    past = history(200_000, 3000)
    expected = by_arrays(past)
    assert same(duck.strongest(past, WIDTH)["together"], expected["together"])
    assert same(by_expression(past, tmp_path, "duckdb"), expected["together"])


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.filterwarnings("ignore")  # of Spark's own
def test_spark_computes_the_same_expression(tmp_path: Path) -> None:
    pytest.importorskip("pyspark", reason="run: pip install pyspark, and have Java")
    past = history(200_000, 3000)
    assert same(by_expression(past, tmp_path, "pyspark"), by_arrays(past)["together"])
