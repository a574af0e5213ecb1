"""The console: answers written, published and brought back; words; what waits; the figures."""

from typing import Any

import pytest

from grc_faq import models

from .desk import Desk
from .test_loop import ask
from .test_mail import mail
from .test_mail import take

pytestmark = pytest.mark.grc_databases("sqlite")


def entry(app: Any, slug: str) -> models.Entry:
    (found,) = (one for one in app.rows(models.Entry) if one.slug == slug)
    return found  # type: ignore[no-any-return]


def test_an_answer_is_drafted_published_found_changed_and_brought_back(
    app: Any, visitor: Any
) -> None:
    desk = Desk(app)
    page = "entries/0/into/en"
    draft = {"question": "Do you tune violins?", "new_category": "Music", "answer": "**Yes**.",
             "phrasings": "tuning of a fiddle\nis my viola welcome", "category": ""}  # fmt: skip
    assert "Saved." in desk.save(page, **draft).text
    new = entry(app, "do-you-tune-violins")
    assert (new.status, new.category, new.version) == ("draft", "music", 1)
    address, page = "/grc/faq/en/do-you-tune-violins", f"entries/{new.id}"
    assert visitor.get(address).status_code == 404
    assert "<strong>Yes</strong>" in desk.see(page)  # staff see it before anybody else
    desk.save(page, status="published")
    assert visitor.get(address).status_code == 200
    assert "Do you tune violins?" in visitor.get("/grc/faq/?q=viola+welcome").text
    assert '<h2 id="music">Music</h2>' in visitor.get("/grc/faq/").text
    changed = desk.save(page, answer="**No**.", phrasings="tuning of a fiddle").text
    assert "<strong>No</strong>" in visitor.get(address).text
    assert "-**Yes**.\n+**No**." in changed  # the difference of the versions
    assert [one.text for one in app.rows(models.Phrasing) if one.entry_id == new.id] == [
        "tuning of a fiddle"
    ]
    assert "The version is back." in desk.undo(changed)
    assert "<strong>Yes</strong>" in visitor.get(address).text
    assert "No" in desk.press(page, "restore-3")
    assert entry(app, new.slug).answer == "**No**."
    assert entry(app, new.slug).version == 5


def test_an_answer_about_products_stands_on_their_pages_alone(app: Any) -> None:
    page = f"entries/{entry(app, 'how-do-i-track-my-parcel').id}"
    assert "How do I track my parcel?" not in app.slot("product.details", product="1")
    assert "Saved." in Desk(app).save(page, products="1\n2").text
    for product in ("1", "2"):
        assert "How do I track my parcel?" in app.slot("product.details", product=product)
    assert "How do I track my parcel?" not in app.slot("product.details", product="3")


def test_a_missing_translation_is_named_and_written_beside_the_original(
    app: Any, visitor: Any
) -> None:
    desk = Desk(app)
    desk.save("entries/0/into/en", question="Do you tune violins?", answer="Yes, we do.",
              category="delivery", status="published")  # fmt: skip
    new = entry(app, "do-you-tune-violins")
    assert 'data-label="Translation missing">fr</td>' in desk.see("entries?q=violins")
    assert "Translation missing" in desk.see(f"entries/{new.id}")
    page = f"entries/{new.id}/into/fr"
    assert "Yes, we do." in desk.see(page)
    desk.save(page, question="Accordez-vous les violons ?", answer="Oui.", status="published")
    french = entry(app, "accordez-vous-les-violons")
    assert (french.topic, french.lang, french.category) == (new.topic, "fr", "delivery")
    assert 'hreflang="fr">Accordez-vous' in visitor.get("/grc/faq/en/do-you-tune-violins").text
    assert desk.client.get(f"/grc/admin/faq/{page}").status_code == 303  # it is there now
    assert desk.client.get("/grc/admin/faq/entries/0/into/xx").status_code == 404


