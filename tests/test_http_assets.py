"""All storefront scripts are one file and all styles another, kept for ever."""

import gzip
import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from grc_core import Plugin
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

PLUGIN = """
from grc_core import Plugin
from grc_core import widget

class Painted(Plugin):
    "Bring a script and a style."
    name = "painted"
    scripts = ("painted.js", "absent.js")
    styles = "painted.css"

    @widget("cart.below")
    def it(self, page):
        return "x"
"""


@pytest.fixture
def painted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    folder = tmp_path / "plugins" / "grc_painted_for_test"
    (folder / "static").mkdir(parents=True)
    (folder / "__init__.py").write_text(PLUGIN)
    (folder / "static" / "painted.js").write_text("var painted = 1")
    (folder / "static" / "painted.css").write_text(".painted { color: red }")
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.delitem(sys.modules, folder.name, raising=False)
    importlib.invalidate_caches()
    return importlib.import_module(folder.name).Painted


def links(app: Flask) -> dict[str, str]:
    text = app.test_client().get("/cart").text
    return {url.rsplit(".", 1)[1]: url for url in re.findall(r'(?:src|href)="(/grc/[^"]+)"', text)}


def test_scripts_and_styles_of_plugins_are_in_the_two_files(mini: Any, painted: Any) -> None:
    app = mini.make_app([painted])
    client = app.test_client()
    found = links(app)
    script, style = client.get(found["js"]), client.get(found["css"])
    assert "var painted = 1" in script.text
    assert "data-grc-fetch" in script.text
    assert ".painted { color: red }" in style.text
    assert script.content_type == "text/javascript; charset=utf-8"
    assert style.content_type == "text/css; charset=utf-8"


def test_a_file_that_is_not_there_is_named(mini: Any, painted: Any, caplog: Any) -> None:
    app = mini.make_app([painted])
    links(app)
    assert "absent.js" in caplog.text


def test_the_present_version_is_kept_for_ever(mini: Any, painted: Any) -> None:
    app = mini.make_app([painted])
    response = app.test_client().get(links(app)["js"])
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_an_old_version_answers_with_the_present_file_for_a_while(mini: Any, painted: Any) -> None:
    app = mini.make_app([painted])
    new = app.test_client().get(links(app)["js"])
    old = app.test_client().get("/grc/static/0123456789ab/grc.js")
    assert old.data == new.data
    assert old.headers["Cache-Control"] == "public, max-age=300"


def test_a_compressed_file_has_its_own_tag(mini: Any, painted: Any) -> None:
    app = mini.make_app([painted])
    client, url = app.test_client(), links(app)["css"]
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "br, gzip"})
    refused = client.get(url, headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert "Content-Encoding" not in refused.headers
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_known_tag_gets_no_body(mini: Any, painted: Any) -> None:
    app = mini.make_app([painted])
    client, url = app.test_client(), links(app)["css"]
    tag = client.get(url).headers["ETag"]
    again = client.get(url, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""


@pytest.mark.parametrize("name", ["other.js", "..%2f..%2fetc%2fpasswd", "grc.js%00", ""])
def test_nothing_else_is_served(mini: Any, name: str) -> None:
    response = mini.make_app([]).test_client().get(f"/grc/static/x/{name}")
    assert response.status_code == 404


def test_the_version_changes_with_the_content(mini: Any, painted: Any) -> None:
    first = mini.make_app([painted]).extensions["grc"].assets.version
    second = mini.make_app([]).extensions["grc"].assets.version
    assert first != second


def test_a_plugin_that_is_off_adds_nothing(mini: Any, painted: Any) -> None:
    app = mini.make_app([painted])
    app.extensions["grc"].tables.find("painted").off = "for a test"
    assert "painted" not in app.test_client().get("/grc/static/x/grc.js").text


def test_the_cores_own_files_are_small(mini: Any) -> None:
    bundles = mini.make_app([]).extensions["grc"].assets.bundles
    assert len(bundles["grc.js"].packed) <= 2048
    assert len(bundles["grc.css"].packed) <= 2048


def test_the_style_keeps_to_what_a_host_can_live_with(mini: Any) -> None:
    style = mini.make_app([]).extensions["grc"].assets.bundles["grc.css"].data.decode()
    assert "prefers-reduced-motion" in style
    assert "prefers-color-scheme: dark" in style
    for selector in re.findall(r"^([^@}\s/][^{]*)\{", style, re.M):
        for part in selector.split(","):
            assert part.strip().startswith((".grc-", "grc-slot")), part


def test_no_set_cookie_and_no_session_for_a_file(mini: Any) -> None:
    class Own(Plugin):
        """Greet."""

        name = "own"

        @widget("site.bottom")
        def it(self, page: Any) -> str:
            return "x"

    response = mini.make_app([Own]).test_client().get("/grc/static/x/grc.js")
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers["Vary"]
