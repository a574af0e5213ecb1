"""What filling does to a response, and what it leaves alone."""

import gzip
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask import Response
from flask import jsonify
from flask import request
from markupsafe import Markup

from grc_core import Page
from grc_core import Plugin
from grc_core import widget

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

MARK = '<grc-slot name="home.main"></grc-slot>'
DOCUMENT = (
    '<!doctype html><html lang="fr"><head><title>t</title></head>'
    "<body><main>%s</main></body></html>"
)


class Everywhere(Plugin):
    """Show something in several slots."""

    name = "every"

    @widget("home.main", "help.main", "site.top", "site.bottom", "product.below", "order.thanks")
    def it(self, page: Page) -> Markup:
        return Markup("<p>[%s %s]</p>") % (page.slot, page.locale)


class OnlyMain(Plugin):
    """Show something in one slot."""

    name = "main"

    @widget("home.main")
    def it(self, page: Page) -> Markup:
        return Markup("<p>[été]</p>")


Reply = Callable[[], Any]


def app_with(mini: Any, reply: Reply, kind: type[Plugin] = OnlyMain, **config: Any) -> Flask:
    """Return an app whose page `/page` answers what a test wants."""
    after = config.pop("also", lambda app: None)

    def add(app: Flask) -> None:
        app.add_url_rule("/page", "page", reply, methods=["GET", "POST"])
        after(app)

    app: Flask = mini.make_app([kind], after=add, **config)
    return app


def got(mini: Any, reply: Reply, kind: type[Plugin] = OnlyMain, **config: Any) -> Any:
    return app_with(mini, reply, kind, **config).test_client().get("/page")


def test_a_marker_is_filled_in_place(mini: Any) -> None:
    response = got(mini, lambda: DOCUMENT % f"<i>1</i>{MARK}<i>2</i>")
    assert "<i>1</i><div" in response.text
    assert "<p>[été]</p></div></div><i>2</i>" in response.text
    assert response.content_length == len(response.data)


def test_a_page_without_slots_keeps_every_byte_and_header(mini: Any) -> None:
    page = DOCUMENT % "nothing"
    response = got(mini, lambda: Response(page, headers={"ETag": '"x"', "Vary": "Accept"}))
    assert response.text == page
    assert dict(response.headers) == {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(page)),
        "ETag": '"x"',
        "Vary": "Accept",
    }
    assert not {"customer", "cart"} & set(mini.calls)


def test_an_empty_slot_leaves_nothing_behind(mini: Any) -> None:
    response = got(mini, lambda: DOCUMENT % '<grc-slot name="help.main">later</grc-slot>')
    assert response.text == DOCUMENT % ""
    assert "Vary" not in response.headers
    assert "Cache-Control" not in response.headers


def test_an_unknown_slot_is_removed_and_named_once(mini: Any, caplog: Any) -> None:
    client = app_with(mini, lambda: DOCUMENT % '<grc-slot name="home.mian"></grc-slot>')
    for _ in range(3):
        assert client.test_client().get("/page").text == DOCUMENT % ""
    found = [item for item in caplog.records if "home.mian" in item.getMessage()]
    assert len(found) == 1
    assert "did you mean 'home.main'?" in found[0].getMessage()


def test_site_slots_are_added_to_every_whole_page(mini: Any) -> None:
    text = got(mini, lambda: DOCUMENT % "x", Everywhere).text
    assert '<body><div class="grc-slot" data-grc-slot="site.top">' in text
    assert "[site.bottom fr]</p></div></div></body>" in text


def test_site_slots_are_added_to_error_pages_too(mini: Any) -> None:
    assert "[site.top" in got(mini, lambda: (DOCUMENT % "gone", 404), Everywhere).text


def test_site_slots_can_be_turned_off(mini: Any) -> None:
    page = DOCUMENT % "x"
    assert got(mini, lambda: page, Everywhere, GRC_AUTO_INJECT=False).text == page


def test_a_marker_takes_the_place_of_the_automatic_slot(mini: Any) -> None:
    page = DOCUMENT % '<grc-slot name="site.top"></grc-slot>'
    text = got(mini, lambda: page, Everywhere).text
    assert text.count("[site.top fr]") == 1
    assert "<main><div" in text


def test_a_fragment_is_filled_but_gets_no_site_slots_and_no_links(mini: Any) -> None:
    text = got(mini, lambda: f"<section>{MARK}</section>", Everywhere).text
    assert "[home.main" in text
    assert "site.top" not in text
    assert "<link" not in text


@pytest.mark.parametrize("selector", ["main", "#content"])
def test_the_shop_places_a_slot_without_a_template(mini: Any, selector: str) -> None:
    mini.shop.place("help.main", endpoints="page", selector=selector, where="after")
    page = DOCUMENT.replace("<main>", '<main id="content">') % "x"
    text = got(mini, lambda: page, Everywhere).text
    assert '</main><div class="grc-slot" data-grc-slot="help.main">' in text


