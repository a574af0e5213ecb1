"""Nothing of the staff console answers without its role."""

import re
from typing import Any

import pytest
from flask import Flask
from flask import session
from flask.testing import FlaskClient
from markupsafe import Markup

from grc_core import GRCError
from grc_core import Plugin
from grc_core import Shop
from grc_core import console_page
from grc_core.console.sections import FIRST
from grc_core.console.sections import LAST
from grc_core.staff import ROLES

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

SAME = {"Sec-Fetch-Site": "same-origin"}
#: What the console's own pages say of themselves.
STATED = {f"grc.admin-core-{item.name}": item.roles for item in (*FIRST, *LAST)}


class Board(Plugin):
    """Have pages for different roles."""

    name = "board"

    @console_page("For the owner")
    def owners(self) -> Markup:
        return Markup("owner")

    @console_page("For marketing", roles=("marketing",))
    def marketing(self) -> Markup:
        return Markup("marketing")

    @console_page("One", roles=("support",), rule="/one/<int:id>")
    def one(self, id: int) -> Markup:
        return Markup("one {}").format(id)


STATED |= {"grc.admin-board-owners": (), "grc.admin-board-marketing": ("marketing",)}
STATED |= {"grc.admin-board-one": ("support",)}


@pytest.fixture
def app(mini: Any) -> Flask:
    """Return a shop whose people are staff with the role that they are named by."""

    @mini.shop.staff
    def staff() -> frozenset[str]:
        return frozenset({session.get("user", "")} & {*ROLES, "warehouse"})

    for name in (*ROLES, "warehouse", "claire"):
        mini.sign_up(name)
    return mini.make_app([Board])


def as_(app: Flask, name: str | None) -> FlaskClient:
    client = app.test_client()
    if name:
        client.post(f"/sign-in/{name}")
    return client


def addresses(app: Flask) -> dict[str, str]:
    """Return an address of each rule below `/grc/admin`, by endpoint."""
    found = {}
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/grc/admin"):
            found[rule.endpoint] = re.sub(r"<(?:int:)?\w+>", "1", rule.rule)
    return found


def token(client: FlaskClient, path: str = "/grc/admin/") -> str:
    found = re.search(r"X-GRC-Token&#34;: &#34;([^&]+)|X-GRC-Token\": \"([^\"]+)",
                      client.get(path).text)  # fmt: skip
    assert found is not None
    return found[1] or found[2]


def test_the_walk_below_knows_every_rule(app: Flask) -> None:
    assert set(addresses(app)) == set(STATED)