def test_what_two_people_change_at_once_is_not_lost(app: Any) -> None:
    one, other = Desk(app), Desk(app)
    page = f"entries/{entry(app, 'how-do-i-track-my-parcel').id}"
    mine, theirs = one.form(page), other.form(page)
    other.save(page, theirs, answer="Ask the carrier.")
    refused = one.save(page, mine, answer="Ask us.")
    assert refused.status_code == 409
    assert "Ask the carrier." in refused.text
    assert "Ask us." in refused.text
    assert entry(app, "how-do-i-track-my-parcel").answer == "Ask the carrier."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"category": "", "new_category": ""}, "Choose a category"),
        ({"category": "nowhere"}, "Must be one of"),
        ({"question": ""}, "Missing data"),
        ({"status": "public"}, "Must be one of"),
        ({"phrasings": "x" * 301}, "Longer than maximum length 300"),
    ],
)
def test_an_answer_that_does_not_do_is_refused_and_kept_as_typed(
    app: Any, changes: dict[str, str], said: str
) -> None:
    filled = {"question": "Do you tune violins?", "answer": "Yes.", "category": "delivery"}
    refused = Desk(app).save("entries/0/into/en", **(filled | changes))
    assert refused.status_code == 422
    assert said in refused.text
    assert "Yes." in refused.text
    assert len(app.rows(models.Entry)) == 46


def test_answers_are_withdrawn_together_and_put_back(app: Any, visitor: Any) -> None:
    desk = Desk(app)
    ids = [entry(app, slug).id for slug in ("how-do-i-track-my-parcel", "when-do-i-get-my-refund")]
    done = desk.press("entries", "retire", *ids)
    assert {one.status for one in app.rows(models.Entry) if one.id in ids} == {"retired"}
    assert visitor.get("/grc/faq/en/how-do-i-track-my-parcel").status_code == 404
    desk.undo(done)
    assert {one.status for one in app.rows(models.Entry)} == {"published"}
    assert "The answers are changed." in desk.press("entries", "publish", "x", "99999")


def test_words_of_the_shop_are_found_explained_and_removed(app: Any, visitor: Any) -> None:
    desk = Desk(app)
    assert "There are no words of your own yet." in desk.see("wording")
    refused = desk.save("wording/0", lang="en", words="RMA", meaning="")
    assert "Name a second word" in refused.text
    meaning = "A number that <b>names</b> a return."
    desk.save("wording/0", lang="en", words="RMA\nboomerang", meaning=meaning)
    page = visitor.get("/grc/faq/?q=boomerang").text
    assert "A number that &lt;b&gt;names&lt;/b&gt; a return." in page
    assert "What our words mean" in visitor.get("/grc/faq/").text
    assert "<dfn>RMA</dfn>" in visitor.get("/grc/faq/glossary/en").text
    assert visitor.get("/grc/faq/glossary/fr").status_code == 404
    track = f"entries/{entry(app, 'how-do-i-track-my-parcel').id}"
    desk.save(track, answer="By its RMA.")
    assert "<dt>RMA</dt>" in visitor.get("/grc/faq/en/how-do-i-track-my-parcel").text
    done = desk.press("wording", "remove", 1)
    assert app.rows(models.Term) == []
    desk.undo(done)
    assert [(one.words, one.meaning) for one in app.rows(models.Term)] == [
        ("RMA, boomerang", meaning)
    ]


def test_a_question_is_merged_put_aside_and_waits_again(app: Any, visitor: Any) -> None:
    for text in ("Do you tune violins?", "Is a violin tuned by you?", "What does a trumpet weigh?"):
        ask(visitor, text)
    desk = Desk(app)
    page = desk.see("waiting/2")
    assert 'value="merge-1"' in page  # the alike one, not the other that waits
    assert "trumpet" not in page
    done = desk.press("waiting/2", "merge-1")
    assert app.rows(models.Question)[1].merged_into == 1
    assert "does not wait any more" in desk.see("waiting/2")
    desk.undo(done)
    assert app.rows(models.Question)[1].status == "open"
    done = desk.press("waiting/3", "reject")
    assert app.rows(models.Question)[2].status == "rejected"
    desk.undo(done)
    assert {one.status for one in app.rows(models.Question)} == {"open"}


