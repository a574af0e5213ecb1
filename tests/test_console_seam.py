"""A page that a plugin adds to the staff console with one declared call."""

import re
import sys
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from grc_core import Action
from grc_core import Column
from grc_core import Plugin
from grc_core import console_page

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

SAME = {"Sec-Fetch-Site": "same-origin"}
HERE = (
    '{% extends "grc/console/page.html" %}'
    '{% from "grc/console/macros.html" import table, form, plot, progress %}'
)


class Rule(Schema):
    name = fields.Str(required=True, validate=validate.Length(1, 40))
    percent = fields.Int(load_default=5, validate=validate.Range(0, 50))


class Board(Plugin):
    """Have pages in the console."""

    name = "board"
    stored: dict[str, Any]

    @console_page("Rules of the board", roles=("marketing",))
    def all_rules(self) -> Any:
        rows = [{"id": n, "name": f"rule {n}", "uses": n * 10} for n in range(40)]
        columns = [Column("name", "Name", search=True), Column("uses", "Uses", "number")]
        found = self.console.table(columns, rows, actions=[Action("drop", "Drop", "Drop them?")])
        if self.console.action == "drop":
            self.console.audit("dropped", "rules", self.console.chosen)
            return self.console.done("Dropped.", undo={"_action": "keep"})
        return self._page("{{ table(t) }}", t=found)

    @console_page("A rule", roles=("marketing",), rule="/rules/<int:id>")
    def rule(self, id: int) -> Any:
        found = self.console.form(Rule, {"name": "old", "percent": 5})
        if found.accepted:
            self.console.audit("changed", f"rule {id}", {"percent": 5}, found.data)
            return self.console.done("Saved.")
        return self._page("{{ form(f) }}", f=found)

    @console_page("Numbers")
    def numbers(self) -> Any:
        found = self.console.plot("Uses", [date(2026, 1, 1), date(2026, 1, 2)], {"Uses": [1, 2]})
        return self._page("{{ plot(p) }}{{ progress('job', 'Working', 3, 9) }}", p=found)

    def _page(self, body: str, **context: Any) -> Markup:
        renderer = self._bound.renderer
        text = f"{HERE}{{% block content %}}{body}{{% endblock %}}"
        template = renderer.environment.from_string(text)
        from grc_core.rendering import CORE

        return Markup(renderer.render_template(template, CORE, "en", context))


@pytest.fixture
def app(mini: Any) -> Flask:
    mini.sign_up("boss", name="Denise")
    return mini.make_app([Board])


