"""The models by themselves: what goes together, what follows, what was bought before."""

import numpy as np
import pytest

from grc_recommendations.history import LONGEST
from grc_recommendations.history import History
from grc_recommendations.metrics import measure
from grc_recommendations.metrics import ndcg
from grc_recommendations.models import pairs
from grc_recommendations.models.sessions import Sessions

BASKETS = [["bread", "butter"]] * 6 + [["bread", "jam"]] * 2 + [["pen", "ink"]] * 3 + [["bread"]]


def history(baskets: list[list[str]], people: list[str | None] | None = None) -> History:
    named = people or [None] * len(baskets)
    return History.of(
        {"u": who, "t": 1000.0 + n, "i": basket}
        for n, (basket, who) in enumerate(zip(baskets, named, strict=True))
    )


def best(found: History, scores: object, item: str) -> str:
    row = scores[found.items.index(item)].toarray().ravel()  # type: ignore[index]
    return found.items[int(row.argmax())]


@pytest.mark.parametrize("model", [pairs.counts, pairs.together, pairs.regressed])
def test_each_model_of_pairs_knows_what_goes_together(model: object) -> None:
    found = history(BASKETS)
    scores = model(found)  # type: ignore[operator]
    assert best(found, scores, "bread") == "butter"
    assert best(found, scores, "pen") == "ink"
    assert scores[found.items.index("pen"), found.items.index("butter")] == 0


def test_the_cosine_says_that_a_product_is_most_like_itself() -> None:
    found = history(BASKETS)
    assert best(found, pairs.similar(found), "bread") == "bread"


def test_the_closest_are_few_and_long_orders_count_for_less() -> None:
    found = history([["tea", "honey"], ["tea", *(f"p{n}" for n in range(40))], ["pen", "ink"]])
    scores = pairs.closest(found, width=3)
    tea, honey, p0 = (found.items.index(name) for name in ("tea", "honey", "p0"))
    assert scores[tea, honey] > scores[tea, p0]
    assert scores[tea].nnz == 3


def test_counts_are_the_numbers_of_orders_with_both() -> None:
    found = history(BASKETS)
    scores = pairs.counts(found)
    assert scores[found.items.index("butter"), found.items.index("bread")] == 6
    assert scores.diagonal().sum() == 0


def test_regression_is_the_closed_form_of_its_paper() -> None:
    found = history(BASKETS)
    rows = found.matrix().toarray()
    gram = rows.T @ rows + 100.0 * np.eye(rows.shape[1])
    inverse = np.linalg.inv(gram)
    wanted = np.maximum(-inverse / np.diag(inverse), 0)
    np.fill_diagonal(wanted, 0)
    assert pairs.regressed(found).toarray() == pytest.approx(wanted, abs=1e-5)


def test_regression_beyond_the_best_sellers_is_silent() -> None:
    found = history(BASKETS)
    scores = pairs.regressed(found, largest=2)
    assert scores[found.items.index("pen")].nnz == 0


def test_what_follows_is_directed_and_stays_within_a_session() -> None:
    found = history([["a", "b", "c"], ["d", "a"]])
    scores = pairs.following(found)
    a, b, c, d = (found.items.index(name) for name in "abcd")
    assert scores[a, b] > scores[a, c] > 0
    assert scores[b, a] == scores[c, d] == 0


def test_only_the_strongest_neighbours_are_kept_and_joined_by_their_best_rank() -> None:
    found = history([["hub", f"spoke{n}"] for n in range(30) for _ in range(n + 1)])
    kept = pairs.strongest(pairs.counts(found), 5)
    assert kept[found.items.index("hub")].nnz == 5
    numbers, scores = pairs.neighbours([pairs.counts(found), pairs.together(found)], 8)
    hub = found.items.index("hub")
    assert found.items.index("spoke29") in numbers[hub]
    assert scores.shape == (31, 8, 2)


def test_nearest_sessions_find_what_came_with_a_basket() -> None:
    found = history(BASKETS)
    sessions = Sessions.of(found)
    items, strength = sessions.scores([found.items.index("pen")], np.ones(1, dtype=np.float32))
    total = np.bincount(items, weights=strength, minlength=len(found.items))
    named = {found.items[n] for n in np.flatnonzero(total)}
    assert named == {"pen", "ink"}


def test_only_the_latest_orders_of_a_product_are_recent() -> None:
    found = history([["tea", "honey"]] * 5 + [["tea", "jam"]] * 3)
    tea, honey, jam = (found.items.index(name) for name in ("tea", "honey", "jam"))
    scores = pairs.recent(found, latest=3)
    assert scores[tea, jam] > 0
    assert scores[tea, honey] == 0
    assert pairs.recent(found)[tea, honey] > 0


def test_a_history_sorts_by_time_drops_empty_orders_and_caps_long_ones() -> None:
    found = History.of(
        [
            {"u": "b", "t": 5, "i": ["late"]},
            {"u": "a", "t": 1, "i": ["early"]},
            {"u": "a", "t": 2, "i": []},
            {"u": "a", "t": 3, "i": [f"p{n}" for n in range(LONGEST + 100)]},
        ]
    )
    assert found.size == 3
    assert found.items[found.order(0)[0]] == "early"
    assert len(found.order(1)) == LONGEST


def test_a_persons_orders_become_one_row_and_strangers_stay_alone() -> None:
    rows = history([["a"], ["b"], ["c"], ["d"]], ["ann", None, "ann", None]).by_person()
    assert sorted(tuple(rows.order(n).tolist()) for n in range(rows.size)) == [(0, 2), (1,), (3,)]


def test_gain_is_discounted_by_place_and_normalised_by_the_best_possible() -> None:
    assert ndcg([1, 2, 3], [1]) == 1.0
    assert ndcg([2, 1], [1]) == pytest.approx(1 / np.log2(3))
    assert ndcg([1, 9, 2], [1, 2]) == pytest.approx((1 + 0.5) / (1 + 1 / np.log2(3)))
    assert ndcg([1], []) == 0.0


def test_quality_has_means_errors_and_coverage() -> None:
    found = measure([[1, 2], [3]], [[2], [9]], catalogue=10)
    assert (found.cases, found.hit_rate, found.reciprocal_rank) == (2, 0.5, 0.25)
    assert found.hit_rate_error == pytest.approx(0.5 / np.sqrt(2))
    assert found.coverage == 0.3
    assert measure([], [], 10).cases == 0


def test_what_is_computed_leaves_the_order_of_lines_alone() -> None:
    found = History.of([{"u": None, "t": 1, "i": ["b", "a", "b"]}, {"u": None, "t": 2, "i": ["a"]}])
    before = found.codes.copy()
    assert found.matrix().nnz == 3
    assert found.codes.tolist() == before.tolist()


def test_a_history_is_built_from_a_stream_in_any_order() -> None:
    orders = [{"u": f"u{n % 3}", "t": n, "i": [f"p{n}", "p0"]} for n in range(9)]
    forth, back = History.of(iter(orders)), History.of(reversed(orders))
    assert forth.items == back.items
    assert (forth.codes == back.codes).all()
    assert (forth.starts == back.starts).all()
    assert forth.sold(since=6) == {"p0": 3.0, "p6": 1.0, "p7": 1.0, "p8": 1.0}
