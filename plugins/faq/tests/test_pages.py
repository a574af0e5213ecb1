"""The pages of visitors: to read, to search, to vote, to ask."""

import json
import re
from typing import Any

import pytest

from grc_faq import models

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


def test_the_page_lists_categories_with_questions_in_the_readers_language(app: Any) -> None:
    page = app.visitor(locale="fr").get("/grc/faq/").text
    assert '<h2 id="delivery">Livraison</h2>' in page
    assert "Quand serai-je remboursé\u00a0?" in page
    assert "How do I" not in page
    english = app.visitor().get("/grc/faq/").text
    assert '<a href="#returns">Returns and refunds</a>' in english


def test_search_engines_get_the_questions_as_data(visitor: Any) -> None:
    page = visitor.get("/grc/faq/").text
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert found
    data = json.loads(found[1])
    assert data["@type"] == "FAQPage"
    first = data["mainEntity"][0]
    assert first["name"] == "How long does delivery take?"
    assert first["acceptedAnswer"]["text"].startswith("<p>")


def test_an_entry_has_an_address_a_translation_and_related_questions(visitor: Any) -> None:
    page = visitor.get("/grc/faq/en/when-do-i-get-my-refund").text
    assert "<h1>When do I get my refund?</h1>" in page
    assert 'hreflang="fr">Quand serai-je remboursé\u00a0?</a>' in page
    assert "Related questions" in page
    assert visitor.get("/grc/faq/en/there-is-no-such").status_code == 404


def test_a_search_opens_the_best_answer_and_marks_its_words(visitor: Any) -> None:
    page = visitor.get("/grc/faq/?q=track+parcels").text
    first = page.partition('<ol class="grc-faq-found">')[2]
    assert '<details class="grc-faq-entry" open>' in first
    assert "<mark>track</mark> my <mark>parcel</mark>" in first
    assert '<meta name="robots" content="noindex">' in page


def test_a_search_without_an_answer_says_so_and_is_counted_without_the_person(
    app: Any, visitor: Any
) -> None:
    query = "/grc/faq/?q=Violins+for+ann@example.com+418+555+0142"
    for _ in range(2):
        assert "no sure answer" in visitor.get(query).text
    (miss,) = app.rows(models.Miss)
    assert (miss.text, miss.count) == ("violins for @ #", 2)
    (day,) = app.rows(models.Day)
    assert (day.searches, day.misses) == (2, 2)


def test_suggestions_come_as_somebody_types(visitor: Any) -> None:
    found = visitor.get("/grc/faq/suggest?q=where+is+my+par").get_json()
    assert "/grc/faq/en/how-do-i-track-my-parcel" in [item["url"] for item in found]
    assert visitor.get("/grc/faq/suggest").get_json() == []
    french = visitor.get("/grc/faq/suggest?q=rembou&locale=fr").get_json()
    assert any("remboursé" in item["question"] for item in french)


def test_a_vote_is_counted_and_a_comment_comes_with_a_no_alone(app: Any, visitor: Any) -> None:
    (entry,) = (one for one in app.rows(models.Entry) if one.slug == "when-do-i-get-my-refund")
    shown = visitor.post(f"/grc/faq/vote/{entry.id}", data={"helpful": "yes", "comment": "x"})
    assert shown.status_code == 303
    visitor.post(f"/grc/faq/vote/{entry.id}", data={"helpful": "no", "comment": "How long?"})
    assert [(vote.helpful, vote.comment) for vote in app.rows(models.Vote)] == [
        (True, None),
        (False, "How long?"),
    ]
    (again,) = (one for one in app.rows(models.Entry) if one.id == entry.id)
    assert (again.helpful, again.unhelpful) == (1, 1)
    assert visitor.post("/grc/faq/vote/9999", data={"helpful": "yes"}).status_code == 404


def test_votes_are_limited_and_come_from_the_shops_pages(app: Any, visitor: Any) -> None:
    answers = [visitor.post("/grc/faq/vote/1", data={"helpful": "no"}) for _ in range(11)]
    assert [one.status_code for one in answers] == [303] * 10 + [429]
    stranger = app.visitor()
    stranger.environ_base["HTTP_SEC_FETCH_SITE"] = "cross-site"
    assert stranger.post("/grc/faq/vote/1", data={"helpful": "no"}).status_code == 403