@pytest.fixture
def boss(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.post("/sign-in/boss")
    return client


def test_a_page_is_shown_in_the_layout(boss: FlaskClient) -> None:
    answer = boss.get("/grc/admin/board/all-rules")
    assert answer.status_code == 200, answer.text
    assert "<h1>Rules of the board</h1>" in answer.text
    assert "rule 24" in answer.text


def form_of(client: FlaskClient, path: str) -> dict[str, str]:
    """Return the hidden inputs of the first form of a page."""
    hidden = r'<input type="hidden" name="([^"]+)" value="([^"]*)">'
    return dict(re.findall(hidden, client.get(path).text))


def test_a_form_is_saved_and_says_so(boss: FlaskClient) -> None:
    sent = {**form_of(boss, "/grc/admin/board/rules/7"), "name": "new", "percent": "12"}
    answer = boss.post("/grc/admin/board/rules/7", data=sent, headers=SAME)
    assert answer.status_code == 303, answer.text
    assert "Saved." in boss.get(answer.location).text


def test_a_bad_form_keeps_what_was_typed(boss: FlaskClient) -> None:
    sent = {**form_of(boss, "/grc/admin/board/rules/7"), "name": "", "percent": "<b>"}
    answer = boss.post("/grc/admin/board/rules/7", data=sent, headers=SAME)
    assert answer.status_code == 422
    assert 'value="&lt;b&gt;"' in answer.text
    assert '<a href="#field-percent">' in answer.text


def test_a_stale_form_overwrites_nothing(boss: FlaskClient) -> None:
    sent = {**form_of(boss, "/grc/admin/board/rules/7"), "name": "mine", "percent": "12"}
    answer = boss.post("/grc/admin/board/rules/7", data={**sent, "_lock": "other"}, headers=SAME)
    assert answer.status_code == 409
    assert "Somebody else changed this" in answer.text
    assert 'value="mine"' in answer.text
    assert "<q>old</q>" in answer.text


def test_a_table_is_given_away_as_a_file(boss: FlaskClient) -> None:
    answer = boss.get("/grc/admin/board/all-rules?csv=1&q=rule+3&sort=-uses")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="all_rules.csv"'
    assert answer.text.splitlines()[:2] == ["\ufeffName,Uses", "rule 39,390"]
    assert len(answer.text.splitlines()) == 1 + 13


def test_actions_are_undone_from_the_note(boss: FlaskClient) -> None:
    sent = {**form_of(boss, "/grc/admin/board/all-rules"), "_action": "drop", "_id": ["1", "2"]}
    answer = boss.post("/grc/admin/board/all-rules", data=sent, headers=SAME)
    assert 'name="_action" value="keep"' in boss.get(answer.location).text


def test_plots_and_progress_show_numbers(boss: FlaskClient) -> None:
    text = boss.get("/grc/admin/board/numbers").text
    assert "data-plot=" in text
    assert "plot.js" in text
    assert "3 of 9" in text


SOURCE = '''"""A plugin with a page of its own."""
from grc_core import Plugin, console_page


class Boats(Plugin):
    name = "boats"

    @console_page("Boats at sea", roles=("support",), rule="/<word>")
    def boat(self, word):
        return self.render("console_boat.html", word=word, home=self.url_for("boats"))

    @console_page("Boats")
    def boats(self):
        return self.render("console_boat.html", word="all", home="")
'''
TEMPLATE = """{% extends "grc/console/page.html" %}
{% from "grc/console/macros.html" import empty, button %}
{% block content %}
{{ empty(_("No boat."), word) }}{{ button(_("Undo"), "undo") }}{{ home }}
{% endblock %}
"""
CATALOGUE = """msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "No boat."
msgstr "Aucun bateau."

msgid "Boats at sea"
msgstr "Bateaux en mer"
"""


@pytest.fixture
def boats(mini: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FlaskClient]:
    """Return the owner's browser in a shop with a plugin that is a package with files."""
    folder = tmp_path / "grc_boats"
    words = folder / "translations/fr/LC_MESSAGES"
    for path, text in (
        (folder / "__init__.py", SOURCE),
        (folder / "templates/console_boat.html", TEMPLATE),
        (words / "boats.po", CATALOGUE),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    mini.sign_up("boss")
    client: FlaskClient = mini.make_app([import_module("grc_boats").Boats]).test_client()
    client.post("/sign-in/boss")
    yield client
    sys.modules.pop("grc_boats")  # the next one is in another folder


def test_a_plugins_template_extends_the_layout_in_both_languages(boats: FlaskClient) -> None:
    text = boats.get("/grc/admin/boats/<b>", headers={"Accept-Language": "fr"}).text
    assert "<h1>Bateaux en mer</h1>" in text
    assert "Aucun bateau." in text
    assert "Annuler" in text, "what the plugin does not translate, the core does"
    assert "<p>&lt;b&gt;</p>" in text
    assert "/grc/admin/boats/boats" in text
    assert "No boat." in boats.get("/grc/admin/boats/x", headers={"Accept-Language": "en"}).text


def test_a_page_with_a_variable_is_not_in_the_menu(boats: FlaskClient) -> None:
    text = boats.get("/grc/admin/boats/boats").text
    assert '<a href="/grc/admin/boats/boats" aria-current="page">Boats</a>' in text
    assert "Boats at sea" not in text