def test_a_placement_without_its_element_is_passed_over(mini: Any) -> None:
    mini.shop.place("help.main", endpoints="page", selector="#absent")
    assert "help.main" not in got(mini, lambda: DOCUMENT % "x", Everywhere).text


def test_a_placement_finds_its_product(mini: Any) -> None:
    class Names(Plugin):
        """Name the product."""

        name = "names"

        @widget("product.details")
        def it(self, page: Page) -> str:
            return page.product.name if page.product else "unknown"

    mini.shop.place("product.details", endpoints="page", selector="main", product="p")
    mini.shop.place("product.details", endpoints="page", selector="main", product=lambda: 1 / 0)
    client = app_with(mini, lambda: DOCUMENT % "x", Names).test_client()
    text = client.get("/page?p=2").text
    assert ">Tent<" in text
    assert ">unknown<" in text


def test_products_of_a_page_are_read_together_and_once(mini: Any) -> None:
    class Names(Plugin):
        """Name the product."""

        name = "names"

        @widget("home.main")
        def it(self, page: Page) -> str:
            return page.product.name

    page = "".join(f'<grc-slot name="home.main" data-product="{id}"></grc-slot>' for id in "1212")
    text = got(mini, lambda: DOCUMENT % page, Names).text
    assert text.count("Golf ball") == 2
    assert mini.calls.count("products") == 1


def stream() -> Iterator[str]:
    yield DOCUMENT % MARK


@pytest.mark.parametrize(
    "reply",
    [
        lambda: Response(stream(), mimetype="text/html"),
        lambda: Response(
            gzip.compress((DOCUMENT % MARK).encode()),
            mimetype="text/html",
            headers={"Content-Encoding": "gzip"},
        ),
        lambda: jsonify(html=DOCUMENT % MARK),
        lambda: Response(DOCUMENT % MARK, mimetype="text/plain"),
        lambda: Response(DOCUMENT % MARK, mimetype="application/xhtml+xml"),
        lambda: Response(DOCUMENT % MARK, 302, {"Location": "/"}, mimetype="text/html"),
        lambda: Response(DOCUMENT % MARK, 206, {"Content-Range": "x"}, mimetype="text/html"),
        lambda: Response(
            (DOCUMENT % MARK).encode("utf-16"), content_type="text/html; charset=utf-16"
        ),
        lambda: Response(DOCUMENT % MARK, content_type="text/html; charset=nonsense"),
        lambda: Response(b"", 204),
        lambda: Response(b"", mimetype="text/html"),
    ],
    ids=[
        *("stream", "gzip", "json", "plain", "xhtml", "redirect"),
        *("range", "utf16", "nonsense", "nothing", "empty"),
    ],
)
def test_other_responses_are_left_alone(mini: Any, reply: Reply) -> None:
    def bare(app: Flask) -> None:
        app.add_url_rule("/bare", "bare", reply)

    client = app_with(mini, reply, Everywhere, GRC_AUTO_INJECT=False, also=bare).test_client()
    response = client.get("/page")
    expected = reply_of(reply)
    assert response.data == expected.get_data()
    assert "Vary" not in response.headers
    assert "Cache-Control" not in response.headers


def reply_of(reply: Reply) -> Response:
    with Flask("x").test_request_context():
        made: Response = reply()
        return made


def test_a_head_request_is_left_alone(mini: Any) -> None:
    response = app_with(mini, lambda: DOCUMENT % MARK).test_client().head("/page")
    assert "Vary" not in response.headers
    assert not {"customer", "cart"} & set(mini.calls)


def test_a_not_modified_answer_stays_one(mini: Any) -> None:
    def reply() -> Any:
        response = Response(DOCUMENT % "no slots here")
        response.add_etag()
        return response.make_conditional(request)

    client = app_with(mini, reply, Everywhere, GRC_AUTO_INJECT=False).test_client()
    tag = client.get("/page").headers["ETag"]
    again = client.get("/page", headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.headers["ETag"] == tag


def test_a_hosts_etag_made_after_the_view_covers_what_was_filled(mini: Any) -> None:
    def also(app: Flask) -> None:
        @app.after_request
        def conditional(response: Response) -> Response:
            response.add_etag()
            return response.make_conditional(request)  # type: ignore[return-value]

    client = app_with(mini, lambda: DOCUMENT % MARK, also=also).test_client()
    first = client.get("/page")
    assert client.get("/page", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "us-ascii", "UTF-8"])
def test_a_page_in_another_encoding_stays_in_it(mini: Any, charset: str) -> None:
    def reply() -> Response:
        page = (DOCUMENT % f"h{MARK}").encode(charset)
        return Response(page, content_type=f"text/html; charset={charset}")

    response = got(mini, reply)
    text = response.data.decode(charset)
    assert ("[&#233;t&#233;]" if charset == "us-ascii" else "[été]") in text


