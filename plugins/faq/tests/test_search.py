"""The search: folded, stemmed, repaired, sure of itself or not, and the same every time."""

import random
from typing import Any

import pytest

from grc_faq.search import Engine
from grc_faq.search import Entry
from grc_faq.search import make_lexical
from grc_faq.search.engine import LONG
from grc_faq.search.spelling import Speller
from grc_faq.search.synonyms import SYNONYMS
from grc_faq.search.words import Analyzer
from grc_faq.search.words import fold
from grc_faq.search.words import sentences
from grc_faq.search.words import words

FR = [
    ("retour", "Comment retourner un article ?", "Vous avez 30 jours pour le renvoyer."),
    ("suivi", "Où est mon colis ?", "Le numéro de suivi est dans votre compte."),
    ("remboursement", "Quand serai-je remboursé ?", "Dès que l’article est revenu."),
    ("carte", "Vendez-vous des cartes-cadeaux ?", "Oui, par courriel."),
    ("magasin", "Avez-vous un magasin ?", "À Rimouski, rue Saint-Germain."),
]
EN = [
    ("return", "How do I return an item?", "You have 30 days."),
    ("track", "Where is my parcel?", "The tracking number is in your account."),
    ("refund", "When do I get my refund?", "Once the item is back."),
]
search_fr, search_en = make_lexical(FR, "fr"), make_lexical(EN, "en")


def best(query: str) -> str:
    return search_fr(query, 3)[0][0]


def test_accents_case_and_ligatures_do_not_matter() -> None:
    assert fold("Œuvre ÉTÉ l’Été") == "oeuvre ete l'ete"
    assert best("REMBOURSE") == best("remboursé") == "remboursement"


def test_elisions_are_cut_off() -> None:
    assert words("l’article d'aujourd'hui") == ["l", "article", "d", "aujourd", "hui"]


def test_another_form_of_a_word_is_found() -> None:
    assert best("retournez des articles") == "retour"
    assert search_en("returning items", 1)[0][0] == "return"


@pytest.mark.parametrize("query", ["rembousement", "remboursmeent", "remboursemenr"])
def test_a_misspelt_word_is_repaired(query: str) -> None:
    assert best(query) == "remboursement"


def test_a_short_or_numeric_word_is_not_repaired() -> None:
    speller = Speller({"colis": 3, "2026": 1, "the": 1})
    assert speller.nearest("2025") == ()
    assert speller.nearest("tha") == ()
    assert [word for word, _ in speller.nearest("colsi")] == ["colis"]


def test_words_are_completed_by_frequency() -> None:
    assert Speller({"retour": 1, "retard": 5, "colis": 9}).completions("ret") == [
        "retard",
        "retour",
    ]


def test_another_word_for_the_same_is_found() -> None:
    engine = Engine([Entry(*doc) for doc in FR], "fr", SYNONYMS["fr"])
    assert engine.search("où se trouve votre boutique", 1)[0].id == "magasin"
    assert engine.search("je veux ravoir mon argent", 1)[0].id == "remboursement"


def test_staffs_own_synonyms_count() -> None:
    entries = [Entry("tuque", "Lavage de la tuque"), Entry("sac", "Lavage du sac")]
    groups = [("bonnet", "tuque")]
    assert Engine(entries, "fr", groups).search("laver mon bonnet", 1)[0].id == "tuque"


def test_a_phrasing_is_as_good_as_the_question() -> None:
    entries = [
        Entry("a", "Delivery times", phrasings=("will my present be here for Christmas",)),
        Entry("b", "Gift wrapping", "We wrap presents."),
    ]
    assert Engine(entries, "en").search("is it here for Christmas", 1)[0].id == "a"


def test_the_last_word_may_be_a_beginning_while_somebody_types() -> None:
    engine = Engine([Entry(*doc) for doc in FR], "fr")
    assert engine.search("quand rembou", 1, partial=True)[0].id == "remboursement"


