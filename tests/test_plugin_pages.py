"""Whole pages of plugins: in the shop's layout, in its language, with who is looking."""

from pathlib import Path
from typing import Any

import pytest
from flask import Response
from flask import request
from flask import session
from markupsafe import Markup

from grc_core import Plugin
from grc_core import route
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture(autouse=True)
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the shop itself provide the plugin's template."""
    folder = tmp_path / "templates" / "grc" / "pages"
    folder.mkdir(parents=True)
    (folder / "list.html").write_text("<h1>{{ locale }}: {{ who }}</h1>")


class Pages(Plugin):
    """Show a page."""

    name = "pages"

    @route("/list")
    def list(self) -> Markup:
        who = self.page.customer.name if self.page.customer else "nobody"
        return self.render_page("list.html", title="<List>", head=Markup("<meta>"), who=who)

    @route("/raw")
    def raw(self) -> Response:
        return Response(str(self.page.cart))

    @widget("site.top", public=True)
    def banner(self, page: Any) -> str:
        return "hello"


def app_of(mini: Any, tmp_path: Path) -> Any:
    def own_templates(app: Any) -> None:
        app.template_folder = str(tmp_path / "templates")

    return mini.make_app([Pages], before=own_templates)


def test_without_a_layout_a_page_is_plain_and_leads_back(mini: Any, tmp_path: Path) -> None:
    page = app_of(mini, tmp_path).test_client().get("/grc/pages/list").text
    assert page.startswith("<!doctype html>")
    assert "<title>&lt;List&gt;</title>" in page
    assert "<h1>en: nobody</h1>" in page
    assert '<a href="/">' in page
    assert page.count("grc.css") == 1


def test_the_shop_puts_pages_into_its_own_layout(mini: Any, tmp_path: Path) -> None:
    @mini.shop.layout
    def layout(title: str, head: Markup, content: Markup) -> str:
        return f"<html lang=en><head>{head}</head><body><nav>Shop</nav>{content}</body></html>"

    page = app_of(mini, tmp_path).test_client().get("/grc/pages/list").text
    assert "<nav>Shop</nav>" in page
    assert "<h1>en: nobody</h1>" in page
    assert "<meta>" in page


def test_a_layout_that_fails_leaves_the_plain_page(
    mini: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    @mini.shop.layout
    def layout(title: str, head: Markup, content: Markup) -> str:
        raise RuntimeError("no base.html")

    answer = app_of(mini, tmp_path).test_client().get("/grc/pages/list")
    assert answer.status_code == 200
    assert "<h1>en: nobody</h1>" in answer.text
    assert "@shop.layout: RuntimeError: no base.html" in caplog.text


def test_a_page_knows_who_is_looking_and_speaks_the_shops_language(
    mini: Any, tmp_path: Path
) -> None:
    @mini.shop.locale
    def locale() -> str:
        return str(session.get("lang", "fr"))

    mini.sign_up("ann")
    client = app_of(mini, tmp_path).test_client()
    client.post("/sign-in/ann")
    assert "<h1>fr: Ann</h1>" in client.get("/grc/pages/list").text


def test_a_language_the_shop_does_not_serve_is_passed_over(mini: Any, tmp_path: Path) -> None:
    mini.shop.locale(lambda: "de")
    mini.sign_up("ann")
    client = app_of(mini, tmp_path).test_client()
    client.post("/sign-in/ann")
    assert "<h1>en: Ann</h1>" in client.get("/grc/pages/list").text


def test_the_shop_is_not_asked_for_a_language_where_nobody_is_known(
    mini: Any, tmp_path: Path
) -> None:
    mini.shop.locale(lambda: str(request.cookies["must not be read"]))
    assert "en: nobody" in app_of(mini, tmp_path).test_client().get("/grc/pages/list").text


def test_pages_of_plugins_get_the_shops_automatic_slots(mini: Any, tmp_path: Path) -> None:
    page = app_of(mini, tmp_path).test_client().get("/grc/pages/list").text
    assert 'data-grc-widget="pages.banner"' in page


def test_a_page_without_a_cart_has_none(mini: Any, tmp_path: Path) -> None:
    assert app_of(mini, tmp_path).test_client().get("/grc/pages/raw").text == "None"
