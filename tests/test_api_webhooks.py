"""Webhooks managed through the API."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from grc_core.access.webhooks import MOST_WEBHOOKS

API = "/grc/api/v1"


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app()
    return made


@pytest.fixture
def call(app: Flask) -> Any:
    _, key = app.extensions["grc"].keys.create("test", ["webhooks:manage"])

    def send(method: str, path: str, body: Any = None, **more: str) -> Any:
        headers = {"Authorization": f"Bearer {key}", **more}
        options = {"json": body} if body is not None else {}
        return app.test_client().open(API + path, method=method, headers=headers, **options)

    return send


def add(call: Any, **changes: Any) -> Any:
    body = {"url": "https://erp.example/hook", "events": ["order"], **changes}
    return call("POST", "/webhooks", body)


def test_a_webhook_is_added_listed_changed_and_removed(call: Any) -> None:
    made = add(call, description="the ERP")
    assert made.status_code == 201
    key = made.json["key"]
    assert key.startswith("whsec_")
    path = f"/webhooks/{made.json['id']}"
    assert made.headers["Location"] == API + path
    listed = call("GET", "/webhooks").json["data"]
    assert [item["url"] for item in listed] == ["https://erp.example/hook"]
    assert key not in call("GET", path).text
    changed = call("PATCH", path, {"events": ["refund", "order"], "paused": True})
    assert (changed.json["events"], changed.json["paused"]) == (["order", "refund"], True)
    assert call("PATCH", path, {"paused": False}).json["paused"] is False
    rotated = call("POST", f"{path}/rotate")
    assert rotated.json["key"] not in ("", key)
    assert call("GET", f"{path}/attempts").json == {"data": [], "next": None}
    gone = call("DELETE", path)
    assert (gone.status_code, gone.text) == (204, "")
    for method in ("GET", "DELETE"):
        assert call(method, path).status_code == 404


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(
    "change",
    [{"url": "http://erp.example/"}, {"url": "https://u:p@erp.example/"}, {"url": "ftp://x/"},
     {"url": "https://"}, {"url": "https://x/#y"}, {"url": "https://x/\r\nHost: y"},
     {"events": []}, {"events": ["orders"]}, {"events": "order"}, {"description": "x" * 201},
     {"secret": "mine"}, {"url": "https://[::1"}, {"url": "https://x:99999/"}],
)  # fmt: skip
def test_a_webhook_that_makes_no_sense_is_refused(call: Any, change: dict[str, Any]) -> None:
    assert add(call, **change).status_code == 422
    assert call("GET", "/webhooks").json["data"] == []


def test_the_key_is_not_given_again_to_a_repetition(app: Flask, call: Any) -> None:
    body = {"url": "https://erp.example/", "events": ["order"]}
    chosen = {"Idempotency-Key": "1"}
    first = call("POST", "/webhooks", body, **chosen)
    again = call("POST", "/webhooks", body, **chosen)
    assert again.json == {name: first.json[name] for name in first.json if name != "key"}
    with app.extensions["grc"].database.read() as connection:
        kept = connection.execute(text("SELECT body FROM grc_core__answered")).scalar()
    assert first.json["key"] not in str(kept)


@pytest.mark.slow
@pytest.mark.grc_databases("sqlite")
def test_there_is_an_end_to_webhooks(call: Any) -> None:
    statuses = [add(call).status_code for _ in range(MOST_WEBHOOKS + 1)]
    assert statuses == [201] * MOST_WEBHOOKS + [422]


@pytest.mark.grc_databases("sqlite")
def test_without_a_secret_key_nothing_is_signed_and_so_nothing_added(mini: Any) -> None:
    app = mini.make_app(SECRET_KEY=None)
    _, key = app.extensions["grc"].keys.create("test", ["webhooks:manage"])
    body = {"url": "https://erp.example/", "events": ["order"]}
    headers = {"Authorization": f"Bearer {key}"}
    refused = app.test_client().post(f"{API}/webhooks", json=body, headers=headers)
    assert refused.status_code == 422
    assert "SECRET_KEY" in refused.json["detail"]
