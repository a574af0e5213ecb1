"""What the search learns from the shop's own cases, and when it may answer alone."""

import random
from typing import Any

import pytest
from sqlalchemy.orm import Session

from grc_faq import models
from grc_faq.search.calibration import ENOUGH
from grc_faq.search.calibration import Calibration
from grc_faq.search.calibration import fit
from grc_faq.search.calibration import safe_margin

from .desk import Desk
from .test_loop import ask
from .test_mail import mail
from .test_mail import take

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

SQLITE = pytest.mark.grc_databases("sqlite")


def drawn(number: int, slope: float, offset: float, seed: int = 7) -> list[tuple[float, bool]]:
    """Return cases that follow a known logistic function."""
    chance, truth = random.Random(seed), Calibration(slope, offset)
    scores = [chance.gauss(0, 2) for _ in range(number)]
    return [(score, chance.random() < truth.confidence(score)) for score in scores]


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (2.0, -1.5), (0.4, 1.0)])
def test_a_known_function_is_found_again(slope: float, offset: float) -> None:
    found = fit(drawn(4000, slope, offset))
    assert found is not None
    assert found.slope == pytest.approx(slope, rel=0.15)
    assert found.offset == pytest.approx(offset, abs=0.15)


def test_the_learnt_confidence_is_as_often_right_as_it_says() -> None:
    found = fit(drawn(2000, 2.0, -1.5))
    assert found is not None
    fresh = drawn(4000, 2.0, -1.5, seed=8)
    sure = [right for score, right in fresh if 0.7 <= found.confidence(score) < 0.9]
    assert 0.7 <= sum(sure) / len(sure) <= 0.9


@pytest.mark.parametrize(
    "cases",
    [
        [],
        drawn(49, 1, 0),
        [(float(n), True) for n in range(200)],
        [(float(n), n % 20 == 0) for n in range(100)],
        [(float(n), n < 100) for n in range(200)],  # the better, the more often wrong
    ],
    ids=["none", "few", "all right", "few right", "misleading"],
)
def test_without_enough_of_either_kind_nothing_is_learnt(cases: list[tuple[float, bool]]) -> None:
    assert fit(cases) is None


def test_scores_that_part_the_cases_do_not_run_to_infinity() -> None:
    found = fit([(float(n), n >= 0) for n in range(-50, 50)])
    assert found is not None
    assert found.confidence(-50) < 0.05
    assert found.confidence(50) > 0.95
    assert found.slope < 100


def test_a_margin_needs_a_hundred_cases_and_enough_of_them_beyond_it() -> None:
    cases = [(3.0, True)] * 60 + [(1.0, False)] * 60
    assert safe_margin(cases, 0.9) == 3.0
    assert safe_margin(cases[1 : ENOUGH - 1], 0.9) is None
    assert safe_margin([(3.0, True)] * 15 + [(1.0, False)] * 100, 0.5) is None
    assert safe_margin([(3.0, True)] * 21 + [(1.0, False)] * 100, 0.99) is None


def test_cases_of_the_same_margin_stand_or_fall_together() -> None:
    cases = [(2.0, number % 2 == 0) for number in range(120)]
    assert safe_margin(cases, 0.9) is None
    assert safe_margin(cases, 0.4) == 2.0


def known(app: Any, *cases: tuple[float, float, bool, str]) -> None:
    """Let the shop have cases: score, margin, whether right, and who said so."""
    runtime = app.extensions["grc"]
    with Session(runtime.database.engine) as session, session.begin():
        for number, (score, margin, right, source) in enumerate(cases):
            session.add(
                models.Case(key=str(number), lang="en", source=source, semantic=False, score=score,
                            margin=margin, right=right, at=runtime.clock())
            )  # fmt: skip
    app.flask("grc", "faq", "status", "1", "published")  # another process reads again
    app.flask("grc", "faq", "status", "1", "draft")
    app.flask("grc", "faq", "status", "1", "published")


