"""`GET /grc/slots`: what pages that are kept for everybody leave to be fetched."""

import re
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import quote

import pytest
from flask import Flask

from grc_core import Page
from grc_core import Plugin
from grc_core import widget
from grc_core.slots.proof import sign_order
from grc_core.slots.spots import Spot
from grc_core.slots.timing import Breaker

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


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
    return app.test_client().get(f"/grc/slots?{sealed(app, query)}", headers=headers)


def sealed(app: Flask, query: str) -> str:
    """Add to each slot of a query the seal that its marker would carry."""
    pieces = re.split(r"(?:^|&)(?=slot=)", query)
    for index, piece in enumerate(pieces):
        if piece.startswith("slot="):
            about = dict(parse_qsl(piece))
            spot = Spot(about.get("slot", ""), 0, 0, about.get("product"), about.get("order"))
            pieces[index] = f"{piece}&seal={app.extensions['grc'].filler.seals.of(spot)}"
    return "&".join(filter(None, pieces))


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
    for id in (order.id, "no such order"):
        found = answer(mini, f"slot=order.thanks&order={quote(id)}").json["slots"]
        assert found == [{"name": "order.thanks", "html": ""}]


def test_a_token_of_the_pages_address_shows_its_order(mini: Any) -> None:
    app = mini.make_app([Greets])
    token = sign_order(app, mini.place("ann", id="77").id)
    query = f"token={token}&slot=order.thanks&order=77&slot=home.main"
    first, second = answer(mini, query).json["slots"]
    assert "[order.thanks - 77 " in first["html"]
    assert "[home.main - 77 " in second["html"]


def test_only_what_the_shop_marked_is_served(mini: Any) -> None:
    client = mini.make_app([Greets]).test_client()
    other = sealed(mini.apps[-1], "slot=product.below&product=2").rpartition("=")[2]
    for seal in ("", "&seal=x", "&seal=%C3%A9", f"&seal={other}"):
        response = client.get(f"/grc/slots?slot=product.below&product=1{seal}&slot=home.main")
        assert [slot["html"] for slot in response.json["slots"]] == ["", ""], seal


def test_without_a_key_only_slots_about_nothing_are_served(mini: Any) -> None:
    client = mini.make_app([Greets], SECRET_KEY=None).test_client()
    query = "slot=home.main&slot=product.below&product=1"
    first, second = client.get(f"/grc/slots?{query}").json["slots"]
    assert "[home.main" in first["html"]
    assert second["html"] == ""


def test_a_slot_that_is_asked_for_twice_is_made_once(mini: Any) -> None:
    made: list[str] = []

    class Counts(Greets):
        """Count."""

        name = "counts"

        @widget("home.main")
        def it(self, page: Page) -> str:
            made.append(page.slot)
            return "x"

    mini.make_app([Counts])
    slots = answer(mini, "&".join(["slot=home.main"] * 5)).json["slots"]
    assert len({slot["html"] for slot in slots}) == 1
    assert len(slots) == 5
    assert made == ["home.main"]


def test_one_request_is_about_four_orders_at_most(mini: Any) -> None:
    mini.make_app([Greets])
    mini.calls.clear()
    answer(mini, "&".join(f"slot=home.main&order={number}" for number in range(20)))
    assert mini.calls.count("orders") == 4


def test_what_is_not_there_cannot_pause_a_widget(mini: Any) -> None:
    class Trusts(Plugin):
        """Rely on a product."""

        name = "trusts"

        @widget("product.below")
        def it(self, page: Page) -> str:
            return f"about {page.product.name}"

    client = mini.make_app([Trusts]).test_client()
    groups = "&".join(["slot=product.below&product=gone", "slot=product.below"] * 4)
    for _ in range(Breaker.FAILURES + 1):
        answer(mini, groups)
    assert "about Golf ball" in client.get("/product/1").text, "its breaker is another"


def test_a_sniffing_browser_takes_it_for_no_page(mini: Any) -> None:
    for query in ("slot=home.main", "slot="):
        assert answer(mini, query).headers["X-Content-Type-Options"] == "nosniff"


def test_a_flood_from_one_address_is_stopped(mini: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grc_core.http.blueprint.SLOTS_LIMIT", "2/minute")
    assert [answer(mini, "slot=home.main").status_code for _ in range(3)] == [200, 200, 429]


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
        "slots=x&slot=home.main",
        "slot=home.main&slots=x",
        "product=1&slot=home.main",
        "slot=home.main&path=" + "/" * 2001,
        "slot=home.main&lang=" + quote("fr'>"),
        "&".join(["slot=home.main"] * 33),
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
    query = f"path=/{bad}&slot=home.main&slot=home.main&product={bad}&order={bad}&token={bad}"
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
    query = "/grc/slots?" + sealed(mini.apps[-1], "path=/sub/product/1&slot=home.main")
    text = client.get(query, base_url="http://localhost/sub").json["slots"][0]["html"]
    assert text.count(" product]") == 1


def test_a_path_of_no_page_has_no_endpoint(mini: Any) -> None:
    assert " None]" in answer(mini, "path=/nowhere&slot=home.main").json["slots"][0]["html"]
