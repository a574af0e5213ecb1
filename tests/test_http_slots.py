"""`GET /grc/slots`: what pages that are kept for everybody leave to be fetched."""

from typing import Any
from urllib.parse import quote

import pytest

from grc_core import Page
from grc_core import Plugin
from grc_core import widget


class Greets(Plugin):
    """Greet."""

    name = "greets"

    @widget("home.main", "product.below", "order.thanks")
    def it(self, page: Page) -> str:
        product = page.product.name if page.product else "-"
        order = page.order.id if page.order else "-"
        return f"[{page.slot} {product} {order} {page.locale} {page.path} {page.endpoint}]"


def answer(mini: Any, query: str, **headers: str) -> Any:
    app = mini.apps[-1] if mini.apps else mini.make_app([Greets])
    return app.test_client().get(f"/grc/slots?{query}", headers=headers)


def test_groups_begin_at_each_slot(mini: Any) -> None:
    query = (
        "path=/product/1&lang=fr&slot=product.below&product=1"
        "&slot=home.main&slot=product.below&product=2"
    )
    slots = answer(mini, query).json["slots"]
    assert [slot["name"] for slot in slots] == ["product.below", "home.main", "product.below"]
    assert "[product.below Golf ball - fr /product/1 product]" in slots[0]["html"]
    assert "[home.main - - fr" in slots[1]["html"]
    assert "Tent" in slots[2]["html"]


def test_the_answer_is_for_this_browser_only(mini: Any) -> None:
    response = answer(mini, "slot=home.main")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.content_type == "application/json"
    assert "Set-Cookie" not in response.headers


def test_an_orders_id_alone_shows_nothing(mini: Any) -> None:
    order = mini.place("ann")
    assert "[order.thanks - - " in answer(mini, f"slot=order.thanks&order={order.id}").text


def test_an_unknown_slot_is_empty(mini: Any) -> None:
    assert answer(mini, "slot=no.such").json == {"slots": [{"name": "no.such", "html": ""}]}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "path=/",
        "slot=",
        "slot=" + quote("<script>"),
        "slot=" + "a" * 81,
        "slot=home.main&product=" + "1" * 201,
        "slot=home.main&unknown=1",
        "product=1&slot=home.main",
        "slot=home.main&path=" + "/" * 2001,
        "slot=home.main&lang=" + quote("fr'>"),
        "&".join(["slot=home.main"] * 65),
    ],
)
def test_a_query_that_is_not_valid_gets_a_problem_document(mini: Any, query: str) -> None:
    response = answer(mini, query)
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.json["status"] == 422
    assert response.json["errors"]


def test_a_huge_query_is_refused_before_it_is_read(mini: Any) -> None:
    response = answer(mini, "&".join(["slot=a"] * 1000))
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


def test_hostile_values_come_back_escaped_or_not_at_all(mini: Any) -> None:
    bad = quote("<script>alert(1)</script>")
    query = f"path=/{bad}&slot=home.main&product={bad}&order={bad}&token={bad}"
    response = answer(mini, query)
    assert response.status_code == 200
    assert "<script>" not in response.json["slots"][0]["html"]


def test_an_unknown_language_is_not_spoken(mini: Any) -> None:
    assert " en " in answer(mini, "lang=xx&slot=home.main").json["slots"][0]["html"]
    assert " fr " in answer(mini, "lang=fr-CA&slot=home.main").json["slots"][0]["html"]


def test_bytes_that_are_no_text_do_no_harm(mini: Any) -> None:
    assert answer(mini, "slot=home.main&path=/%ff%fe").status_code == 200


def test_a_page_below_a_script_name_is_recognised(mini: Any) -> None:
    client = mini.make_app([Greets]).test_client()
    query = "/grc/slots?path=/sub/product/1&slot=home.main"
    text = client.get(query, base_url="http://localhost/sub").json["slots"][0]["html"]
    assert text.count(" product]") == 1


def test_a_path_of_no_page_has_no_endpoint(mini: Any) -> None:
    assert " None]" in answer(mini, "path=/nowhere&slot=home.main").json["slots"][0]["html"]
