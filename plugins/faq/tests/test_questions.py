"""Questions: the queue, merging, answering once, waiting again; and what is counted."""

from collections.abc import Iterator
from datetime import date
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grc_faq import cases
from grc_faq import counting
from grc_faq import editing
from grc_faq import indicators
from grc_faq import meanings
from grc_faq import models
from grc_faq import questions
from grc_faq.library import Article
from grc_faq.library import Holdings
from grc_faq.library import Library

from .tables import NOW
from .tables import asked
from .tables import tables
from .tables import write

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture
def session() -> Iterator[Session]:
    with tables() as found:
        yield found


def test_the_most_asked_comes_first_then_the_oldest(session: Session) -> None:
    old, young, popular, other = (asked(session, f"Question {n}") for n in range(4))
    young.asked_at += timedelta(hours=2)
    popular.asked_at += timedelta(hours=3)
    questions.merge(session, other, popular)
    found = [(one.id, askers) for one, askers in questions.queue(session)]
    assert found == [(popular.id, 2), (old.id, 1), (young.id, 1)]
    assert len(questions.queue(session, limit=2)) == 2


def test_those_merged_before_follow(session: Session) -> None:
    first, second, third = (asked(session, f"Question {n}") for n in range(3))
    questions.merge(session, first, second)
    questions.merge(session, second, third)
    assert {one.id for one in questions.followers(session, third)} == {first.id, second.id}
    for pair in ((third, third), (first, third)):
        with pytest.raises(ValueError, match="two different open questions"):
            questions.merge(session, *pair)


def test_alike_questions_are_found_in_the_same_language(session: Session) -> None:
    one = asked(session, "Do you tune violins?")
    near = asked(session, "Is a violin tuned by you?")
    asked(session, "Accordez-vous les violons ?", lang="fr")
    asked(session, "What does a trumpet weigh?")
    done = asked(session, "Violins, do you tune them?")
    questions.reject(done, NOW)
    assert [other.id for other in questions.alike(session, one)] == [near.id]


def test_an_answer_closes_all_and_is_told_to_those_with_an_address(session: Session) -> None:
    entry = write(session, "Do you look after instruments?")
    one = asked(session, "Do you tune violins, please?", email="a@example.com")
    other = asked(session, "Tuning of a violin please", email=None)
    french = asked(session, "Accordez-vous les violons de ma mère ?", lang="fr", email="f@x.ca")
    questions.merge(session, other, one)
    questions.merge(session, french, one)
    told = questions.close(session, one, entry, NOW)
    assert [who.email for who in told] == ["a@example.com", "f@x.ca"]
    assert questions.close(session, one, entry, NOW) == []
    assert editing.phrasings(session, entry) == [
        "Do you tune violins, please",
        "Tuning of a violin please",
    ]  # the French words are not learnt by an English entry


def test_what_was_answered_automatically_is_not_learnt_and_can_wait_again(
    session: Session,
) -> None:
    entry = write(session, "Do you look after instruments?")
    one = asked(session, "Do you tune violins, please?", email="a@example.com")
    assert questions.close(session, one, entry, NOW, automatic=True) == [one]
    assert (one.automatic, editing.phrasings(session, entry)) == (True, [])
    questions.reopen(one)
    assert (one.status, one.automatic, one.entry_id, one.answered_at) == ("open", False, None, None)


@pytest.mark.parametrize(
    ("text", "gist"),
    [
        ("Hello. I bought a piano. Do you tune pianos? Regards, Ann", "Do you tune pianos"),
        ("Tuning?", "Tuning?"),
        ("Write me at ann@example.com about order 123456.", "Write me at @ about order #."),
        ("Hi!\nI would like to know more of it.", "I would like to know more of it"),
    ],
)
def test_the_gist_of_a_message_is_its_question_without_the_person(text: str, gist: str) -> None:
    assert questions.gist(text).rstrip(".") == gist.rstrip(".")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Hello. Do you tune old pianos? Ann", "Do you tune old pianos?"),
        ("Accordez-vous les vieux violons\u00a0?", "Accordez-vous les vieux violons\u00a0?"),
        ("I would like a new string", "I would like a new string"),
        ("Is order 123456 of Ann on its way?", "Is order # of Ann on its way"),
    ],
)
def test_an_entry_is_called_like_the_question_it_answers(text: str, title: str) -> None:
    assert questions.title(text) == title


def test_counts_of_a_day_add_up(session: Session) -> None:
    for _ in range(3):
        counting.count(session, NOW, searches=1, misses=1)
    counting.count(session, NOW, asked=1)
    (day,) = session.scalars(select(models.Day)).all()
    assert (day.day, day.searches, day.misses, day.empty, day.asked) == ("2026-11-17", 3, 3, 0, 1)


