"""Error pages, headers, CSRF, weight."""

import re

import pytest
from flask import Flask

from shop import pages
from shop.testing import Browser

PUBLIC = ["/", "/c/home", "/p/1", "/search?q=mug", "/cart", "/help", "/login", "/site-map"]


def test_unknown_pages_have_a_page(browser: Browser) -> None:
    answer = browser.get("/no/such/page")
    assert answer.status_code == 404
    text = answer.get_data(as_text=True)
    assert "This trail ends here" in text
    assert 'href="/?lang=fr"' in text


def test_a_failure_has_a_page_that_needs_no_database(
    app: Flask, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def fail(*_: object) -> None:
        raise RuntimeError("the database is gone")

    monkeypatch.setattr(pages, "select", fail)
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.get_data(as_text=True)


def test_forms_without_a_token_are_refused(browser: Browser) -> None:
    answer = browser.client.post("/cart/add/1")
    assert answer.status_code == 400
    text = answer.get_data(as_text=True)
    assert "This form has expired" in text
    assert 'href="/?lang=fr"' in text


@pytest.mark.parametrize("path", PUBLIC)
def test_pages_keep_a_strict_policy_and_a_small_weight(browser: Browser, path: str) -> None:
    answer = browser.get(path, follow_redirects=True)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    text = answer.get_data(as_text=True)
    assert not re.search(r"<(script|style)\b| style=| on\w+=", text)
    assert len(answer.data) < 40_000


@pytest.mark.parametrize("path", PUBLIC)
def test_pages_have_one_heading_and_a_main(browser: Browser, path: str) -> None:
    text = browser.text(path)
    assert len(re.findall(r"<h1\b", text)) == 1
    assert text.count("<main") == 1
    assert 'class="skip" href="#main"' in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_assets_are_kept_and_small(browser: Browser) -> None:
    page = browser.text("/")
    for path in set(re.findall(r'"(/static/[^"]+)"', page)):
        answer = browser.get(path.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert answer.cache_control.max_age == 31_536_000
        assert len(answer.data) < 24_000
        answer.close()


def test_reading_public_pages_without_a_form_sets_no_cookie(browser: Browser) -> None:
    for path in ("/help", "/site-map", "/search?q=zzz"):
        assert "Set-Cookie" not in browser.get(path).headers