def test_an_answer_written_for_a_question_about_a_product_stands_beside_it(
    app: Any, visitor: Any
) -> None:
    form = {"text": "Is it heavy to carry?", "product": "1", "sure": "yes"}
    visitor.post("/grc/faq/ask", data=form)
    desk = Desk(app)
    assert desk.form("waiting/1")["products"] == "1"
    done = desk.save("waiting/1", title="Is it heavy?", answer="No.", category="delivery")
    assert "Answered." in done.text
    assert "Is it heavy?" in app.slot("product.details", product="1")
    assert "Is it heavy?" not in app.slot("product.details", product="2")


def test_the_figures_show_what_was_searched_asked_and_answered(
    app: Any, visitor: Any, grc_clock: Any
) -> None:
    desk = Desk(app)
    page = desk.see("indicators")
    assert "Nothing was searched in vain." in page
    assert page.count("There are no numbers yet.") == 6
    for query in ("track my parcel", "track a parcel", "violin strings", "trumpet"):
        visitor.get("/grc/faq/", query_string={"q": query})
    ask(visitor, "Do you sell violins?")
    grc_clock.forward(hours=5)
    desk.press("waiting/1", "use-1")
    page = desk.see("indicators")
    assert page.count("data-plot=") == 6
    assert "violin strings" in page
    assert '<span class="figure">50%</span>' in page  # two of four searches had a good answer
    assert "Questions that staff answered: 1" in page
    assert "Automatic answers are off." in page
    french = app.visitor("boss", locale="fr").get("/grc/admin/faq/indicators").text
    assert "Recherches et questions" in french


def test_pages_of_the_console_are_not_there_for_customers(app: Any) -> None:
    client = app.visitor("ann")
    for page in ("entries", "entries/1", "entries/0/into/en", "wording", "wording/0", "waiting",
                 "indicators"):  # fmt: skip
        assert client.get(f"/grc/admin/faq/{page}").status_code == 404
        assert client.post(f"/grc/admin/faq/{page}").status_code == 404


def test_a_comment_after_a_no_is_shown_to_staff_escaped(app: Any, visitor: Any) -> None:
    number = entry(app, "how-do-i-track-my-parcel").id
    form = {"helpful": "no", "comment": "<script>x</script> no number", "q": "parcel"}
    visitor.post(f"/grc/faq/vote/{number}", data=form)
    page = Desk(app).see(f"entries/{number}")
    assert "&lt;script&gt;x&lt;/script&gt; no number" in page
    assert "did not help 1" in page


def test_what_nobody_needs_any_more_goes_once_a_day(app: Any, visitor: Any, grc_clock: Any) -> None:
    from grc_core.storage.sessions import writing

    visitor.get("/grc/faq/?q=violins")
    visitor.post("/grc/faq/vote/1", data={"helpful": "yes", "q": "delivery times"})
    assert len(app.rows(models.Case)) == 1
    grc_clock.forward(days=800)
    runtime = app.extensions["grc"]
    plugin = next(item.plugin for item in runtime.tables.plugins if item.name == "faq")
    with app.app_context(), writing(runtime.database):
        plugin.tidy()
    for model in (models.Miss, models.Vote, models.Case):
        assert app.rows(model) == []
    assert entry(app, app.rows(models.Entry)[0].slug).helpful == 1


def test_a_mail_that_was_kept_for_review_is_read_and_becomes_a_question(app: Any) -> None:
    robot = mail("Is <b>my</b> parcel lost?", sender="no-reply@example.com")
    take(app, robot, mail("Where is it?"), b"")
    desk = Desk(app)
    listed = desk.see("mails")
    assert listed.count("Kept for review") >= 2
    assert "its sender is a robot" in listed
    assert "Is &lt;b&gt;my&lt;/b&gt; parcel lost?" in desk.see("mails/1")
    assert "It has no text that can be shown." in desk.see("mails/3")
    assert "It is a question now." in desk.press("mails/1", "ask")
    desk.press("waiting/2", "use-1")
    assert [one.email for one in app.rows(models.Question)] == ["ann@example.com", None]
    assert [one.to for one in app.outbox] == ["ann@example.com"]  # robots are not written to
    assert desk.press("mails/1", "ask").count("Make a question of it") == 0
