"""Training chooses by what it has not seen, stores without pickle, and stands bad input."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from grc_recommendations.fusion import Blend
from grc_recommendations.fusion import Case
from grc_recommendations.fusion import learn
from grc_recommendations.fusion import ranking
from grc_recommendations.history import History
from grc_recommendations.offline import factory
from grc_recommendations.parts import Parts
from grc_recommendations.query import LINES
from grc_recommendations.query import Query
from grc_recommendations.storing import dump
from grc_recommendations.storing import load
from grc_recommendations.training import FEWEST
from grc_recommendations.training import FUSED
from grc_recommendations.training import Trained
from grc_recommendations.training import fit
from grc_recommendations.training import train
from grc_recommendations.validation import KINDS
from grc_recommendations.validation import cut

SETS = [[f"{name}{n}" for n in range(4)] for name in ("golf", "tea", "camp", "desk")]


def orders(count: int = 1200, seed: int = 1) -> list[dict[str, Any]]:
    """Return orders of 60 people, each of whom buys mostly from one of four sets."""
    draw = random.Random(seed)
    found = []
    for n in range(count):
        person = n % 60
        goods = SETS[person % 4] if draw.random() < 0.9 else draw.choice(SETS)
        found.append(
            {"u": f"u{person}", "t": n * 3600, "i": draw.sample(goods, draw.randint(2, 3))}
        )
    return found


@cache
def trained(kind: str) -> Trained:
    """Return what is learnt from these orders; models are read-only, so tests may share them."""
    return train(History.of(orders()), kind)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_recommends_from_the_set_at_hand(kind: str) -> None:
    recommend = factory(orders(), kind)
    asked = ["golf0"] if kind in ("cart", "session") else ["golf0", "golf1"]
    found = recommend(asked, 2 + len(asked), context={"u": "u0", "t": 9e6, "h": [asked]})
    assert recommend.wants_context is True
    assert sum(item.startswith("golf") for item in found) >= 3


def test_without_context_the_items_alone_are_used() -> None:
    recommend = factory(orders(), "cart")
    assert {*recommend(["tea1"], 4)} == {"tea0", "tea1", "tea2", "tea3"} or recommend(["tea1"], 3)[
        0
    ].startswith("tea")


def test_the_choice_is_the_best_on_what_was_held_back() -> None:
    qualities = trained("cart").qualities
    assert trained("cart").chosen == max(qualities, key=lambda name: qualities[name].ndcg)
    assert qualities[FUSED].ndcg > qualities["popular"].ndcg
    assert qualities[FUSED].cases >= FEWEST


def test_what_is_held_back_is_newer_and_is_not_learnt_from() -> None:
    history = History.of(orders())
    rest, questions = cut(history, "cart", 50)
    assert rest.times.max() < np.sort(history.times)[-len(questions)]
    assert rest.size < history.size
    for question in questions:
        assert not set(question.wanted.tolist()) & set(question.query.basket)


@pytest.mark.parametrize("kind", ["new", "next", "repeat"])
def test_the_latest_order_of_a_person_is_not_in_their_past(kind: str) -> None:
    found = [{"u": "ann", "t": n, "i": [f"p{n}"]} for n in range(5)] + [
        {"u": "bob", "t": n + 0.5, "i": [f"p{n}"]} for n in range(6)
    ]
    history = History.of(found)
    rest, questions = cut(history, kind, 10)
    assert rest.size == 9
    asked = {tuple(history.items[n] for n in it.query.past) for it in questions}
    assert ("p3", "p2", "p1", "p0") in asked
    assert all(int(it.wanted[0]) not in it.query.past for it in questions)


def test_weights_learn_which_fact_tells_the_truth() -> None:
    draw = np.random.default_rng(3)
    cases = []
    for _ in range(80):
        facts = draw.random((6, 3)).astype(np.float32)
        cases.append(Case(np.arange(6), facts, [int((facts[:, 1] + facts[:, 2]).argmax())]))
    start = Blend(np.array([0, 1, 1]), *(np.ones(n, dtype=np.float32) for n in (3, 2, 2)))
    blend = learn(cases, start)
    weight = blend.straight + blend.bent
    assert weight[1] > 2 * abs(weight[0])
    assert blend.mix[1] == pytest.approx(blend.mix[2], rel=0.5)
    assert learn([], blend) is blend


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_served_ranks_like_the_facts_it_was_learnt_from(kind: str) -> None:
    recommender = trained(kind).recommender
    asked = [("golf1", ["golf2", "tea0"]), ("tea3", ["camp1", "tea3"])]
    for at_hand, bought in asked:
        basket = [at_hand] if kind in ("cart", "session") else []
        past = [] if kind == "session" else [bought, bought[:1]]
        query = Query.named(recommender.index, basket, past)
        candidates, facts = recommender.scorer.facts(query)
        wanted = dict(zip(candidates.tolist(), recommender.blend.scored(facts), strict=True))
        found = [item for item in recommender.fused.ranked(query, 60) if item in wanted]
        assert [wanted[item] for item in found] == pytest.approx(
            sorted(wanted.values(), reverse=True)[: len(found)], abs=1e-3
        )


def test_a_part_that_took_long_is_kept_and_not_computed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("grc_recommendations.parts.LONG", 0.0)
    history, kept = History.of(orders(200)), dict[str, bytes]()
    whole = fit(history, "cart", part=Parts(history.items, {}, kept.__setitem__))
    assert {"counted", "regressed"} <= kept.keys()

    def forbidden(history: History) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr("grc_recommendations.models.pairs.regressed", forbidden)
    again = fit(history, "cart", part=Parts(history.items, kept, kept.__setitem__))
    assert (again.numbers == whole.numbers).all()
    assert again.scores == pytest.approx(whole.scores, abs=1e-6)
    later = (*history.items, "new")
    anew = sparse.eye(20, format="csr")
    assert Parts(later, kept, {}.__setitem__)("regressed", lambda: anew).shape == (17, 17)
    other = Parts(("other",) * 20, kept, {}.__setitem__)
    assert other("regressed", lambda: anew) is anew  # products have other numbers


def test_a_ranking_is_the_best_candidates_in_order() -> None:
    scores = np.array([1.0, 3.0, 2.0], dtype=np.float32)
    assert ranking(scores, np.array([7, 8, 9]), 2).tolist() == [8, 9]


def test_what_is_barred_is_never_proposed() -> None:
    recommender = trained("cart").recommender
    assert "golf1" not in recommender.recommend(["golf0"], (), 16, ["golf1"])


def test_a_stored_model_answers_like_the_one_that_was_stored() -> None:
    recommender = trained("cart").recommender
    again = load(dump(recommender))
    assert again is not None
    asked: list[tuple[list[str], list[list[str]]]] = [
        (["golf1"], []),
        (["tea0", "tea1"], [["camp1"]]),
    ]
    for basket, past in asked:
        assert again.recommend(basket, past, 5) == recommender.recommend(basket, past, 5)


def test_a_kept_answer_is_the_computed_one_and_nobody_can_change_it() -> None:
    recommender = trained("cart").recommender
    first = recommender.recommend(["golf1"], (), 3)
    first.append("spoilt")
    assert recommender.recommend(["golf1"], (), 3) == first[:3]
    assert recommender.recommend(["golf1"], [["unknown"]], 3) == first[:3]


def test_threads_get_the_answers_that_one_thread_gets() -> None:
    recommender = trained("cart").recommender
    asked = [[f"{name}{n}", "tea0"] for name in ("golf", "camp", "desk") for n in range(4)] * 5
    alone = [recommender.recommend(basket, [["golf2"]], 4) for basket in asked]
    with ThreadPoolExecutor(4) as pool:
        together = pool.map(lambda basket: recommender.recommend(basket, [["golf2"]], 4), asked)
        assert list(together) == alone


def test_a_model_of_another_release_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    blob = dump(train(History.of(orders(50)), "cart").recommender)
    monkeypatch.setattr("grc_recommendations.storing.FORMAT", 99)
    assert load(blob) is None


def test_the_reason_is_the_product_that_speaks_most_for_it() -> None:
    recommender = trained("cart").recommender
    assert recommender.because(["golf2"], ["tea0", "golf0"]) == {"golf2": "golf0"}
    assert recommender.because(["unknown"], ["golf0"]) == {}


def test_only_the_latest_lines_of_a_long_past_count() -> None:
    query = Query.of([], [[n] for n in range(10_000)])
    assert len(query.past) <= LINES
    assert (query.past[0], query.ago[0]) == (9999, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "past",
    [
        [],
        [{"u": None, "t": 1, "i": ["only"]}],
        [{"u": "a", "t": 1, "i": ["only"]}] * 30,
        [{"u": "a", "t": n, "i": ["x", "x", "y", "y", "y"]} for n in range(80)],
        [{"u": "a", "t": 7, "i": [f"p{n}" for n in range(500)]}] * 3,
        [{"u": None, "t": 0, "i": []}] * 3,
    ],
    ids=["nothing", "one order", "one product", "duplicates", "500 lines", "empty orders"],
)
def test_odd_histories_give_sensible_answers(kind: str, past: list[dict[str, Any]]) -> None:
    recommend = factory(past, kind)
    known = {item for order in past for item in order["i"]}
    for items in ([], ["unknown"], ["only", "x", "p3", "unknown"]):
        found = recommend(items, 5, context={"u": None, "t": 1, "h": [items] if items else []})
        assert set(found) <= known
        assert len(found) == len(set(found)) <= 5
    if known and kind == "cart":
        assert recommend(["unknown"], 1) != []