def test_confidence_lies_between_0_and_1_and_falls_down_the_list() -> None:
    found = [confidence for _, confidence in search_fr("retourner un article", 10)]
    assert all(0 <= one <= 1 for one in found)
    assert found == sorted(found, reverse=True)


def test_a_foreign_question_is_less_sure_than_one_of_ours() -> None:
    ours = search_fr("comment retourner cet article", 1)[0][1]
    foreign = search_fr("combien de calories dans une pomme", 1)
    assert ours > 0.6
    assert not foreign or foreign[0][1] < 0.4


def test_a_long_letter_is_read_sentence_by_sentence() -> None:
    letter = (
        "Bonjour à toute l'équipe, je suis cliente depuis des années et très contente de vous. "
        "Mon mari a fêté ses soixante ans dimanche avec toute la famille réunie au chalet. "
        "Je voudrais retourner un article. "
        "Bonne fin de semaine et mes amitiés à la dame du comptoir qui est si gentille."
    )
    assert len(words(letter)) > LONG
    found = search_fr(letter, 3)
    assert found[0][0] == "retour"
    assert found[0][1] > 0.5


def test_sentences_are_cut_at_ends_and_lines() -> None:
    assert sentences("Bonjour!\nOù est-il? Merci...") == ["Bonjour", "Où est-il", "Merci"]


def test_the_ranking_does_not_depend_on_the_order_of_entries() -> None:
    shuffled = list(FR)
    random.Random(4).shuffle(shuffled)
    other = make_lexical(shuffled, "fr")
    for query in ("colis retour", "article", "carte cadeau magasin"):
        found, again = dict(search_fr(query, 10)), dict(other(query, 10))
        assert found.keys() == again.keys()
        assert all(abs(again[id] - score) < 1e-9 for id, score in found.items())


def test_stop_words_alone_find_something_or_nothing_but_never_fail() -> None:
    for query in ("où", "the", "et de la", "", "   ", "?!", "🎁", "\x00\x07"):
        search_fr(query, 5)


HOSTILE = [
    "a" * 10_000,
    "colis " * 2_000,
    "' OR 1=1; DROP TABLE grc_faq__entry; --",
    "<script>alert(1)</script>",
    "\u202eabc\u200b\ufeff",
    "👩‍👩‍👧‍👦" * 500,
    "é́́́" * 300,
    "漢字かな交じり文",
    "..." * 3000,
]


@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_queries_are_answered(query: str) -> None:
    assert all(0 <= confidence <= 1 for _, confidence in search_fr(query, 10))


def test_an_empty_knowledge_base_finds_nothing() -> None:
    assert make_lexical([], "fr")("colis", 5) == []


def test_an_unknown_language_is_searched_by_plain_words() -> None:
    search = make_lexical([("a", "Wo ist mein Paket?", ""), ("b", "Umtausch", "")], "de")
    assert search("paket", 1)[0][0] == "a"
    assert Analyzer("de").stem("pakete") == "pakete"


def test_many_entries_share_a_word_and_the_right_one_is_first() -> None:
    docs = [(str(number), f"order number {number} colour{number}", "") for number in range(1500)]
    assert make_lexical(docs, "en")("order colour77", 1)[0][0] == "77"


def test_meaning_adds_to_words_where_an_encoder_is_there() -> None:
    pytest.importorskip("numpy", reason="the extra [semantic] is not installed")
    pytest.importorskip("threadpoolctl", reason="the extra [semantic] is not installed")
    import numpy

    class TwoTopics:
        """Know money from places."""

        def encode(self, texts: list[str]) -> Any:
            money = [any(word in text.lower() for word in ("rembours", "sous")) for text in texts]
            return numpy.array([[1.0, 0.0] if one else [0.0, 1.0] for one in money], dtype="f4")

    engine = Engine([Entry(*doc) for doc in FR], "fr", (), TwoTopics())
    assert engine.search("mes sous", 1)[0].id == "remboursement"
