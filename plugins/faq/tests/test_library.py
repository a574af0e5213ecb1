"""What is published: by category and product, with words explained, and vectors kept."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.orm import Session

from grc_core.plugin import SettingsValues
from grc_faq import models
from grc_faq.glossary import Glossary
from grc_faq.glossary import split
from grc_faq.library import Article
from grc_faq.library import Heading
from grc_faq.library import Holdings
from grc_faq.library import Learnt
from grc_faq.library import Library
from grc_faq.search import Entry
from grc_faq.search import warming
from grc_faq.search.calibration import Calibration
from grc_faq.search.semantic import Semantic
from grc_faq.search.semantic import digest_of
from grc_faq.shelf import Shelf
from grc_faq.shelf import load

from .tables import tables
from .tables import write

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

SETTINGS = SettingsValues({"semantic": False, "automatic_precision": 0.9})


def article(number: int, question: str, **more: Any) -> Article:
    given = {"category": "delivery", "products": (), "helpful": 0, "lang": "en"} | more
    return Article(
        number, given.get("topic", f"t{number}"), given["lang"], f"s{number}", given["category"],
        question, "Yes.", given["products"], (), given["helpful"],
    )  # fmt: skip


def library(*articles: Article, learnt: dict[bool, Learnt] | None = None) -> Library:
    headings = {"en": [Heading("returns", "Returns"), Heading("delivery", "Delivery")]}
    return Library(Holdings(articles, headings, {}, learnt or {}, {}), semantic=False)


def test_entries_stand_below_their_headings_in_the_order_of_these() -> None:
    found = library(
        article(1, "Is it far?"), article(2, "May I return it?", category="returns"),
        article(3, "Something else?", category="nameless"), article(4, "Loin ?", lang="fr"),
    ).sections("en")  # fmt: skip
    assert [(heading.name, [one.id for one in some]) for heading, some in found] == [
        ("Returns", [2]),
        ("Delivery", [1]),
        ("nameless", [3]),  # what has no heading is shown all the same
    ]


def test_the_most_helpful_comes_first_and_products_have_their_own() -> None:
    found = library(
        article(1, "a?", helpful=1), article(2, "b?", helpful=5, products=("7", "8")),
        article(3, "c?", products=("8",)),
    )  # fmt: skip
    assert [one.id for one in found.most_helpful("en", "delivery")] == [2, 1, 3]
    assert [one.id for one in found.about("en", "8")] == [2, 3]
    assert found.about("fr", "8") == ()
    assert found.most_helpful("en", "nowhere") == ()


def test_translations_share_a_topic() -> None:
    found = library(article(1, "a?", topic="t"), article(2, "b ?", topic="t", lang="fr"))
    assert [one.id for one in found.translations(found.articles[1])] == [2]


def test_a_learnt_confidence_takes_the_place_of_ours_and_changes_no_order() -> None:
    articles = [article(1, "Do you tune violins?"), article(2, "Where is my violin?")]
    ours = library(*articles).search("en", "violins tuned")
    own = library(*articles, learnt={False: Learnt(Calibration(0.5, -3.0))})
    found = own.search("en", "violins tuned")
    assert [one.id for one, _ in found] == [one.id for one, _ in ours]
    assert all(
        new.confidence < old.confidence for (_, new), (_, old) in zip(found, ours, strict=True)
    )
    typing = own.search("en", "violins tun", partial=True)
    assert typing[0][1].confidence > found[0][1].confidence


def test_words_with_a_meaning_are_found_in_a_text_whole_and_once() -> None:
    glossary = Glossary([
        (("RMA", "return number"), "names a return"), (("été",), "summer"),
        (("boot", "trunk"), ""), (("net 30",), "pay in 30 days"),
    ])  # fmt: skip
    assert glossary.used_in("Your rma, or Return  number: RMA. Pay net 30!") == [
        ("RMA", "names a return"),
        ("net 30", "pay in 30 days"),
    ]
    assert glossary.used_in("L'ETE, en armature; trunk") == [("été", "summer")]
    assert [word for word, _ in glossary.explained] == ["été", "net 30", "RMA"]
    assert glossary.groups == [("RMA", "return number"), ("boot", "trunk")]


def test_an_empty_glossary_explains_nothing() -> None:
    assert Glossary().used_in("anything") == []
    assert Glossary([((), "x")]).explained == []
    assert split(" a  b , ,c") == ("a b", "c")


class Counting:
    """Turn texts into vectors by their length, and count them."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts: list[str]) -> Any:
        import numpy

        self.seen += texts
        return numpy.array([[1.0, len(text)] for text in texts], dtype="f4")


