"""Entries: versions, ways to ask, translations, categories."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from grc_faq import editing
from grc_faq import models
from grc_faq.console import forms

from .tables import NOW
from .tables import tables
from .tables import write

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture
def session() -> Iterator[Session]:
    with tables() as found:
        yield found


def test_a_new_entry_is_its_own_first_version(session: Session) -> None:
    entry = write(session, "Do you tune violins?", products=["1"], phrasings=["violin tuning"])
    (version,) = editing.editions(session, entry)
    assert (version.number, version.question, version.products) == (1, entry.question, ["1"])
    assert (entry.slug, entry.topic) == ("do-you-tune-violins", "en-do-you-tune-violins")
    assert editing.phrasings(session, entry) == ["violin tuning"]


def test_questions_alike_get_addresses_of_their_own(session: Session) -> None:
    slugs = [write(session, text).slug for text in ("Is it far?", "Is it far", "IS IT FAR?!")]
    assert slugs == ["is-it-far", "is-it-far-2", "is-it-far-3"]


def test_an_address_stays_when_the_question_changes(session: Session) -> None:
    entry = write(session, "Is it far?")
    assert editing.change(session, entry, NOW + timedelta(1), question="Is it near?")
    assert (entry.slug, entry.version, entry.changed_at) == ("is-it-far", 2, NOW + timedelta(1))


def test_a_change_of_nothing_makes_no_version(session: Session) -> None:
    entry = write(session, "Is it far?")
    assert not editing.change(session, entry, NOW, question="Is it far?", products=[])
    assert entry.version == 1


def test_a_version_that_is_brought_back_brings_back_everything(session: Session) -> None:
    entry = write(session, "Is it far?", products=["1"])
    editing.change(session, entry, NOW, question="x?", answer="No.", category="other",
                   products=[], status=models.RETIRED)  # fmt: skip
    first = editing.editions(session, entry)[-1]
    assert editing.restore(session, entry, first, NOW)
    kept = {name: getattr(entry, name) for name in editing.KEPT}
    assert kept == {"question": "Is it far?", "answer": "Yes.", "category": "delivery",
                    "products": ["1"], "status": "published"}  # fmt: skip
    assert entry.version == 3
    assert not editing.restore(session, entry, first, NOW)


def test_a_version_from_before_products_leaves_them_as_they_are(session: Session) -> None:
    entry = write(session, "Is it far?", products=["1"])
    old = models.Edition(entry_id=entry.id, number=9, question="Old?", answer="Old.",
                         status="draft", changed_at=NOW)  # fmt: skip
    editing.restore(session, entry, old, NOW)
    assert (entry.question, entry.products, entry.category) == ("Old?", ["1"], "delivery")


def test_a_difference_shows_lines_and_what_else_changed(session: Session) -> None:
    entry = write(session, "Is it far?", answer="One.\nTwo.")
    editing.change(session, entry, NOW, answer="One.\nThree.", products=["7"], status="draft")
    newer, older = editing.editions(session, entry)
    lines = editing.difference(older, newer).splitlines()
    assert lines[:2] == ["--- version 1", "+++ version 2"]
    assert {"-Two.", "+Three.", "-status: published", "+status: draft", "+products: 7"} <= {*lines}
    assert " One." in lines


def test_a_way_to_ask_is_learnt_once_and_on_one_line(session: Session) -> None:
    entry = write(session, "Is it far?")
    assert editing.learn(session, entry, "how\nfar", "staff")
    assert not editing.learn(session, entry, "how far", "5")
    assert not editing.learn(session, entry, "Is it far?", "5")
    assert not editing.learn(session, entry, " \n", "5")
    assert editing.phrasings(session, entry) == ["how far"]


def test_ways_to_ask_are_exactly_those_that_staff_leave(session: Session) -> None:
    entry = write(session, "Is it far?", phrasings=["one", "two"])
    assert editing.rephrase(session, entry, ["two", "three", "three"])
    assert editing.phrasings(session, entry) == ["two", "three"]
    assert not editing.rephrase(session, entry, ["three", "two"])
    sources = {one.text: one.source for one in session.scalars(select(models.Phrasing))}
    assert sources == {"two": "staff", "three": "staff"}


def test_what_is_published_in_one_language_alone_is_named(session: Session) -> None:
    both = write(session, "Is it far?", topic="far")
    write(session, "Est-ce loin ?", lang="fr", topic="far")
    write(session, "A draft?", topic="draft", status=models.DRAFT)
    write(session, "Only English?", topic="only")
    assert editing.missing_translations(session, ["fr", "en"]) == [("only", "fr")]
    editing.change(session, both, NOW, status=models.DRAFT)
    assert ("far", "en") in editing.missing_translations(session, ["fr", "en"])


def test_a_category_is_named_once_in_each_language(session: Session) -> None:
    for _ in range(2):
        editing.name_category(session, "en", "music", "Music")
        editing.name_category(session, "fr", "music", "Musique")
    assert forms.categories(session, "fr") == {"music": "Musique"}
    assert forms.categories(session, "de") == {"music": "Music"}


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        ({"category": "music", "new_category": ""}, "music"),
        ({"category": "", "new_category": "Repairs & care"}, "repairs-care"),
        ({"category": "", "new_category": "MUSIC"}, "music"),
        ({"category": "music", "new_category": "Spare parts"}, "spare-parts"),
    ],
)
def test_a_new_category_is_made_unless_one_has_the_name(
    session: Session, data: dict[str, str], slug: str
) -> None:
    editing.name_category(session, "en", "music", "Music")
    assert forms.placed(session, "en", data) == slug
    assert slug in forms.categories(session, "en")


def test_a_category_of_another_language_gets_a_heading_in_this_one(session: Session) -> None:
    editing.name_category(session, "en", "music", "Music")
    forms.placed(session, "fr", {"category": "music", "new_category": ""})
    named = {(one.lang, one.name) for one in session.scalars(select(models.Category))}
    assert named == {("en", "Music"), ("fr", "Music")}
