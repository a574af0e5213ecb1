"""Templates of plugins: their own, the shop's in their place, in the language of the page."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2 import TemplateNotFound
from jinja2 import UndefinedError

from grc_core import Money
from grc_core.loading import Loaded
from grc_core.loading import Tables
from grc_core.plugin import Plugin
from grc_core.rendering import CORE
from grc_core.rendering import Renderer
from grc_core.rendering import current_locale
from grc_core.rendering import speaking

Make = Callable[..., Loaded]

PO = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Language: fr\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Hello %(name)s"
msgstr "Bonjour %(name)s"

msgid "%(num)s point"
msgid_plural "%(num)s points"
msgstr[0] "%(num)s point"
msgstr[1] "%(num)s pointés"
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Return a function that makes a plugin's package with files in it."""
    (tmp_path / "plugins").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "plugins"))

    def make(name: str, **files: str) -> Loaded:
        folder = tmp_path / "plugins" / f"grc_rendered_{name}"
        folder.mkdir(parents=True)
        source = f"from grc_core.plugin import Plugin\nclass P(Plugin):\n    name = {name!r}\n"
        (folder / "__init__.py").write_text(source)
        for path, text in files.items():
            target = folder / path.replace("__", "/").replace("_dot_", ".")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        monkeypatch.delitem(sys.modules, folder.name, raising=False)
        importlib.invalidate_caches()
        kind: type[Plugin] = importlib.import_module(folder.name).P
        return Loaded(name, kind(), "1")

    return make


@pytest.fixture
def host(tmp_path: Path) -> Flask:
    (tmp_path / "host").mkdir()
    return Flask("host", template_folder=str(tmp_path / "host"))


def renderer(host: Flask, *loaded: Loaded) -> Renderer:
    return Renderer(host, Tables(plugins=list(loaded)), ("en", "fr"))


def test_a_template_is_the_plugins_own(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_html="<p>{{ what }}</p>")
    assert renderer(host, red).render(red, "box.html", "en", {"what": "a"}) == "<p>a</p>"


def test_values_are_escaped(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_txt="{{ what }}")
    assert renderer(host, red).render(red, "box.txt", "en", {"what": "<b>"}) == "&lt;b&gt;"


def test_one_plugins_file_never_shadows_anothers(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_html="red")
    blue = plugin("blue", templates__box_dot_html="blue")
    both = renderer(host, red, blue)
    assert both.render(red, "box.html", "en") == "red"
    assert both.render(blue, "box.html", "en") == "blue"


def test_a_template_extends_and_includes_its_own_plugins_files(plugin: Make, host: Flask) -> None:
    files = {
        "templates__base_dot_html": "<b>{% block x %}{% endblock %}</b>",
        "templates__part_dot_html": "part",
        "templates__page_dot_html": (
            "{% extends 'base.html' %}{% block x %}{% include 'part.html' %}{% endblock %}"
        ),
    }
    red = plugin("red", **files)
    blue = plugin("blue", templates__base_dot_html="blue", templates__part_dot_html="blue")
    assert renderer(host, red, blue).render(red, "page.html", "en") == "<b>part</b>"


def test_the_shop_puts_its_own_in_the_place_of_a_template(
    plugin: Make, host: Flask, tmp_path: Path
) -> None:
    red = plugin("red", templates__box_dot_html="red")
    blue = plugin("blue", templates__box_dot_html="blue")
    override = tmp_path / "host" / "grc" / "red" / "box.html"
    override.parent.mkdir(parents=True)
    override.write_text("<i>the shop's {{ _('x') }}</i>")
    both = renderer(host, red, blue)
    assert both.render(red, "box.html", "en") == "<i>the shop's x</i>"
    assert both.render(blue, "box.html", "en") == "blue"


def test_a_template_of_the_shop_is_no_plugins(plugin: Make, host: Flask, tmp_path: Path) -> None:
    (tmp_path / "host" / "box.html").write_text("the shop's own")
    red = plugin("red")
    with pytest.raises(TemplateNotFound, match=r"red/box\.html"):
        renderer(host, red).render(red, "box.html", "en")


@pytest.mark.parametrize("name", ["../secret.txt", "../../x", "/etc/passwd", "a/../../b", ""])
def test_a_name_cannot_leave_the_folder(plugin: Make, host: Flask, name: str) -> None:
    red = plugin("red", secret_dot_txt="secret", templates__a_dot_html="a")
    with pytest.raises(TemplateNotFound):
        renderer(host, red).render(red, name, "en")


