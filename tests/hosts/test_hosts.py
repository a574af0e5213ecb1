"""Eight shops that were not made for GRC stay what they were: pages, headers, routes, code.

What happens in them is in `test_hosts_events.py`, what fails or attacks in
`test_hosts_failures.py`, what is kept in caches in `test_hosts_caches.py`, and how old an
environment may be in `tests/slow/test_floor.py`. `PROMISES` says which test holds which promise.
"""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect
from sqlalchemy import text

from grc_core import Plugin
from grc_core import route

from .embedding import ADAPTER
from .embedding import APPS
from .embedding import HERE
from .embedding import Answer
from .embedding import take_out

every_host = pytest.mark.parametrize("name", APPS)
#: A page of each shop with a product's widgets below it, and its path for a browser.
PRODUCTS = {
    "factory": "/product/1",
    "onefile": "/productDescription?productId=1",
    "documents": "/flowers/roses/red",
    "cookie_cart": "/kenya",
    "static_files": "/desk-lamp",
    "mounted": "/book/978-1",
    "rewriting": "/tea/1",
}

#: What an embedding framework promises a shop that its authors never saw, and what shows it.
PROMISES = {
    "1 installs beside the shop's pins": (
        "test_grc_installs_and_works_beside_packages_of_any_allowed_age",
    ),
    "2 same statuses, same HTML": ("test_statuses_and_bytes_are_those_of_the_shop_without_grc",),
    "3 databases apart, models named Order, User, Product": (
        "test_models_of_the_same_names_are_none_of_each_other_s_business",
        "test_a_half_done_change_of_the_shop_is_not_committed_by_grc",
    ),
    "4 rolled back is none, a 500 after the commit is one": (
        "test_an_order_that_was_rolled_back_is_none_and_one_before_an_error_is_one",
        "test_an_order_in_the_shop_s_own_transaction_is_there_only_if_it_commits",
    ),
    "5 the same order twice is one": ("test_the_same_order_told_twice_is_one_event",),
    "6 failed and repeated sign-ups are none": (
        "test_a_sign_up_that_failed_or_came_twice_is_not_told",
    ),
    "7 an adapter that raises, gives nothing or is slow": (
        "test_pages_are_the_shop_s_own_whatever_its_adapter_does",
        "test_a_slow_source_is_asked_after_the_answer_and_not_before",
    ),
    "8 a plugin that raises": ("test_a_plugin_that_fails_fails_alone",),
    "9 CSRF on and off": (
        "test_pages_of_grc_are_let_through_a_global_csrf_check_and_do_their_own",
    ),
    "10 a strict policy": (
        "test_a_strict_policy_below_a_prefix_behind_a_proxy_allows_what_grc_adds",
    ),
    "11 no cookie, no Vary": (
        "test_an_anonymous_page_and_a_file_get_no_cookie_and_no_vary",
        "test_headers_are_those_of_the_shop_without_grc",
    ),
    "12 another prefix, below a path": (
        "test_a_strict_policy_below_a_prefix_behind_a_proxy_allows_what_grc_adds",
    ),
    "13 routes that catch all": ("test_pages_of_grc_are_found_beside_a_route_that_catches_all",),
    "14 gzip, streams, 304, HEAD, JSON": (
        "test_compressed_streamed_and_unchanged_answers_are_left_alone",
        "test_an_unchanged_page_is_answered_with_304_as_without_grc",
    ),
    "15 two apps in one process": ("test_a_factory_may_make_several_apps_in_one_process",),
    "16 ids and money of any type": (
        "test_ids_are_text_and_money_is_exact_whatever_the_shop_has",
        "test_any_type_of_id_and_of_money_is_made_exact",
    ),
    "17 the cart of before signing in": (
        "test_what_was_in_the_cart_before_signing_in_is_in_it_after",
    ),
    "18 a stated id gets nothing personal": (
        "test_an_identity_that_anybody_may_state_gets_nothing_personal",
    ),
    "19 the shop's own migrations": ("test_the_shop_s_own_migrations_pass_over_grc_s_tables",),
    "20 four workers on SQLite": ("test_four_workers_on_one_sqlite_file_lose_and_double_nothing",),
    "21 no query on pages without widgets": (
        "test_a_page_without_widgets_costs_no_query_and_no_call",
    ),
    "22 taken out": (
        "test_grc_is_two_lines_of_the_app_and_no_view_and_no_template",
        "test_a_shop_works_without_grc_and_its_tables_can_be_dropped",
        "test_tables_in_a_shared_database_can_be_dropped",
    ),
}