def test_alike_answers_are_shown_before_a_question_is_taken(app: Any, visitor: Any) -> None:
    form = {"text": "How can I track my parcel?"}
    shown = visitor.post("/grc/faq/ask", data=form).text
    assert "Is it one of these?" in shown
    assert "How do I track my parcel?" in shown
    assert app.rows(models.Question) == []
    assert "Thank you" in visitor.post("/grc/faq/ask", data={**form, "sure": "yes"}).text
    (question,) = app.rows(models.Question)
    assert (question.text, question.lang, question.email) == (form["text"], "en", None)


def test_an_address_needs_the_leave_to_write_to_it(app: Any, visitor: Any) -> None:
    form = {"text": "Do you sell violins?", "email": "ann@example.com"}
    refused = visitor.post("/grc/faq/ask", data=form)
    assert refused.status_code == 422
    assert "Tick the box" in refused.text
    wrong = visitor.post("/grc/faq/ask", data={**form, "email": "ann@", "agree": "yes"})
    assert "not an e-mail address" in wrong.text
    empty = visitor.post("/grc/faq/ask", data={"text": "?"})
    assert "in a few words" in empty.text
    assert app.rows(models.Question) == []
    visitor.post("/grc/faq/ask", data={**form, "agree": "yes", "sure": "yes"})
    assert [one.email for one in app.rows(models.Question)] == ["ann@example.com"]


def test_a_robot_that_fills_the_hidden_field_is_thanked_and_forgotten(
    app: Any, visitor: Any
) -> None:
    form = {"text": "Buy my pills now", "website": "https://pills.example"}
    assert "Thank you" in visitor.post("/grc/faq/ask", data=form).text
    assert app.rows(models.Question) == []


def test_questions_are_limited(visitor: Any) -> None:
    codes = [visitor.post("/grc/faq/ask", data={"text": "?"}).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]


HOSTILE = [
    "x" * 10_000,
    "'; DROP TABLE grc_faq__question; --",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% include 'x' %}",
    "\x00\x08\x1b[31m\u202e",
    "👩‍👩‍👧‍👦 🎁",
    "name\r\nBcc: all@example.com",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_shown_escaped_in_every_place(app: Any, visitor: Any, text: str) -> None:
    page = visitor.get("/grc/faq/", query_string={"q": text})
    assert page.status_code == 200
    assert visitor.get("/grc/faq/suggest", query_string={"q": text}).status_code == 200
    form = {"text": f"violins {text}", "name": text, "email": "a@example.com", "agree": "yes",
            "product": text, "sure": "yes"}  # fmt: skip
    assert visitor.post("/grc/faq/ask", data=form).status_code == 200
    assert visitor.post("/grc/faq/vote/1", data={"comment": text, "q": text}).status_code == 303
    (question,) = app.rows(models.Question)
    assert "\n" not in (question.name or "")
    assert len(question.text) <= 5000
    for shown in (page.text, app.visitor("boss").get("/grc/admin/faq/waiting").text):
        assert "<script>alert" not in shown
        assert "<img src=x" not in shown


def test_widgets_stand_where_questions_come_up(app: Any) -> None:
    assert "Ask a question about this product" in app.slot("product.details", product="1")
    cart = app.slot("cart.below")
    assert "How long does delivery take?" in cart
    assert "Which ways of payment do you accept?" in cart
    assert "Which ways of payment do you accept?" in app.slot("checkout.summary")
    assert 'role="search"' in app.slot("help.main")
    assert "Quels sont les délais" in app.slot("help.main", lang="fr")


def test_a_search_of_the_shop_without_products_is_answered(app: Any) -> None:
    found = app.visitor().slot("search.empty", q="where is my refund")
    assert "When do I get my refund?" in found
    nothing = app.visitor().slot("search.empty", q="violins")
    assert "<details" not in nothing


def test_other_parts_get_answers_by_the_hook(app: Any) -> None:
    runtime = app.extensions["grc"]
    plugin = next(item.plugin for item in runtime.tables.plugins if item.name == "faq")
    from grc_core.storage.sessions import writing

    with app.test_request_context(), writing(runtime.database):
        found = plugin.answers("When do I get my refund", "en")
        assert found[0]["question"] == "When do I get my refund?"
        assert plugin.answers("violins", "en") == []
