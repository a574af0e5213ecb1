"""A browser's choice: in a cookie that only this app can write, in force at once."""

import json
from datetime import UTC
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any

import pytest
from flask import Flask

from grc_core import Choice
from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Subject
from grc_core import hookimpl
from grc_core import route
from grc_core import widget
from grc_core.choice import COOKIE
from grc_core.choice import FLAG
from grc_core.visitor import COOKIE as VISITOR

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

AT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
LIKED = Purpose.PERSONALISATION | Purpose.ANALYTICS


class Chooser(Plugin):
    """Keep the choice that a test names, and show what counts."""

    name, url = "chooser", "chooser"

    @hookimpl
    def consents(self, subject: Subject) -> Purpose | None:
        choice = self.grc.browser().choice
        return choice.purposes if choice else None

    @route("/", methods=("GET", "POST"))
    def start(self) -> str:
        return "the first page"

    @route("/choose/<int:value>", methods=("POST",))
    def choose(self, value: int) -> str:
        browser = self.grc.browser()
        browser.choose(Choice(Purpose(value), AT, {"analytics": "f1"}, "c1" if value > 1 else None))
        return str(self.grc.consents(browser.subject).value)

    @widget("site.top")
    def shown(self, page: Page) -> str:
        return f"agreed {page.consents.value} by {page.visitor or 'nobody'}"


def choose(client: Any, purposes: Purpose) -> Any:
    return client.post(f"/grc/chooser/choose/{purposes.value}", headers={"Sec-Fetch-Site": "none"})


def morsels(response: Any) -> SimpleCookie:
    found: SimpleCookie = SimpleCookie()
    for line in response.headers.getlist("Set-Cookie"):
        found.load(line)
    return found


def test_a_choice_counts_in_the_request_that_makes_it_and_after(mini: Any) -> None:
    client = mini.make_app([Chooser]).test_client()
    assert "agreed 1 by nobody" in client.get("/").text
    agreed = LIKED | Purpose.NECESSARY
    assert choose(client, agreed).text == str(agreed.value)
    assert f"agreed {agreed.value} by " in client.get("/").text


def test_the_cookie_is_the_server_s_and_the_flag_the_script_s(mini: Any) -> None:
    found = morsels(choose(mini.make_app([Chooser]).test_client(), LIKED))
    assert found[COOKIE]["httponly"]
    assert found[COOKIE]["samesite"] == "Lax"
    assert found[COOKIE]["max-age"] == str(180 * 24 * 3600)
    assert not found[FLAG]["httponly"]
    assert found[FLAG].value == "personalisation.analytics"


def test_the_cookies_are_secure_on_https(mini: Any) -> None:
    client = mini.make_app([Chooser]).test_client()
    response = client.post("/grc/chooser/choose/9", base_url="https://shop.example",
                           headers={"Sec-Fetch-Site": "same-origin"})  # fmt: skip
    assert all(item["secure"] for item in morsels(response).values())


def test_taking_everything_back_forgets_the_visitor_at_once(mini: Any) -> None:
    client = mini.make_app([Chooser]).test_client()
    choose(client, LIKED)
    client.get("/")
    assert client.get_cookie(VISITOR)
    choose(client, Purpose.NECESSARY)
    assert client.get_cookie(VISITOR) is None
    assert client.get_cookie(FLAG).value == "none"
    assert "agreed 1 by nobody" in client.get("/").text


@pytest.mark.parametrize("changed", [lambda text: text[:-1], lambda text: "x" + text, str.upper])
def test_a_cookie_that_somebody_changed_is_no_choice(mini: Any, changed: Any) -> None:
    client = mini.make_app([Chooser]).test_client()
    choose(client, LIKED)
    client.set_cookie(COOKIE, changed(client.get_cookie(COOKIE).value))
    assert "agreed 1 by nobody" in client.get("/").text


def test_a_cookie_of_another_key_is_no_choice(mini: Any) -> None:
    client = mini.make_app([Chooser]).test_client()
    choose(client, LIKED)
    other = mini.make_app([Chooser], SECRET_KEY="another key").test_client()
    other.set_cookie(COOKIE, client.get_cookie(COOKIE).value)
    assert "agreed 1 by nobody" in other.get("/").text


@pytest.mark.parametrize("content", ["[]", '["x", 1, {}]', "[1, null, {}]", "{}", "[1, 1e99, {}]"])
def test_signed_nonsense_is_no_choice(mini: Any, content: str) -> None:
    from grc_core.visitor import signer

    app = mini.make_app([Chooser])
    signing = signer(app, COOKIE)
    assert signing is not None
    text = str(signing.dumps(json.loads(content)))
    assert Choice.loads(text, signing) is None


def test_a_choice_comes_back_as_it_was() -> None:
    from grc_core.visitor import signer

    app = Flask("keys")
    app.secret_key = "a key"
    signing = signer(app, COOKIE)
    assert signing is not None
    choice = Choice(LIKED | Purpose.NECESSARY, AT, {"analytics": "f1"}, "c1")
    assert Choice.loads(choice.dumps(signing), signing) == choice
    assert Choice(Purpose.NECESSARY, AT).flag == "none"


def test_the_shop_asks_for_its_own_tags(mini: Any) -> None:
    app = mini.make_app([Chooser], after=lambda app: app.add_url_rule(
        "/tag", view_func=lambda: str(mini.grc.allows("analytics"))))  # fmt: skip
    client = app.test_client()
    assert client.get("/tag").text == "False"
    choose(client, LIKED)
    assert client.get("/tag").text == "True"


@pytest.mark.parametrize("path", ["/grc/chooser", "/grc/chooser/"])
def test_the_first_page_of_a_plugin_answers_with_and_without_a_stroke(mini: Any, path: str) -> None:
    assert mini.make_app([Chooser]).test_client().get(path).text == "the first page"


def test_what_plugins_ask_for_is_collected(mini: Any) -> None:
    class Telling(Chooser):
        @widget("home.main", needs=Purpose.PREFERENCES)
        def liked(self, page: Page) -> str:
            return "liked"

    declared = mini.make_app([Telling]).extensions["grc"].services.declared
    assert Purpose.PREFERENCES in declared.needs()
    assert declared.said("chooser", "a text", "fr") == "a text"
