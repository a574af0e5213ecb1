"""The loop: asked, answered once, askers told once, and the search finds it by their words."""

import json
from pathlib import Path
from typing import Any

import pytest

from grc_faq import models


def ask(visitor: Any, text: str, email: str = "") -> None:
    form = {"text": text, "sure": "yes", "email": email, "agree": "yes" if email else ""}
    assert visitor.post("/grc/faq/ask", data=form).status_code == 200


def test_a_question_is_answered_told_learnt_and_found(app: Any, visitor: Any) -> None:
    words = "Can a violin be tuned by you people?"
    ask(visitor, words, "ann@example.com")
    assert "no sure answer" in visitor.get("/grc/faq/?q=violin+tuned").text
    entry = ("--text", "Yes, **free** of charge.", "--title", "Do you service instruments?")
    said = app.flask("grc", "faq", "answer", "1", *entry, "--category", "delivery")
    assert "1 told" in said
    (letter,) = app.outbox
    assert (letter.to, letter.kind) == ("ann@example.com", "transactional")
    assert "Yes, **free** of charge." in letter.text
    assert "/grc/faq/en/do-you-service-instruments" in letter.text
    (phrasing,) = (one for one in app.rows(models.Phrasing) if one.source == "1")
    assert phrasing.text == words.rstrip("?")
    page = visitor.get("/grc/faq/?q=violin+tuned").text
    assert "Do you service instruments?" in page
    assert "<strong>free</strong>" in page


def test_merged_askers_are_each_told_once_in_their_language(app: Any) -> None:
    for number, locale in enumerate(("en", "fr"), 1):
        visitor = app.visitor(locale=locale)
        visitor.environ_base["HTTP_SEC_FETCH_SITE"] = "same-origin"
        ask(visitor, f"Violin violon {number}", f"{locale}@example.com")
    app.flask("grc", "faq", "merge", "2", "1")
    assert "x2" in app.flask("grc", "faq", "queue")
    app.flask("grc", "faq", "answer", "1", "--entry", "1")
    letters = {letter.to: letter.subject for letter in app.outbox}
    assert letters == {
        "en@example.com": "The answer to your question",
        "fr@example.com": "La réponse à votre question",
    }
    again = app.test_cli_runner().invoke(args=["grc", "faq", "answer", "1", "--entry", "1"])
    assert again.exit_code
    assert len(app.outbox) == 2


def test_the_console_answers_with_an_entry_that_is_there(app: Any, visitor: Any) -> None:
    ask(visitor, "Where has my parcel gone to?", "ann@example.com")
    staff = app.visitor("boss")
    assert "Where has my parcel gone to?" in staff.get("/grc/admin/faq/waiting").text
    page = staff.get("/grc/admin/faq/waiting/1").text
    assert "How do I track my parcel?" in page
    assert app.visitor("ann").get("/grc/admin/faq/waiting").status_code == 404


def test_a_question_can_be_put_aside(app: Any, visitor: Any) -> None:
    ask(visitor, "Buy violins from me")
    app.flask("grc", "faq", "reject", "1")
    assert app.flask("grc", "faq", "queue") == ""
    assert [one.status for one in app.rows(models.Question)] == [models.REJECTED]


def test_the_queue_says_what_is_overdue(app: Any, visitor: Any, grc_clock: Any) -> None:
    ask(visitor, "Do you sell violins?")
    assert "OVERDUE" not in app.flask("grc", "faq", "queue")
    grc_clock.forward(days=9)
    assert "OVERDUE" in app.flask("grc", "faq", "queue")


def test_the_report_puts_alike_misses_together(app: Any, visitor: Any) -> None:
    for query in ("violin strings", "strings for violin", "trumpet"):
        visitor.get("/grc/faq/", query_string={"q": query})
    said = app.flask("grc", "faq", "report", "--lang", "en")
    assert "searches         3" in said
    assert "    2  violin strings  (also: strings for violin)" in said
    assert "    1  trumpet" in said


@pytest.mark.parametrize("format", ["json", "csv"])
def test_entries_go_out_and_come_in_again(
    app: Any, grc_shop: Any, tmp_path: Path, format: str
) -> None:
    file = tmp_path / f"entries.{format}"
    file.write_text(app.flask("grc", "faq", "export", "--format", format), "utf-8")
    other = grc_shop.make_app(["faq"])
    assert "46 of 46 entries are new" in other.flask("grc", "faq", "import", str(file))
    assert "0 of 46" in other.flask("grc", "faq", "import", str(file))
    texts = {(one.topic, one.lang, one.question, one.answer) for one in app.rows(models.Entry)}
    assert texts == {
        (one.topic, one.lang, one.question, one.answer) for one in other.rows(models.Entry)
    }


def test_markdown_goes_out_and_comes_in_again(app: Any, grc_shop: Any, tmp_path: Path) -> None:
    file = tmp_path / "fr.md"
    file.write_text(app.flask("grc", "faq", "export", "--format", "md", "--lang", "fr"), "utf-8")
    other = grc_shop.make_app(["faq"])
    assert "23 of 23" in other.flask("grc", "faq", "import", str(file), "--lang", "fr")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", "{}", "a list"),
        ("a.json", "[1]", "entry 1 needs"),
        ("a.json", "not json", "a.json"),
        ("a.csv", "topic\nx\n", "entry 2 needs"),
        ("a.md", "# x", "name the language"),
        ("a.exe", "", "is none of"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_the_place(
    app: Any, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    done = app.test_cli_runner().invoke(args=["grc", "faq", "import", str(tmp_path / name)])
    assert done.exit_code
    assert said in done.output


def test_a_csv_runs_no_formula(app: Any, tmp_path: Path) -> None:
    item = {"lang": "en", "category": "delivery", "question": "=1+1", "answer": "@SUM(A1)"}
    (tmp_path / "a.json").write_text(json.dumps([item]))
    app.flask("grc", "faq", "import", str(tmp_path / "a.json"))
    out = app.flask("grc", "faq", "export", "--format", "csv")
    assert "'=1+1" in out
    assert ",=1+1" not in out


def test_programs_search_and_read_the_queue(app: Any, visitor: Any) -> None:
    ask(visitor, "Do you sell violins?")
    found = visitor.get("/grc/api/v1/faq/search?q=refund&locale=en").get_json()
    assert found["data"][0]["question"] == "When do I get my refund?"
    assert visitor.get("/grc/api/v1/faq/questions").status_code == 401
    key = app.flask("grc", "keys", "create", "--name", "crm", "--scope", "faq:read").split()
    token = next(word for word in key if word.startswith("grc_"))
    reply = visitor.get("/grc/api/v1/faq/questions", headers={"Authorization": f"Bearer {token}"})
    assert [item["text"] for item in reply.get_json()["data"]] == ["Do you sell violins?"]


def test_an_entry_is_withdrawn_and_its_history_says_so(app: Any, visitor: Any) -> None:
    address = "/grc/faq/en/how-long-does-delivery-take"
    assert visitor.get(address).status_code == 200
    app.flask("grc", "faq", "status", "1", "draft")
    assert visitor.get(address).status_code == 404
    assert "published -> draft" in app.flask("grc", "faq", "history", "1")
    app.flask("grc", "faq", "status", "1", "published")
    assert visitor.get(address).status_code == 200