def test_a_large_page_gets_only_what_was_placed_explicitly(mini: Any) -> None:
    mini.shop.place("help.main", endpoints="page", selector="main", where="start")
    text = got(mini, lambda: DOCUMENT % (MARK + "x" * 200_001), Everywhere).text
    assert "[home.main" in text
    assert "[help.main" in text
    assert "site.top" not in text


def test_lines_that_end_in_cr_lf_stay_so(mini: Any) -> None:
    text = got(mini, lambda: DOCUMENT % f"a\r\n{MARK}\r\nb").text
    assert "a\r\n<div" in text
    assert "</div>\r\nb" in text


def test_the_style_is_linked_where_something_shows_and_no_script_for_nothing(mini: Any) -> None:
    text = got(mini, lambda: DOCUMENT % MARK).text
    assert text.count("<link") == 1
    assert text.index("<link") < text.index("</head>")
    assert "<script" not in text
    assert "<style" not in text
    assert "style=" not in text


def test_a_page_without_a_head_gets_its_style_before_the_first_widget(mini: Any) -> None:
    text = got(mini, lambda: f"<!doctype html><h1>x</h1>{MARK}").text
    assert text.startswith('<!doctype html><h1>x</h1><link rel="stylesheet"')


def test_the_script_is_added_for_a_plugin_that_has_one(mini: Any) -> None:
    class Scripted(OnlyMain):
        """Bring a script."""

        name = "scripted"
        scripts = ("absent.js",)

    text = got(mini, lambda: DOCUMENT % MARK, Scripted).text
    assert text.index("<script") < text.index("</body>")
    assert "defer" in text


def test_a_nonce_of_the_policy_is_copied(mini: Any) -> None:
    class Scripted(OnlyMain):
        """Bring a script."""

        name = "scripted"
        scripts = ("absent.js",)

    policy = "default-src 'self'; script-src 'self' 'nonce-S1=='; style-src 'nonce-S2'"
    headers = {"Content-Security-Policy": policy}
    text = got(mini, lambda: Response(DOCUMENT % MARK, headers=headers), Scripted).text
    assert 'defer nonce="S1=="></script>' in text
    assert 'nonce="S2">' in text
    assert text.count("nonce=") == 2


def test_a_nonce_of_the_request_is_copied(mini: Any) -> None:
    def reply() -> str:
        request.csp_nonce = "abc"  # type: ignore[attr-defined]
        return DOCUMENT % MARK

    assert 'grc.css" nonce="abc">' in got(mini, reply).text


def test_an_error_of_our_own_leaves_the_page_as_it_was(mini: Any, caplog: Any) -> None:
    app = app_with(mini, lambda: DOCUMENT % MARK)
    app.extensions["grc"].filler.positions.of = lambda *_: 1 / 0
    response = app.test_client().get("/page")
    assert response.text == DOCUMENT % MARK
    assert "Vary" not in response.headers
    assert "not filled" in caplog.text


def test_a_slot_inside_a_slot_that_is_replaced_is_dropped(mini: Any) -> None:
    mini.shop.place("help.main", endpoints="page", selector="#inner", where="start")
    page = DOCUMENT % '<grc-slot name="home.main"><b id="inner">x</b></grc-slot>'
    text = got(mini, lambda: page, Everywhere).text
    assert "[home.main fr]" in text
    assert "help.main" not in text


def test_a_name_with_markup_in_it_cannot_break_out(mini: Any) -> None:
    page = DOCUMENT % '<grc-slot name="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"></grc-slot>'
    assert "<script" not in got(mini, lambda: page).text


def test_an_unclosed_body_gets_its_bottom_slot_at_the_end(mini: Any) -> None:
    assert got(mini, lambda: "<html><body>x", Everywhere).text.endswith("fr]</p></div></div>") or (
        got(mini, lambda: "<html><body>x", Everywhere).text.endswith("</div></div>")
    )


def test_a_page_below_a_script_name_links_below_it(mini: Any) -> None:
    client = app_with(mini, lambda: DOCUMENT % MARK).test_client()
    text = client.get("/page", base_url="http://localhost/shop").text
    assert 'href="/shop/grc/static/' in text
    assert 'href="/grc/static/' in client.get("/page").text


def test_two_apps_in_one_process_fill_their_own_pages(mini: Any) -> None:
    first = app_with(mini, lambda: DOCUMENT % MARK, OnlyMain)
    second = app_with(mini, lambda: DOCUMENT % MARK, Everywhere)
    assert "main.it" in first.test_client().get("/page").text
    text = second.test_client().get("/page").text
    assert "every.it" in text
    assert "main.it" not in text