def sure(source: str) -> list[tuple[float, float, bool, str]]:
    return [(3.0, 0.5, True, source)] * 60 + [(-3.0, 0.1, False, source)] * 60


QUESTION = "How do I track my parcel?"


@SQLITE
def test_a_mail_is_answered_alone_only_where_it_is_wanted_and_staffs_cases_allow_it(
    app: Any,
) -> None:
    known(app, *sure("staff"))
    assert take(app, mail(QUESTION)) == ["question 1"]  # nobody has switched it on
    app.flask("grc", "settings", "faq", "automatic_answers=true")
    said = take(app, mail(QUESTION, "bob@example.com", id="<first@example.com>"))
    assert said == ["question 2, answered automatically"]
    letter = app.outbox[-1]
    assert letter.to == "bob@example.com"
    assert letter.subject == "An answer to your question"
    assert "chosen by a program" in letter.text
    assert "/grc/faq/en/how-do-i-track-my-parcel" in letter.text
    question = app.rows(models.Question)[1]
    assert (question.status, question.automatic) == ("answered", True)
    assert all(one.source != "2" for one in app.rows(models.Phrasing))  # nobody confirmed it
    page = Desk(app).see("indicators")
    assert "Mails are answered automatically" in page
    more = mail("No, not that.", "bob@example.com", References="<first@example.com>")
    assert take(app, more) == ["opened question 2 again"]
    question = app.rows(models.Question)[1]
    assert (question.status, question.automatic) == ("open", False)
    assert "No, not that." in Desk(app).see("waiting/2")
    assert take(app, mail("Would you tune a violin?", "kim@example.com")) == ["question 3"]


@SQLITE
def test_strangers_votes_cannot_make_the_shop_answer_alone(app: Any) -> None:
    known(app, *sure("vote"))
    app.flask("grc", "settings", "faq", "automatic_answers=true")
    assert take(app, mail(QUESTION)) == ["question 1"]
    assert "Automatic answers wait" in Desk(app).see("indicators")


@SQLITE
def test_the_confidence_becomes_that_of_the_shops_cases(app: Any, visitor: Any) -> None:
    address = "/grc/api/v1/faq/search?q=track+my+parcel&locale=en"
    before = visitor.get(address).get_json()["data"]
    wrong = [(3.0, 0.5, number < 15, "vote") for number in range(80)]
    known(app, *wrong, *[(-3.0, 0.1, number < 1, "vote") for number in range(40)])
    after = visitor.get(address).get_json()["data"]
    assert [one["url"] for one in before] == [one["url"] for one in after]
    assert after[0]["confidence"] < 0.5 < before[0]["confidence"]
    assert "The confidence is that of your own cases." in Desk(app).see("indicators")


@SQLITE
def test_votes_and_staffs_answers_become_cases_once_each(app: Any, visitor: Any) -> None:
    (track,) = (one.id for one in app.rows(models.Entry) if one.slug == "how-do-i-track-my-parcel")
    found = visitor.get("/grc/faq/?q=track+my+parcel").text
    assert f'action="/grc/faq/vote/{track}"' in found
    assert 'name="q" value="track my parcel"' in found
    for helpful in ("yes", "yes", "no"):
        form = {"helpful": helpful, "q": "Track  my parcel"}
        visitor.post(f"/grc/faq/vote/{track}", data=form)
    visitor.post(f"/grc/faq/vote/{track + 1}", data={"helpful": "no", "q": "track my parcel"})
    (case,) = app.rows(models.Case)
    assert (case.source, case.right, case.semantic) == ("vote", False, False)
    ask(visitor, "Where can I track my parcel?")
    Desk(app).press("waiting/1", f"use-{track}")
    ask(visitor, "Where can I track my parcel now?")
    Desk(app).press("waiting/2", "use-1")
    assert [(one.source, one.right) for one in app.rows(models.Case)[1:]] == [
        ("staff", True),
        ("staff", False),
    ]