def test_searches_in_vain_are_cut_off_and_the_rarest_make_room(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST", 8)
    monkeypatch.setattr(counting, "ROOM", 3)
    for number in range(4):
        counting.missed(session, NOW, "en", f"often {number} {'x' * 300}")
        counting.missed(session, NOW, "en", f"often {number} {'x' * 300}")
    for number in range(40):
        counting.missed(session, NOW + timedelta(seconds=number), "en", f"flood {number}")
    kept = session.scalars(select(models.Miss)).all()
    assert len(kept) <= 8
    assert sum(one.text.startswith("often") for one in kept) == 4
    assert max(len(one.text) for one in kept) <= 120


def test_what_nobody_searches_any_more_is_forgotten(session: Session) -> None:
    counting.missed(session, NOW - timedelta(days=200), "en", "old")
    counting.missed(session, NOW, "en", "new")
    counting.forget(session, NOW)
    assert session.scalars(select(models.Miss.text)).all() == ["new"]


def test_gaps_are_grouped_by_what_is_alike(session: Session) -> None:
    for text in ("violin strings", "violin strings", "strings for violins", "trumpet"):
        counting.missed(session, NOW, "en", text)
    assert counting.gaps(session, "en") == [
        ("violin strings", 3, ["strings for violins"]),
        ("trumpet", 1, []),
    ]
    assert counting.gaps(session, "fr") == []


def test_indicators_say_nothing_before_anything_happened(session: Session) -> None:
    assert {**indicators.indicators(session)} == {
        "searches": 0, "coverage": None, "zero_results": None, "deflection": None,
        "hours_to_answer": None, "automatic_share": None,
    }  # fmt: skip


def test_indicators_are_those_of_their_weeks(session: Session) -> None:
    entry = write(session, "Do you look after instruments?")
    counting.count(session, NOW, searches=10, misses=4, empty=1, asked=2)
    counting.count(session, NOW - timedelta(days=7), searches=2, misses=2, asked=3)
    counting.count(session, NOW - timedelta(days=300), searches=100)
    for hours, automatic in ((1, False), (5, False), (9, False), (0, True)):
        one = asked(session, "Do you tune violins?")
        questions.close(session, one, entry, NOW + timedelta(hours=hours), automatic)
    weeks, tallies = indicators.weekly(session, NOW + timedelta(hours=9), weeks=3)
    assert weeks == [date(2026, 10, 29) + timedelta(days=7 * n) for n in range(3)]
    assert [one.coverage for one in tallies] == [None, 0.0, 0.6]
    assert [one.deflection for one in tallies] == [None, 0.0, 0.8]
    assert [one.zero_results for one in tallies] == [None, 0.0, 0.1]
    assert tallies[2].hours_to_answer == 5
    assert tallies[2].automatic_share == 0.25
    assert indicators.percent([None, 0.256]) == [None, 25.6]
    assert indicators.indicators(session)["searches"] == 112
    assert indicators.indicators(session, date(2026, 11, 1))["searches"] == 12


def library_of(*questions_: str) -> Library:
    articles = [
        Article(number, f"t{number}", "en", f"s{number}", "delivery", text, "Yes.", (), ())
        for number, text in enumerate(questions_, 1)
    ]
    return Library(Holdings(articles, {}, {}, {}, {}), semantic=False)


def test_what_staff_decide_is_a_case_of_whether_the_best_was_right(session: Session) -> None:
    library = library_of("Do you tune violins?", "Where is my parcel?")
    cases.decided(session, library, "en", "violins to be tuned", 1, NOW)
    cases.decided(session, library, "en", "parcel tuned", 99, NOW)
    cases.decided(session, library, "fr", "nothing is there", 1, NOW)
    rows = session.execute(select(models.Case.right, models.Case.margin)).all()
    assert [right for right, _ in rows] == [True, False]
    assert all(margin > 0 for _, margin in rows)


def test_a_no_to_another_entry_than_the_best_says_nothing(session: Session) -> None:
    library = library_of("Do you tune violins?", "Where is my parcel?")
    best, other = library.articles[1], library.articles[2]
    for article, helpful in ((other, False), (other, True), (best, True)):
        cases.voted(session, library, article, "violins tuned", helpful, NOW)
    rows = session.scalars(select(models.Case.right)).all()
    assert rows == [True]  # the last word counts: it is one case


def test_votes_do_not_push_what_staff_decided_out_of_what_is_learnt(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "_NEWEST", 120)
    for number, source in enumerate(["staff"] * 120 + ["vote"] * 200):
        case = models.Case(key=str(number), lang="en", source=source, semantic=False, score=1.0,
                           margin=2.0, right=True, at=NOW + timedelta(minutes=number))  # fmt: skip
        session.add(case)
    assert cases.learnt(session, 0.9)[False].margin == 2.0


def test_a_margin_of_one_result_is_what_it_scores() -> None:
    library = library_of("Do you tune violins?")
    found = library.search("en", "violins", 2)
    assert len(found) == 1
    assert cases.margin_of(found) == abs(found[0][1].score)


def test_vectors_are_stored_once_and_go_with_their_texts(session: Session) -> None:
    meanings.store(session, {"a": b"1", "b": b"2"})
    meanings.store(session, {"b": b"2", "c": b"3"})
    assert meanings.stored(session) == {"a": b"1", "b": b"2", "c": b"3"}
    meanings.forget(session, {"a"})
    assert meanings.stored(session) == {"a": b"1"}
    meanings.forget(session, {"a"})
    assert meanings.stored(session) == {"a": b"1"}
