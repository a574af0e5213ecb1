"""French and English."""

from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from shop.testing import Browser


def test_the_browser_decides_at_first(browser: Browser) -> None:
    page = browser.get("/", headers={"Accept-Language": "fr-CA,fr;q=0.9,en;q=0.5"})
    assert '<html lang="fr">' in page.get_data(as_text=True)
    page = browser.get("/", headers={"Accept-Language": "de"})
    assert '<html lang="en">' in page.get_data(as_text=True)
    assert "Accept-Language" in page.headers["Vary"]


def test_the_switch_keeps_page_and_arguments(browser: Browser) -> None:
    page = browser.text("/c/books?sort=cheap&page=2")
    assert 'href="/c/books?sort=cheap&amp;page=2&amp;lang=fr"' in page
    answer = browser.get("/c/books?sort=cheap&page=2&lang=fr")
    assert answer.location == "/c/books?sort=cheap&page=2"
    assert '<html lang="fr">' in browser.text("/c/books?sort=cheap&page=2")
    assert '<html lang="fr">' in browser.text("/help")
    browser.get("/?lang=en")
    assert '<html lang="en">' in browser.text("/help")


def test_the_switch_keeps_repeated_arguments(browser: Browser) -> None:
    assert 'href="/c/books?tag=a&amp;tag=b&amp;lang=fr"' in browser.text("/c/books?tag=a&tag=b")
    assert browser.get("/c/books?tag=a&tag=b&lang=fr").location == "/c/books?tag=a&tag=b"


@pytest.mark.parametrize("path", ["//evil.example/?lang=fr", "/%5Cevil.example?lang=fr"])
def test_the_switch_does_not_lead_away(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert not (answer.location or "").startswith(("//", "/\\", "http"))


def test_unknown_languages_are_ignored(browser: Browser) -> None:
    assert '<html lang="en">' in browser.text("/?lang=xx")


def test_money_dates_and_products_follow_the_language(browser: Browser) -> None:
    assert "$329.00" in browser.text("/p/1")
    browser.get("/?lang=fr")
    page = browser.text("/p/1")
    assert "329,00\N{NO-BREAK SPACE}$" in page
    assert "Tente Laurentide 2" in page
    assert "TVQ 9,975\N{NO-BREAK SPACE}%" in browser.text("/help")


def test_form_errors_speak_french(browser: Browser) -> None:
    browser.get("/?lang=fr")
    page = browser.post("/sign-up", {"email": "x"}).get_data(as_text=True)
    assert "Veuillez remplir ce champ." in page
    assert "ne ressemble pas" in page


@pytest.fixture
def folder(package: Path) -> Path:
    return package / "translations" / "fr" / "LC_MESSAGES"


def test_every_text_is_translated(folder: Path) -> None:
    with (folder / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    for message in catalogue:
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(strings), message.id
            assert not message.fuzzy
            assert not list(message.check(catalogue)), message.id


def test_every_text_of_the_shop_is_in_the_catalogue(folder: Path, package: Path) -> None:
    with (folder / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    methods = [("**.py", "python"), ("templates/**.html", "jinja2")]
    keywords = {**DEFAULT_KEYWORDS, "_l": None}
    found = extract_from_dir(package, method_map=methods, keywords=keywords)
    missing = {message for _, _, message, _, _ in found if message not in catalogue}
    assert not missing, "run pybabel extract and pybabel update"


def test_compiled_texts_are_those_of_the_source(folder: Path) -> None:
    with (folder / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="fr")
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    assert compiled.getvalue() == (folder / "messages.mo").read_bytes(), (
        "run: pybabel compile -d shop/translations"
    )
