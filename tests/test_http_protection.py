"""Unsafe requests come from the shop's own pages, or are refused."""

from typing import Any

import pytest
from flask import Flask
from flask_wtf import CSRFProtect

from grc_core import Plugin
from grc_core import route
from grc_core.http.protection import _stated

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


class Forms(Plugin):
    """Take forms."""

    name = "forms"

    @route("/save", methods=("GET", "POST", "PUT", "DELETE"))
    def save(self) -> str:
        return "saved"

    @route("/hook", methods=("POST",), csrf="signed")
    def hook(self) -> str:
        return "checked by the plugin"


SHOP = "http://localhost"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SHOP}, 403),
        ({"Origin": SHOP}, 200),
        ({"Origin": "http://LOCALHOST:80"}, 200),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://localhost"}, 403),
        ({"Origin": "http://localhost:8080"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "http://evil.example", "Referer": f"{SHOP}/cart"}, 403),
        ({"Referer": f"{SHOP}/cart"}, 200),
        ({"Referer": f"http://evil.example/{SHOP}"}, 403),
        ({"Referer": "http://localhost@evil.example/"}, 403),
        ({"Referer": "nonsense"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Origin": "http://localhost:port"}, 403),
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_who_sent_an_unsafe_request(
    mini: Any, headers: dict[str, str], status: int, method: str
) -> None:
    client = mini.make_app([Forms]).test_client()
    assert client.open("/grc/forms/save", method=method, headers=headers).status_code == status


def test_a_safe_request_may_come_from_anywhere(mini: Any) -> None:
    client = mini.make_app([Forms]).test_client()
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.get("/grc/forms/save", headers=headers).status_code == 200


def test_the_shops_configured_address_counts(mini: Any) -> None:
    client = mini.make_app([Forms], GRC_BASE_URL="https://shop.example/sub").test_client()
    for origin, status in (("https://shop.example", 200), (SHOP, 403)):
        response = client.post("/grc/forms/save", headers={"Origin": origin})
        assert response.status_code == status


def test_a_refusal_is_logged_with_what_was_expected(
    mini: Any, caplog: pytest.LogCaptureFixture
) -> None:
    client = mini.make_app([Forms]).test_client()
    caplog.set_level("INFO", "grc")
    client.post("/grc/forms/save", headers={"Origin": "https://evil.example"})
    assert caplog.messages[-1] == (
        "refused POST '/grc/forms/save' for its origin: expected 'http://localhost/', "
        "got 'Origin or Referer: https://evil.example'"
    )


def test_a_refusal_is_readable_and_leads_back(mini: Any) -> None:
    client = mini.make_app([Forms]).test_client()
    page = client.post("/grc/forms/save", environ_overrides={"SCRIPT_NAME": "/sub"}).text
    assert "refused" in page
    assert '<a href="/sub/">Back to the shop</a>' in page
    refused = client.post("/grc/forms/save", json={})
    assert refused.content_type == "application/problem+json"


def test_a_signed_route_is_left_to_its_plugin(mini: Any) -> None:
    client = mini.make_app([Forms]).test_client()
    assert client.post("/grc/forms/hook").text == "checked by the plugin"


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_hosts_csrf_protection_lets_our_checked_requests_through(mini: Any, order: str) -> None:
    def protect(app: Flask) -> None:
        CSRFProtect(app)

    client = mini.make_app([Forms], **{order: protect}).test_client()
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert client.post("/grc/forms/save", headers=headers).text == "saved"
    assert client.post("/grc/forms/save").status_code == 403
    assert client.post("/grc/forms/hook").status_code == 200
    assert client.post("/checkout").status_code == 400, "the shop's own stay protected"


def test_no_cookie_is_set_by_a_form(mini: Any) -> None:
    client = mini.make_app([Forms]).test_client()
    response = client.post("/grc/forms/save", headers={"Sec-Fetch-Site": "same-origin"})
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("base", ["nonsense.example", "localhost:5000"])
@pytest.mark.parametrize("origin", ["null", "data:", "https://evil.example"])
def test_an_address_that_is_none_lets_nobody_in(
    mini: Any, caplog: pytest.LogCaptureFixture, base: str, origin: str
) -> None:
    _stated.cache_clear()
    client = mini.make_app([Forms], GRC_BASE_URL=base).test_client()
    for _ in range(2):
        headers = {"Origin": origin}
        assert client.post("/grc/forms/save", headers=headers).status_code == 403
    assert caplog.text.count("which is no address of a site") == 1
    assert client.post("/grc/forms/save", headers={"Origin": SHOP}).status_code == 200
