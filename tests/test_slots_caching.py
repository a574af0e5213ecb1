"""Who may keep a page with widgets, and what is left for the browser to fetch."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask import Response

from grc_core import Page
from grc_core import Plugin
from grc_core import Purpose
from grc_core import hookimpl
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

MARK = '<grc-slot name="product.below" data-product="1"></grc-slot>'
DOCUMENT = '<!doctype html><html lang="en"><head></head><body>%s</body></html>'


class Shared(Plugin):
    """Show the same to everybody."""

    name = "shared"

    @widget("product.below", public=True)
    def it(self, page: Page) -> str:
        return f"public {page.product.name if page.product else '-'}"


class Own(Plugin):
    """Show a greeting."""

    name = "own"

    @widget("product.below", "site.bottom")
    def it(self, page: Page) -> str:
        return f"hello {page.customer.name if page.customer else 'stranger'}"


class Choice(Plugin):
    """Show the same to everybody who agreed."""

    name = "choice"

    @widget("product.below", public=True, needs=Purpose.ANALYTICS)
    def it(self, page: Page) -> str:
        return "counted"


def got(mini: Any, kinds: list[type[Plugin]], page: str = MARK, **options: Any) -> Any:
    headers = options.pop("headers", {})
    also: Callable[[Flask], None] = options.pop("also", lambda app: None)

    def add(app: Flask) -> None:
        @app.get("/page")
        def page_() -> Response:
            return Response(DOCUMENT % page, headers=headers)

        also(app)

    return mini.make_app(kinds, after=add, **options).test_client().get("/page")


def test_a_personal_page_is_for_this_browser_only(mini: Any) -> None:
    headers = {
        "ETag": '"x"',
        "Last-Modified": "Sun, 22 Nov 2026 00:00:00 GMT",
        "Vary": "Accept-Encoding",
    }
    response = got(mini, [Own], headers=headers)
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["Vary"] == "Accept-Encoding, Cookie, Sec-GPC"
    assert "ETag" not in response.headers
    assert "Last-Modified" not in response.headers
    assert "Set-Cookie" not in response.headers


def test_a_page_of_public_widgets_keeps_its_headers(mini: Any) -> None:
    response = got(mini, [Shared], headers={"ETag": '"x"'})
    assert "public Golf ball" in response.text
    assert response.headers["ETag"] == '"x"'
    assert "Cache-Control" not in response.headers
    assert "Vary" not in response.headers
    assert "customer" not in mini.calls


def test_a_widget_that_needs_a_choice_is_not_public_whatever_it_declares(mini: Any) -> None:
    response = got(mini, [Choice])
    assert "counted" not in response.text
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_a_private_page_depends_on_the_choice_even_where_nothing_shows(mini: Any) -> None:
    class Silent(Own):
        """Show nothing."""

        name = "silent"

        @widget("product.below")
        def it(self, page: Page) -> None:
            return None

    response = got(mini, [Silent])
    assert response.text == DOCUMENT % ""
    assert response.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("no-store", "no-store"),
        ("no-store, max-age=0", "no-store, max-age=0"),
        ("private, max-age=600", "private, no-cache"),
        ("no-transform", "private, no-cache, no-transform"),
        ("max-age=0", "private, no-cache"),
        ("no-cache", "private, no-cache"),
    ],
)
def test_what_the_shop_said_of_a_private_page_is_never_weakened(
    mini: Any, stated: str, expected: str
) -> None:
    response = got(mini, [Own], headers={"Cache-Control": stated})
    assert "hello" in response.text
    assert response.headers["Cache-Control"] == expected


KEPT = [
    {"Cache-Control": "public"},
    {"Cache-Control": "max-age=60"},
    {"Cache-Control": "s-maxage=10"},
    {"Cache-Control": "public, max-age=0, must-revalidate"},
    {"Expires": "Fri, 01 Jan 2100 00:00:00 GMT"},
    {"Surrogate-Control": "max-age=60"},
    {"CDN-Cache-Control": "max-age=60"},
    {"Cloudflare-CDN-Cache-Control": "max-age=60"},
    {"X-Accel-Expires": "600"},
    {"Edge-Control": "!no-store, max-age=60"},
    {"Cache-Control": "private", "Surrogate-Control": "max-age=600"},
    {"Cache-Control": "Public, Max-Age=600"},
    {"Cache-Control": 'private="Set-Cookie", max-age=600'},
    {"Cache-Control": 'max-age="600"'},
    {"Cache-Control": "max-age=600, max-age=0"},
    {"Cache-Control": "immutable"},
    {"Cache-Control": "stale-while-revalidate=600"},
    {"Cache-Control": 'no-cache="X", s-maxage=60'},
]


@pytest.mark.parametrize("headers", KEPT)
def test_a_kept_page_has_public_widgets_in_place_and_leaves_the_others(
    mini: Any, headers: dict[str, str]
) -> None:
    response = got(mini, [Shared, Own], headers={**headers, "ETag": '"x"'})
    assert "public Golf ball" in response.text
    assert "hello" not in response.text
    assert '<grc-slot name="product.below" data-grc-fetch data-product="1" ' in response.text
    assert '<grc-slot name="site.bottom" data-grc-fetch data-seal="' in response.text
    assert response.text.count("<script") == 1
    for name, value in {**headers, "ETag": '"x"'}.items():
        assert response.headers[name] == value
    assert "Vary" not in response.headers
    assert "customer" not in mini.calls


def test_an_endpoint_can_be_named_as_kept(mini: Any) -> None:
    response = got(mini, [Own], GRC_PUBLIC_ENDPOINTS="page_ home")
    assert "hello" not in response.text
    assert "data-grc-fetch" in response.text
    assert "Cache-Control" not in response.headers


def test_a_placement_on_a_kept_page_becomes_a_marker(mini: Any) -> None:
    mini.shop.place("product.below", endpoints="page_", selector="body", product=lambda: '"><b')
    response = got(mini, [Own], "x", headers={"Cache-Control": "public"}, GRC_AUTO_INJECT=False)
    assert 'data-product="&#34;&gt;&lt;b" data-seal="' in response.text


def test_what_a_kept_page_leaves_can_be_fetched(mini: Any) -> None:
    response = got(mini, [Shared, Own], headers={"Cache-Control": "public"})
    client = mini.apps[-1].test_client()
    mini.sign_up("ann")
    client.post("/sign-in/ann")
    left = re.findall(r'<grc-slot name="([^"]*)" data-grc-fetch([^>]*)>', response.text)
    fields = [("path", "/page"), ("lang", "en")]
    for name, about in left:
        fields.append(("slot", name))
        fields += [(k, html.unescape(v)) for k, v in re.findall(r'data-(\w+)="([^"]*)"', about)]
    answer = client.get("/grc/slots?" + urlencode(fields))
    assert answer.headers["Cache-Control"] == "private, no-store"
    slots = {slot["name"]: slot["html"] for slot in answer.json["slots"]}
    assert "hello Ann" in slots["product.below"]
    assert "public" not in slots["product.below"], "that is in the page already"
    assert "hello Ann" in slots["site.bottom"]


def test_an_after_request_of_the_shop_cannot_make_a_personal_page_public(mini: Any) -> None:
    def also(app: Flask) -> None:
        @app.after_request
        def keep(response: Response) -> Response:
            response.headers["Cache-Control"] = "public, max-age=300"
            return response

        filler = app.extensions["grc"].filler
        functions = app.after_request_funcs.setdefault(None, [])
        if filler.keep_private not in functions:
            functions.insert(0, filler.keep_private)

    response = got(mini, [Own], also=also)
    assert "hello" in response.text
    assert response.headers["Cache-Control"] == "private, no-cache"
    mini.shop.place("x", endpoints="y")
    assert got(mini, [], also=also).headers["Cache-Control"] == "public, max-age=300"


def test_staff_notes_are_not_kept(mini: Any) -> None:
    class Bad(Plugin):
        """Fail in public."""

        name = "bad"

        @widget("product.below", public=True)
        def it(self, page: Page) -> str:
            raise ValueError

    def also(app: Flask) -> None:
        @app.get("/kept")
        def kept() -> Response:
            return Response(DOCUMENT % MARK, headers={"Cache-Control": "public"})

    got(mini, [Bad], also=also)
    client = mini.apps[-1].test_client()
    mini.sign_up("boss")
    client.post("/sign-in/boss")
    assert "<!-- grc" not in client.get("/kept").text


def test_vary_star_is_left(mini: Any) -> None:
    assert got(mini, [Own], headers={"Vary": "*"}).headers["Vary"] == "*"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Cache-Control": "no-cache"},
        {"Cache-Control": "max-age=0, s-maxage=0"},
        {"Cache-Control": "Private, max-age=600"},
        {"Expires": "0"},
        {"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"Cache-Control": "No-Store", "Surrogate-Control": "no-store", "X-Accel-Expires": "0"},
    ],
)
def test_what_nobody_keeps_is_filled_in_place(mini: Any, headers: dict[str, str]) -> None:
    response = got(mini, [Own], headers=headers)
    assert "hello" in response.text
    assert "Surrogate-Control" not in response.headers


@pytest.mark.parametrize("headers", KEPT)
def test_no_hook_of_the_shop_leaves_a_personal_page_in_a_shared_cache(
    mini: Any, headers: dict[str, str]
) -> None:
    def also(app: Flask) -> None:
        @app.after_request
        def keep(response: Response) -> Response:
            response.headers.update(headers)
            response.headers["ETag"] = '"x"'
            return response

    response = got(mini, [Own], also=also)
    assert "hello" in response.text
    assert response.headers["Cache-Control"] == "private, no-cache"
    for name in {"ETag", *headers} - {"Cache-Control"}:
        assert name not in response.headers


class Recognises(Plugin):
    """Count visits of those who agreed."""

    name = "recognises"

    @hookimpl(needs=Purpose.ANALYTICS)
    def on_visit(self, visit: Any, event: Any) -> None:
        pass

    @hookimpl
    def consents(self, subject: Any) -> Purpose:
        return Purpose.ANALYTICS


def test_a_new_visitors_cookie_is_for_one_browser(mini: Any) -> None:
    def before(app: Flask) -> None:
        @app.after_request
        def keep(response: Response) -> Response:
            response.headers["Cache-Control"] = "public, max-age=300"
            return response

    client = mini.make_app([Recognises], before=before).test_client()
    response = client.get("/product/1", headers={"User-Agent": "Mozilla/5.0"})
    assert "grc_visitor" in response.headers["Set-Cookie"]
    assert response.headers["Cache-Control"] == "private, no-cache"


def test_the_shops_own_response_is_never_changed(mini: Any) -> None:
    closed: list[int] = []
    page = Response(DOCUMENT % MARK, headers={"ETag": '"x"'})
    page.call_on_close(lambda: closed.append(1))
    before = list(page.headers), page.get_data()

    def add(app: Flask) -> None:
        app.add_url_rule("/page", "page_", lambda: page)

    app = mini.make_app([Own, Recognises], after=add)
    mini.sign_up("ann")
    client = app.test_client()
    client.post("/sign-in/ann")
    with client.get("/page") as response:
        assert "hello Ann" in response.text
    assert closed == [1], "what the shop wants done at the end is done once"
    assert (list(page.headers), page.get_data()) == before
    assert "hello stranger" in app.test_client().get("/page").text
    assert (list(page.headers), page.get_data()) == before


def test_a_token_of_the_address_stays_out_of_what_is_kept(mini: Any) -> None:
    page = MARK + '<grc-slot name="order.details" data-token="the page\'s own"></grc-slot>'

    class Details(Own):
        """Show an order."""

        name = "details"

        @widget("order.details")
        def order(self, page: Page) -> str:
            return "x"

    got(mini, [Own, Details], page, headers={"Cache-Control": "public"})
    text = mini.apps[-1].test_client().get("/page?grc_order=secret").text
    assert "data-grc-fetch" in text
    assert "secret" not in text
    assert 'data-token="the page&#39;s own"' in text