def test_each_promise_is_held_by_a_test() -> None:
    files = [*HERE.glob("test_*.py"), HERE.parent / "slow" / "test_floor.py"]
    there = set(re.findall(r"^def (test_\w+)", "".join(map(Path.read_text, files)), re.M))
    assert {name for names in PROMISES.values() for name in names} <= there
    assert [key.split()[0] for key in PROMISES] == [str(n) for n in range(1, 23)]


@every_host
def test_statuses_and_bytes_are_those_of_the_shop_without_grc(walked: Any, name: str) -> None:
    ours, theirs = walked(name).answers, walked(name, grc=False).answers
    assert [(item.step, item.status) for item in ours] == [
        (item.step, item.status) for item in theirs
    ]
    for one, other in zip(ours, theirs, strict=True):
        assert one.without_ours == other.without_ours, one.step


@every_host
def test_headers_are_those_of_the_shop_without_grc(walked: Any, name: str) -> None:
    pairs = zip(walked(name).answers, walked(name, grc=False).answers, strict=True)
    for one, other in pairs:
        added = {key for key in one.headers if one.headers.get(key) != other.headers.get(key)}
        added |= set(other.headers) - set(one.headers)
        assert added <= _may_differ(one), one.step


def _may_differ(answer: Answer) -> set[str]:
    """Return the headers that GRC may change: of pages with widgets, and of placed orders."""
    if b"grc-slot" in answer.body:
        return {"Content-Length", "Cache-Control", "Vary", "ETag", "Set-Cookie"}
    placed = answer.status in (302, 303) and answer.step.startswith("POST")
    return {"Set-Cookie", "Vary", "Cache-Control"} if placed else set()


@every_host
def test_an_anonymous_page_and_a_file_get_no_cookie_and_no_vary(walked: Any, name: str) -> None:
    for path in ("/", "/static/none.css"):
        ours, theirs = (walked(name, grc=on).host.browser().get(path) for on in (True, False))
        for header in ("Set-Cookie", "Vary", "Cache-Control"):
            assert ours.header(header) == theirs.header(header), path


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_s_page_shows_widgets_where_the_adapter_says(walked: Any, name: str) -> None:
    path = PRODUCTS[name]
    pages = [item for item in walked(name).answers if item.step == f"GET {path}"]
    shown = [item for item in pages if item.status == 200]
    assert shown
    for item in shown:
        assert "data-grc-slot" in item.text
        assert item.header("Cache-Control") == "private, no-cache"


@pytest.mark.parametrize("name", ["factory", "onefile", "rewriting"])
def test_pages_of_grc_are_let_through_a_global_csrf_check_and_do_their_own(
    hosts: Any, name: str
) -> None:
    class Consent(Plugin):
        name = "consent"

        @route("/choose", methods=("POST",))
        def choose(self) -> str:
            return "chosen"

    visitor = hosts(name, Consent).browser()
    own, other = ({"Sec-Fetch-Site": site} for site in ("same-origin", "cross-site"))
    assert visitor.post("/grc/consent/choose", headers=own).status == 200
    assert visitor.post("/grc/consent/choose", headers=other).status == 403
    if name == "factory":
        assert visitor.post("/log-in", {"email": "ann@example.com"}).status == 400


def test_a_strict_policy_below_a_prefix_behind_a_proxy_allows_what_grc_adds(walked: Any) -> None:
    pages = [item for item in walked("mounted").answers if b"data-grc-slot" in item.body]
    assert pages
    for page in pages:
        assert "default-src 'none'" in page.header("Content-Security-Policy")
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page.text)
        links = re.findall(r'<(?:link|script)[^>]*(?:href|src)="([^"]*grc[^"]*)"', page.text)
        assert links
        assert all(link.startswith("/shop/relations/static/") for link in links)
    found = walked("mounted").host.browser().get(links[0].removeprefix("/shop"))
    assert found.status == 200


@pytest.mark.parametrize("name", ["cookie_cart", "static_files"])
def test_pages_of_grc_are_found_beside_a_route_that_catches_all(hosts: Any, name: str) -> None:
    class Terms(Plugin):
        name = "terms"

        @route("/")
        def terms(self) -> str:
            return "the terms"

    visitor = hosts(name, Terms).browser()
    assert visitor.get("/grc/terms/").text == "the terms"
    assert visitor.get("/grc-leaflet").status == 404
    assert "data-grc" not in visitor.get("/grc-leaflet").text
    assert visitor.get(PRODUCTS[name]).status == 200


