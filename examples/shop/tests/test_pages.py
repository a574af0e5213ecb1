"""Error pages, headers, CSRF, weight."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from shop import pages
from shop.extensions import db
from shop.models import Category
from shop.models import Product
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


#: Pages without arguments that are not for everybody, or not pages.
NOT_LISTED = {"/checkout", "/checkout/delivery", "/checkout/payment", "/contact/sent"}


@pytest.fixture
def public(app: Flask) -> list[str]:
    """Return every page that a visitor can open, one of each kind where there are many."""
    plain = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and not _special(rule.rule)
    ]
    with app.app_context():
        shelves = db.session.scalars(select(Category.slug)).all()
        tailored = select(Product).where(Product.made_to_measure).limit(1)
        product = db.session.scalars(tailored).one()
        return [*plain, *(f"/c/{slug}" for slug in shelves), "/p/1", f"/p/{product.id}/quote"]


def _special(path: str) -> bool:
    return path.startswith("/staff") or path.endswith((".xml", ".txt"))


def test_a_slow_network_gets_every_page(
    browser: Browser, public: list[str], delivered: str
) -> None:
    browser.login("claire@example.com")
    browser.post("/cart/add/1")
    orders = [f"/orders/{delivered}{tail}" for tail in ("", "/return", "/print")]
    heavy: dict[str, int] = {}
    for path in [*public, *orders, f"/checkout/done/{delivered}", "/search?q=e"]:
        answer = browser.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        text = answer.get_data(as_text=True)
        sheets = set(re.findall(r'<(?:link rel="stylesheet" href|script[^>]* src)="([^"]+)"', text))
        heavy[path] = len(answer.data) + sum(_weight(browser, sheet) for sheet in sheets)
    assert len(heavy) > 25
    assert not {path: size for path, size in heavy.items() if size > 150_000}


def _weight(browser: Browser, path: str) -> int:
    answer = browser.get(path.replace("&amp;", "&"))
    size = len(answer.data)
    answer.close()
    return size


def test_the_site_map_names_every_page(browser: Browser, public: list[str]) -> None:
    page = browser.text("/site-map")
    for path in public:
        if path not in NOT_LISTED and path != "/site-map":
            assert f'href="{path}' in page, path


def test_the_map_for_robots_names_every_page_that_is_for_everybody(
    browser: Browser, public: list[str]
) -> None:
    text = browser.text("/sitemap.xml")
    private = ("/account", "/cart", "/checkout", "/login", "/sign-up", "/search", "/contact/sent")
    for path in public:
        assert (f"<loc>http://localhost{path}" in text) != path.startswith(private), path


def test_nothing_promises_a_mail(browser: Browser, delivered: str) -> None:
    page = browser.text(f"/checkout/done/{delivered}")
    assert "the shop sends no e-mail" in page
    assert "confirmation goes to" not in page
    assert f"/orders/{delivered}/print" in page


def test_an_order_can_be_printed(browser: Browser, delivered: str) -> None:
    page = browser.text(f"/orders/{delivered}/print")
    assert '<header class="site-header"' not in page
    assert "<form" not in page
    assert "<footer" not in page
    assert "Ana Gil" in page
    assert len(re.findall(r"<h1\b", page)) == 1
    sheet = re.search(r'href="(/static/shop.css[^"]*)"', page)
    assert sheet is not None
    answer = browser.get(sheet[1])
    assert "@media print" in answer.get_data(as_text=True)
    answer.close()


@pytest.mark.parametrize(
    "path",
    [
        "/c/books?page=99999999999999999999",
        "/p/99999999999999999999999",
        "/p/99999999999999999999999/tent",
    ],
)
def test_numbers_that_no_database_holds_are_no_page(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/%09/evil.example/?lang=fr", "//evil.example/?lang=fr"])
def test_the_language_switch_stays_on_this_site(app: Flask, path: str) -> None:
    answer = app.test_client().get(path)
    location = answer.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\", "/\t"))


def test_a_line_break_in_the_address_is_no_error(app: Flask) -> None:
    assert app.test_client().get("/%0A?lang=fr").status_code < 500