@pytest.mark.parametrize("name", [None, "claire", "warehouse"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_nobody_finds_a_console_who_is_not_staff(
    app: Flask, name: str | None, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    client = as_(app, name)
    for path in addresses(app).values():
        answer = client.open(path, method=method, headers=SAME)
        wanted = 403 if name == "warehouse" else 404
        assert answer.status_code == wanted, path
        assert "Overview" not in answer.text
    said = "shop.staff returned the role 'warehouse'" in caplog.text
    assert said == (name == "warehouse")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages_and_no_other(app: Flask, role: str) -> None:
    client = as_(app, role)
    for endpoint, path in addresses(app).items():
        roles = STATED[endpoint]
        opens = role == "owner" or role in roles or (role == "read-only" and bool(roles))
        for method in ("GET", "HEAD"):
            answer = client.open(path, method=method)
            assert (answer.status_code != 403) == opens, (path, answer.status_code)
            assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_changes_its_own_pages_and_no_other(app: Flask, role: str) -> None:
    client = as_(app, role)
    sent = {"_token": token(client), "_action": "nothing"}
    for endpoint, path in addresses(app).items():
        changes = role == "owner" or (role != "read-only" and role in STATED[endpoint])
        answer = client.post(path, data=sent, headers=SAME)
        assert (answer.status_code != 403) == changes, (path, answer.status_code)


def test_a_form_needs_a_token_made_for_the_same_person(app: Flask) -> None:
    owner, other = as_(app, "owner"), as_(app, "marketing")
    path = "/grc/admin/board/marketing"
    mine, theirs = token(owner), token(other)
    assert owner.post(path, data={"_token": mine}, headers=SAME).status_code == 200
    for bad in ("", "x", theirs, mine[:-2]):
        answer = owner.post(path, data={"_token": bad}, headers=SAME)
        assert answer.status_code == 403
        assert "This page was open for too long." in answer.text
    assert owner.post(path, headers={**SAME, "X-GRC-Token": mine}).status_code == 200


def test_a_right_token_from_another_site_is_refused(app: Flask) -> None:
    owner = as_(app, "owner")
    sent = {"_token": token(owner)}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        answer = owner.post("/grc/admin/board/owners", data=sent, headers=headers)
        assert answer.status_code == 403


def test_a_token_ends_after_a_day(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = as_(app, "owner")
    sent = {"_token": token(owner)}
    now = __import__("time").time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 24 * 3600)
    answer = owner.post("/grc/admin/board/owners", data=sent, headers=SAME)
    assert answer.status_code == 403


def test_other_methods_are_not_answered(app: Flask) -> None:
    client = as_(app, None)
    for path in addresses(app).values():
        for method in ("PUT", "DELETE", "OPTIONS"):
            assert client.open(path, method=method).status_code == 405


def test_the_address_without_its_slash_tells_a_stranger_nothing(app: Flask) -> None:
    assert as_(app, None).get("/grc/admin").status_code == 404
    assert as_(app, "owner").get("/grc/admin").status_code == 200


def test_the_menu_shows_what_may_be_opened(app: Flask) -> None:
    text = as_(app, "marketing").get("/grc/admin/").text
    assert "For marketing" in text
    assert "For the owner" not in text
    assert ">Audit<" not in text


def test_pages_forbid_scripts_and_styles_that_are_not_the_consoles(app: Flask) -> None:
    client = as_(app, "owner")
    for path in addresses(app).values():
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy or "sandbox" in policy
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|<style|\son\w+=", answer.text)


def test_the_shops_own_headers_do_not_loosen_it(mini: Any) -> None:
    def loosen(app: Flask) -> None:
        @app.after_request
        def after(response: Any) -> Any:
            response.headers["Content-Security-Policy"] = "default-src *"
            response.headers["Cache-Control"] = "public, max-age=600"
            return response

    mini.sign_up("boss")
    app = mini.make_app([Board], before=loosen)
    answer = as_(app, "boss").get("/grc/admin/board/owners")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert app.test_client().get("/").headers["Content-Security-Policy"] == "default-src *"


def test_a_page_says_nothing_to_a_shop_without_staff(mini: Any) -> None:
    del mini.shop.functions["staff"]
    mini.sign_up("boss")
    app = mini.make_app([Board])
    assert as_(app, "boss").get("/grc/admin/").status_code == 404


def test_the_page_of_a_plugin_that_is_off_is_not_there(app: Flask) -> None:
    app.extensions["grc"].switches.switch("board", False, "Denise", app.extensions["grc"].clock())
    app.extensions["grc"].refresh()
    client = as_(app, "owner")
    assert client.get("/grc/admin/board/owners").status_code == 404
    assert "For the owner" not in client.get("/grc/admin/").text


def test_an_unknown_role_is_refused_at_load(mini: Any) -> None:
    class Odd(Plugin):
        name = "odd"

        @console_page("Odd", roles=("marketting",))
        def page(self) -> str:
            return ""

    loaded = mini.make_app([Odd]).extensions["grc"].tables.find("odd")
    assert loaded.off == "page(roles=…): unknown role 'marketting' (did you mean 'marketing'?)"


def test_a_rule_without_a_slash_is_refused_at_load(mini: Any) -> None:
    class Odd(Plugin):
        name = "odd"

        @console_page("Odd", rule="rules")
        def page(self) -> str:
            return ""

    loaded = mini.make_app([Odd]).extensions["grc"].tables.find("odd")
    assert loaded.off == "page(rule='rules'): an address starts with /"


def test_the_console_is_nowhere_but_in_its_pages(app: Flask) -> None:
    with pytest.raises(GRCError, match="pages of the console only"):
        _ = app.extensions["grc"].tables.find("board").plugin.console


def test_true_means_the_owner() -> None:
    shop = Shop("CAD")
    shop.staff(lambda: True)
    with Flask("x").test_request_context():
        from grc_core.adapter import Adapter

        assert Adapter(Flask("x"), shop, None).staff() == {"owner"}
