"""What a purpose means: the fingerprint that decides who is asked again, and the words."""

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import UnprocessableEntity

from grc_core import Choice
from grc_core import Cookie
from grc_core import Customer
from grc_core import Personal
from grc_core import Purpose
from grc_privacy_consent import PrivacyConsent
from grc_privacy_consent.age import allowed_at
from grc_privacy_consent.age import is_child
from grc_privacy_consent.answers import Answer
from grc_privacy_consent.cookies import _domains
from grc_privacy_consent.laws import complaints
from grc_privacy_consent.laws import rights
from grc_privacy_consent.purposes import Policy
from grc_privacy_consent.purposes import labelled
from grc_privacy_consent.settings import PROFILES
from grc_privacy_consent.settings import Settings
from grc_privacy_consent.statement import Section
from grc_privacy_consent.statement import Table
from grc_privacy_consent.statement import duration
from grc_privacy_consent.statement import plain
from grc_privacy_consent.statement import sections
from grc_privacy_consent.stating import changes
from grc_privacy_consent.words import spoken

from .conftest import Seen

NOW = datetime(2026, 3, 1, tzinfo=UTC)
ALL = Purpose.PREFERENCES | Purpose.PERSONALISATION | Purpose.ANALYTICS | Purpose.MARKETING
DATA = Personal(Seen, ["note"], "customer_id", Purpose.ANALYTICS, "consent",
                keep=timedelta(days=90), recipients=["B", "A"], country="Canada",
                why="Counts.")  # fmt: skip
COOKIE = Cookie("_c", Purpose.ANALYTICS, timedelta(days=30), "Counts.")


def say(plugin: str, text: str, locale: str) -> str:
    return text


def policy(*data: Personal, cookies: tuple[Cookie, ...] = (COOKIE,), said: Any = say) -> Policy:
    return Policy(ALL, [("spy", item) for item in data], [("spy", one) for one in cookies], said)


def agreed_to(asked: Policy) -> Choice:
    return Choice(ALL | Purpose.NECESSARY, NOW, asked.prints, "c1")


@pytest.mark.parametrize(
    "changed",
    [
        replace(DATA, fields=["note", "id"]),
        replace(DATA, recipients=["A"]),
        replace(DATA, country="France"),
        replace(DATA, keep=timedelta(days=91)),
        replace(DATA, keep=None),
        replace(DATA, basis="legitimate interest"),
        replace(DATA, why="Counts and sells."),
    ],
)
def test_each_material_change_asks_for_its_purpose_again_and_for_no_other(
    changed: Personal,
) -> None:
    before, after = policy(DATA), policy(changed)
    choice = agreed_to(before)
    assert labelled(after.pending(choice)) == ["analytics"]
    assert labelled(after.agreed(choice)) == ["preferences", "personalisation", "marketing"]
    assert before.version != after.version


def test_a_change_of_a_cookie_or_of_the_words_is_material() -> None:
    choice = agreed_to(policy(DATA))
    longer = policy(DATA, cookies=(replace(COOKIE, keep=timedelta(days=31)),))
    assert labelled(longer.pending(choice)) == ["analytics"]

    def reworded(plugin: str, text: str, locale: str) -> str:
        return text.replace("Count who", "Track who") if locale == "fr" else text

    assert labelled(policy(DATA, said=reworded).pending(choice)) == ["analytics"]


def test_the_order_of_what_is_declared_does_not_matter() -> None:
    other = replace(DATA, fields=["id"], recipients=("A", "B"))
    turned = replace(DATA, recipients=["A", "B"])
    assert policy(DATA, other).prints == policy(other, turned).prints


@settings(max_examples=30, deadline=None)
@given(chosen=st.sets(st.sampled_from(labelled(ALL))), other=st.booleans())
def test_nothing_counts_that_was_not_agreed_to_in_its_present_meaning(
    chosen: set[str], other: bool
) -> None:
    before = policy(DATA)
    now = policy(replace(DATA, country="France")) if other else before
    choice = Choice(Purpose.parse(chosen), NOW, before.prints)
    counted = set(labelled(now.agreed(choice)))
    assert counted == chosen - ({"analytics"} if other else set())
    assert set(labelled(now.pending(choice))) == ({"analytics"} if other else set())
    quiet = chosen & {"analytics"} if other else set()
    assert set(labelled(now.pending(choice, gpc=True))) == quiet


def test_who_was_never_asked_is_asked_for_everything() -> None:
    assert policy(DATA).pending(None) == ALL | Purpose.NECESSARY
    newer = replace(policy(DATA), purposes=ALL)
    older = Choice(Purpose.NECESSARY, NOW, {"marketing": newer.prints["marketing"]})
    assert labelled(newer.pending(older)) == ["preferences", "personalisation", "analytics"]


def test_the_proof_holds_the_words_that_were_shown() -> None:
    text = policy(DATA).text(Purpose.ANALYTICS, "en")
    assert text.splitlines() == [
        "Statistics (analytics): Count who looks at what, so that we can make the shop better.",
        "Counts.",
    ]