def test_compressed_streamed_and_unchanged_answers_are_left_alone(walked: Any) -> None:
    answers = {item.step: item for item in walked("rewriting").answers}
    assert answers["GET /feed"].body == b"<p>Darjeeling</p>\n<p>Oolong</p>\n"
    visitor = walked("rewriting").host.browser()
    page = visitor.get("/tea/1", Accept_Encoding="gzip")
    assert page.header("Content-Encoding") == "gzip"
    assert "data-grc-slot" in page.text
    assert visitor.get("/", If_None_Match=visitor.get("/").header("ETag")).status in (200, 304)
    for name, path in (("rewriting", "/tea/1"), ("json_api", "/api/products")):
        theirs, ours = (
            walked(name, grc=on).host.browser()._send("HEAD", path) for on in (False, True)
        )
        assert (ours.status, ours.body) == (theirs.status, theirs.body)
    for item in walked("json_api").answers:
        assert b"grc" not in item.body


def test_an_unchanged_page_is_answered_with_304_as_without_grc(walked: Any) -> None:
    statuses = [
        [item.status for item in walked("rewriting", grc=on).answers if item.step == "GET /"]
        for on in (True, False)
    ]
    assert statuses[0] == statuses[1]
    assert 304 in statuses[0]


def test_a_factory_may_make_several_apps_in_one_process(hosts: Any) -> None:
    host = hosts("factory")
    module = __import__(host.module)
    second = module.create_app(SQLALCHEMY_DATABASE_URI="sqlite:///second.db")
    assert isinstance(second, Flask)
    for app in (host.app, second, host.app):
        assert app.test_client().get("/product/1").status_code == 200
    assert second.extensions["grc"] is not host.runtime
    second.extensions["grc"].close()


@every_host
def test_the_check_finds_nothing_wrong_with_any_part_of_the_adapter(walked: Any, name: str) -> None:
    result = walked(name).host.app.test_cli_runner().invoke(args=["grc", "check", "--json"])
    found = json.loads(result.stdout)
    parts = {part["name"]: part["failures"] for part in found["parts"] if part["failures"]}
    assert parts == {}
    errors = [item["about"] for item in found["findings"] if item["level"] == "error"]
    assert errors == (["SECRET_KEY"] if name == "json_api" else [])  # it has no session
    assert not [text for part in found["parts"] for text in part["warnings"] if "N+1" in text]


@every_host
def test_grc_is_two_lines_of_the_app_and_no_view_and_no_template(tmp_path: Any, name: str) -> None:
    copy = tmp_path / name
    shutil.copytree(HERE / name, copy)
    removed = take_out(copy)
    assert len(removed) == 2
    assert sorted(line.split()[0] for line in removed) == ["from", "grc.init_app(app)"]
    assert not [path for path in copy.rglob("*.html") if "grc" in path.read_text()]


@every_host
def test_an_adapter_has_as_many_lines_as_the_documentation_says(name: str) -> None:
    lines = (HERE / name / ADAPTER).read_text().splitlines()
    ours = [line for line in lines if line and not line.startswith(("from ", "import "))]
    text = (HERE.parent.parent / "docs" / "hosts.md").read_text()
    assert re.search(rf"\| `{name}` \| 2 \| {len(ours)} \|", text)


@pytest.mark.parametrize("name", ["factory", "cookie_cart", "rewriting"])
def test_a_shop_works_without_grc_and_its_tables_can_be_dropped(walked: Any, name: str) -> None:
    without = walked(name, grc=False).host
    assert "grc" not in without.app.extensions
    assert without.browser().get(PRODUCTS[name]).status == 200
    host = walked(name).host
    with host.app.app_context():
        assert host.runtime.database.engine.url.database.endswith("grc.sqlite3")


def test_tables_in_a_shared_database_can_be_dropped(hosts: Any) -> None:
    host = hosts("factory", shared="shop.engine")
    with host.app.app_context():
        engine = host.runtime.database.engine
        tables = [item for item in inspect(engine).get_table_names() if item.startswith("grc_")]
        assert len(tables) > 10
        with engine.begin() as connection:
            connection.execute(text("PRAGMA foreign_keys=OFF"))
            for table in tables:
                connection.execute(text(f'DROP TABLE "{table}"'))
    assert host.browser().get("/product/1").status == 200