def test_vectors_that_are_known_are_not_worked_out_again() -> None:
    pytest.importorskip("numpy", reason="the extra [semantic] is not installed")
    pytest.importorskip("threadpoolctl", reason="the extra [semantic] is not installed")
    entries = [Entry("a", "one?", "Yes."), Entry("b", "three?", "Perhaps.", ("another",))]
    first = Counting()
    whole = Semantic(entries, first)
    assert len(first.seen) == len(whole.made) == 7
    again = Counting()
    known = Semantic(entries, again, whole.made)
    assert (again.seen, known.made) == ([], {})
    assert known.closeness(["one?"]) == pytest.approx(whole.closeness(["one?"]))
    part = Counting()
    without = {key: one for key, one in whole.made.items() if key != digest_of("another")}
    mended = Semantic(entries, part, without)
    assert part.seen == ["another"]
    assert mended.made.keys() == {digest_of("another")}
    assert mended.closeness(["another"]) == pytest.approx(whole.closeness(["another"]))


def test_a_library_hands_over_its_new_vectors_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numpy", reason="the extra [semantic] is not installed")
    pytest.importorskip("threadpoolctl", reason="the extra [semantic] is not installed")
    encoder = Counting()
    monkeypatch.setattr(warming, "ENCODER", warming.Warming(lambda: encoder))
    assert warming.ENCODER.encoder(wait=True) is encoder
    assert encoder.seen.pop() == "?"
    held = Holdings([article(1, "Is it far?")], {}, {}, {}, {})
    found = Library(held, semantic=True)
    assert found.unsaved() == {}
    found.search("en", "far")
    made = found.unsaved()
    assert len(made) == 3
    assert found.unsaved() == {}
    later = Library(Holdings(held.articles, {}, {}, {}, found.vectors), semantic=True)
    number = len(encoder.seen)
    later.search("en", "far")
    assert len(encoder.seen) == number + 1  # what is asked, and nothing else
    assert later.engine("en").is_semantic


def test_a_search_goes_by_words_until_the_encoder_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("numpy", reason="the extra [semantic] is not installed")
    pytest.importorskip("threadpoolctl", reason="the extra [semantic] is not installed")
    may_go_on = threading.Event()

    def slowly() -> Counting:
        may_go_on.wait(10)
        return Counting()

    monkeypatch.setattr(warming, "ENCODER", warming.Warming(slowly))
    found = Library(Holdings([article(1, "Is it far?")], {}, {}, {}, {}), semantic=True)
    assert [one.id for one, _ in found.search("en", "far")] == [1]
    assert not found.engine("en").is_semantic
    may_go_on.set()
    assert found.engine("en", wait=True).is_semantic
    assert [one.id for one, _ in found.search("en", "far")] == [1]


def test_an_encoder_that_fails_leaves_the_words(caplog: pytest.LogCaptureFixture) -> None:
    def failing() -> Counting:
        raise OSError("no such file")

    broken = warming.Warming(failing)
    assert broken.encoder(wait=True) is None
    assert "searches go by words alone" in caplog.text
    assert warming.Warming(lambda: None).encoder(wait=True) is None


@pytest.fixture
def session() -> Iterator[Session]:
    with tables() as found:
        yield found


def test_what_is_read_is_what_is_published(session: Session) -> None:
    write(session, "Is it far?", products=["7"], phrasings=["how far"])
    write(session, "Is it near?", status=models.DRAFT)
    session.add(models.Term(lang="en", words="far, distant", meaning="not near"))
    found = load(session, SETTINGS)
    (one,) = found.of("en")
    assert (one.question, one.products, one.phrasings) == ("Is it far?", ("7",), ("how far",))
    assert found.glossary("en").groups == [("far", "distant")]
    assert found.search("en", "distant")[0][0].id == one.id


def test_the_shelf_looks_once_a_second_and_reads_what_changed(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("grc_faq.shelf.time.monotonic", lambda: now[0])
    shelf, opened = Shelf(), []

    class Scope:
        def __init__(self) -> None:
            self.session = session

    @contextmanager
    def reading() -> Iterator[Scope]:
        opened.append(threading.get_ident())
        yield Scope()

    first = shelf.library(reading, SETTINGS)
    assert all(shelf.library(reading, SETTINGS) is first for _ in range(50))
    assert len(opened) == 1  # nothing was asked of the database meanwhile
    now[0] += 1.5
    assert shelf.library(reading, SETTINGS) is first
    assert len(opened) == 2
    write(session, "Is it far?")
    shelf.changed(session)
    second = shelf.library(reading, SETTINGS)
    assert [one.question for one in second.of("en")] == ["Is it far?"]
    now[0] += 6
    other = SettingsValues({**SETTINGS, "automatic_precision": 0.8})
    assert shelf.library(reading, other) is not second