def test_a_text_is_said_in_the_language_of_the_page(plugin: Make, host: Flask) -> None:
    red = plugin(
        "red",
        templates__box_dot_html="{{ _('Hello %(name)s', name=name) }}",
        translations__fr__LC_MESSAGES__red_dot_po=PO,
    )
    made = renderer(host, red)
    name = {"name": "<Zoé>"}
    assert made.render(red, "box.html", "fr", name) == "Bonjour &lt;Zoé&gt;"
    assert made.render(red, "box.html", "fr_CA", name) == "Bonjour &lt;Zoé&gt;"
    assert made.render(red, "box.html", "fr-CA", name) == "Bonjour &lt;Zoé&gt;"
    assert made.render(red, "box.html", "en", name) == "Hello &lt;Zoé&gt;"
    assert made.render(red, "box.html", "xx", name) == "Hello &lt;Zoé&gt;"


def test_plurals_follow_the_language(plugin: Make, host: Flask) -> None:
    red = plugin(
        "red",
        templates__box_dot_html=(
            "{% trans count=count %}one{% pluralize %}many{% endtrans %} "
            "{{ ngettext('%(num)s point', '%(num)s points', count) }}"
        ),
        translations__fr__LC_MESSAGES__red_dot_po=PO,
    )
    made = renderer(host, red)
    assert made.render(red, "box.html", "fr", {"count": 0}).endswith(" 0 point")
    assert made.render(red, "box.html", "fr", {"count": 2}).endswith(" 2 pointés")
    assert made.render(red, "box.html", "en", {"count": 0}) == "many 0 points"


def test_the_cores_texts_back_up_a_plugins(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_html="{{ _('This page does not exist.') }}")
    assert "Cette page" in renderer(host, red).render(red, "box.html", "fr")


def test_a_broken_translation_is_logged_and_passed_over(
    plugin: Make, host: Flask, caplog: Any
) -> None:
    red = plugin(
        "red",
        templates__box_dot_html="{{ _('x') }}",
        translations__fr__LC_MESSAGES__red_dot_po='msgid "x\nmsgstr broken \\',
    )
    assert renderer(host, red).render(red, "box.html", "fr") == "x"


def test_a_translation_is_compiled_once(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_html="{{ _('x') }}")
    made = renderer(host, red)
    assert made.catalog(red, "fr") is made.catalog(red, "fr")


def test_the_language_of_the_page_at_hand_is_the_default(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_html="{{ locale }}")
    made = renderer(host, red)
    assert made.render(red, "box.html") == "en"
    with speaking("fr"):
        assert current_locale() == "fr"
        assert made.render(red, "box.html") == "fr"
    assert current_locale() == "en"


def test_money_is_written_as_the_language_writes_it(plugin: Make, host: Flask) -> None:
    red = plugin("red", templates__box_dot_html="{{ price|money }}")
    made = renderer(host, red)
    price = {"price": Money(123450, "CAD")}
    assert made.render(red, "box.html", "en", price) == "$1,234.50"
    assert made.render(red, "box.html", "fr-CA", price).replace("\xa0", " ") == "1 234,50 $"


def test_an_error_in_a_template_reaches_the_caller_and_restores_the_language(
    plugin: Make, host: Flask
) -> None:
    red = plugin("red", templates__box_dot_html="{{ nothing.at.all }}")
    with pytest.raises(UndefinedError):
        renderer(host, red).render(red, "box.html", "fr")
    assert current_locale("none") == "none"


def test_the_hosts_own_templates_know_nothing_of_ours(plugin: Make, host: Flask) -> None:
    before = dict(host.jinja_env.filters)
    red = plugin("red", templates__box_dot_html="x")
    renderer(host, red).render(red, "box.html", "en")
    assert host.jinja_env.filters == before
    assert "jinja2.ext.InternationalizationExtension" not in host.jinja_env.extensions


def test_a_host_without_a_template_folder_is_fine(plugin: Make) -> None:
    red = plugin("red", templates__box_dot_html="x")
    bare = Flask("bare", template_folder=None)
    assert renderer(bare, red).render(red, "box.html", "en") == "x"


def test_the_core_has_templates_of_its_own(host: Flask) -> None:
    page = renderer(host).render(CORE, "error.html", "fr", {"status": 404})
    assert "Cette page n’existe pas." in page