@pytest.mark.parametrize(
    ("way", "named", "expected"),
    [
        ("accept", [], ["preferences", "analytics", "marketing"]),
        ("refuse", ["analytics"], ["preferences"]),
        ("save", ["analytics"], ["preferences", "analytics"]),
        ("save", ["personalisation"], ["preferences"]),
    ],
)
def test_an_answer_changes_only_what_it_is_about(
    way: str, named: list[str], expected: list[str]
) -> None:
    form = MultiDict([("choice", way), *(("purpose", name) for name in named)])
    answer = Answer.of(form, ALL)
    about = Purpose.ANALYTICS | Purpose.MARKETING
    assert labelled(answer.applied(Purpose.PREFERENCES, about)) == expected


def test_an_answer_names_only_what_is_offered() -> None:
    with pytest.raises(UnprocessableEntity, match="marketing"):
        Answer.of(MultiDict([("purpose", "marketing")]), Purpose.ANALYTICS)


@pytest.mark.parametrize(
    ("born", "child"),
    [
        (date(2012, 3, 1), False),
        (date(2012, 3, 2), True),
        (date(2026, 1, 1), True),
        (date(1950, 1, 1), False),
        (None, False),
    ],
)
def test_somebody_is_a_child_until_the_fourteenth_birthday(born: date | None, child: bool) -> None:
    assert is_child(Customer("1", birthday=born), NOW) is child
    expected = Purpose.PREFERENCES if child else ALL
    assert allowed_at(ALL, Customer("1", birthday=born), NOW) == expected


def test_a_parent_s_word_must_be_plain() -> None:
    child = Customer("1", birthday=date(2020, 1, 1), attributes={"parent_agreed": "no"})
    assert allowed_at(ALL, child, NOW) == Purpose.PREFERENCES


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("www.shop.example:8000", ["www.shop.example", "shop.example"]),
        ("a.b.shop.example", ["a.b.shop.example", "b.shop.example", "shop.example"]),
        ("localhost", []),
        ("127.0.0.1:5000", []),
        ("[::1]:5000", []),
    ],
)
def test_a_cookie_is_looked_for_under_every_name_that_may_hold_it(
    host: str, names: list[str]
) -> None:
    assert _domains(host) == names


@pytest.mark.parametrize(
    ("keep", "english", "french"),
    [
        (timedelta(days=730), "2 years", "2\xa0ans"),
        (timedelta(days=365), "1 year", "1\xa0an"),
        (timedelta(days=180), "180 days", "180\xa0jours"),
        (timedelta(hours=2), "2 hours", "2\xa0heures"),
    ],
)
def test_a_retention_is_said_in_words(keep: timedelta, english: str, french: str) -> None:
    assert duration(keep, "en") == english
    assert duration(keep, "fr_CA").replace(" ", "\xa0") == french.replace(" ", "\xa0")


def test_every_law_has_rights_and_a_place_to_complain() -> None:
    common = set(rights([]))
    for name in PROFILES:
        assert common <= set(rights([name]))
        assert len(complaints([name])) == 1
    assert len(rights(PROFILES)) == len(set(rights(PROFILES)))


def test_what_is_declared_alike_is_one_row_of_the_statement() -> None:
    asked = policy(DATA, replace(DATA, fields=["email", "at"]), replace(DATA, why="Sells."))
    _, intro, counting, *_ = sections(asked, SimpleNamespace(**Settings().load({})), "en")
    assert (intro.title, counting.title) == ("What we use personal data for", "Statistics")
    assert counting.table is not None
    assert [row[:2] for row in counting.table.rows] == [
        ("Counts.", "e-mail address, times"),
        ("Sells.", ""),
    ]


def test_a_statement_as_text_can_be_compared() -> None:
    before = plain([Section("Who", ["A shop."], ["Ann"])])
    after = plain([Section("Who", ["A shop."], ["Bob"], Table(["a", "b"], [["1", "2"]]))])
    assert list(changes(before, after)) == [
        (" ", "# Who"),
        (" ", "A shop."),
        ("-", "- Ann"),
        ("+", "- Bob"),
        ("+", "a | b"),
        ("+", "1 | 2"),
    ]


def test_data_is_named_in_words_and_each_once() -> None:
    assert spoken(["email", "at", "since", "shoe_size"], str.upper) == "E-MAIL ADDRESS, TIMES"
    own = {"shoe size": "pointure"}
    assert spoken(["shoe_size", "hat"], str, lambda text: own.get(text, text)) == "pointure"


def test_no_part_of_the_plugin_takes_another_s_name() -> None:
    seen: dict[str, str] = {}
    for part in PrivacyConsent.__mro__:
        if part.__module__.startswith("grc_privacy_consent"):
            for name in vars(part).keys() - {"name", "bind", "Settings"}:
                if not name.startswith("__"):
                    assert seen.setdefault(name, part.__name__) == part.__name__, name
