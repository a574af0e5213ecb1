"""Who gets into the API, what is refused at its door, and what every answer has in common."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy import event

from grc_core.access.scopes import SCOPES
from grc_core.http.api import door
from grc_core.http.api.reading import MOST_BYTES
from grc_core.http.api.routes import operations

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")

API = "/grc/api/v1"


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app()
    return made


def key_for(app: Flask, *scopes: str, **options: Any) -> dict[str, str]:
    """Return the header of a new key, for everything unless scopes are named."""
    _, key = app.extensions["grc"].keys.create("test", scopes or [*SCOPES], **options)
    return {"Authorization": f"Bearer {key}"}


def example(rule: str) -> str:
    return API + rule.replace("<contact>", "1").replace("<webhook>", "0" * 16)


@pytest.mark.parametrize("operation", operations(), ids=lambda item: item.name)
def test_nothing_answers_without_a_key_or_its_scope(app: Flask, operation: Any) -> None:
    client, where = app.test_client(), example(operation.rule)
    refused = client.open(where, method=operation.method, json={})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert "flask grc keys create" in refused.json["detail"]
    others = [scope for scope in SCOPES if scope != operation.scope]
    lacking = client.open(where, method=operation.method, json={}, headers=key_for(app, *others))
    assert lacking.status_code == 403
    assert operation.scope in lacking.json["detail"]
    let_in = client.open(
        where, method=operation.method, json={}, headers=key_for(app, operation.scope)
    )
    assert let_in.status_code not in (401, 403, 500)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Basic dGlsbDo=", "Bearer nonsense", "Bearer grc_a_b", "grc_x", "é"],
)
def test_what_is_no_key_is_refused_with_a_problem(app: Flask, header: str) -> None:
    headers = {"Authorization": header.encode("utf-8").decode("latin-1")}
    refused = app.test_client().get(f"{API}/contacts", headers=headers)
    assert refused.status_code == 401
    assert refused.content_type == "application/problem+json"
    assert refused.headers["Cache-Control"] == "private, no-store"


def test_who_is_signed_in_at_the_shop_is_nobody_here(app: Flask, mini: Any) -> None:
    client = app.test_client()
    mini.sign_up("boss")
    client.post("/sign-in/boss")
    mini.calls.clear()
    headers = {"Sec-Fetch-Site": "same-origin"}
    assert client.get(f"{API}/contacts", headers=headers).status_code == 401
    assert client.post(f"{API}/orders", json={"id": "1"}, headers=headers).status_code == 401
    assert "customer" not in mini.calls
    assert "staff" not in mini.calls


def test_a_key_in_the_address_opens_nothing(app: Flask) -> None:
    key = key_for(app)["Authorization"].removeprefix("Bearer ")
    assert app.test_client().get(f"{API}/contacts?key={key}&token={key}").status_code == 401


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_write_with_a_key_needs_no_origin_and_no_token(mini: Any, order: str) -> None:
    def protect(app: Flask) -> None:
        CSRFProtect(app)

    app = mini.make_app(**{order: protect})
    client, headers = app.test_client(), key_for(app)
    said = client.post(
        f"{API}/contacts",
        json={"name": "Ann"},
        headers={**headers, "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert said.status_code == 201
    assert client.post("/checkout").status_code == 400, "the shop's own stay protected"


def test_expired_and_revoked_keys_are_told_so(app: Flask) -> None:
    runtime, client = app.extensions["grc"], app.test_client()
    headers = key_for(app, days=1)
    revoked = key_for(app)
    runtime.keys.revoke(runtime.keys.all()[0].id)
    later = runtime.clock() + timedelta(days=2)
    assert "revoked" in client.get(f"{API}/contacts", headers=revoked).json["detail"]
    runtime.set_clock(lambda: later)
    refused = client.get(f"{API}/contacts", headers=headers)
    assert refused.status_code == 401
    assert "expired" in refused.json["detail"]


def test_guesses_are_answered_alike_and_then_held_back(app: Flask) -> None:
    client, right = app.test_client(), key_for(app)
    id = app.extensions["grc"].keys.all()[0].id
    said = set()
    for number in range(300):
        headers = {"Authorization": f"Bearer grc_{id}_{number:043d}"}
        reply = client.get(f"{API}/contacts", headers=headers)
        said.add((reply.status_code, reply.json.get("detail")))
    assert len(said) == 2, "401, then 429"
    assert {status for status, _ in said} == {401, 429}
    assert client.get(f"{API}/contacts", headers=right).status_code == 200


def test_a_key_has_a_rate(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr(door, "PER_KEY", "3/minute")
    client, one, two = app.test_client(), key_for(app), key_for(app)
    statuses = [client.get(f"{API}/contacts", headers=one).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    limited = client.get(f"{API}/contacts", headers=one)
    assert int(limited.headers["Retry-After"]) > 0
    assert client.get(f"{API}/contacts", headers=two).status_code == 200


def test_the_last_use_is_written_after_the_answer(app: Flask) -> None:
    headers = key_for(app)
    response = app.test_client().get(f"{API}/contacts", headers=headers)
    keys = app.extensions["grc"].keys
    response.close()
    assert keys.all()[0].used_at is not None


def test_reading_takes_no_write_lock(app: Flask) -> None:
    headers, statements = key_for(app), []
    client = app.test_client()
    client.get(f"{API}/contacts", headers=headers).close()
    engine = app.extensions["grc"].database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    client.get(f"{API}/contacts", headers=headers).close()
    assert [sql for sql in statements if not sql.startswith("SELECT")] == []


# What is sent.


def post(app: Flask, data: bytes, **headers: str) -> Any:
    sent = {**key_for(app), "Content-Type": "application/json", **headers}
    return app.test_client().post(f"{API}/contacts", data=data, headers=sent)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 411),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"name": NaN}', 400),
        (b'{"fields": {"a": Infinity}}', 400),
        (b'{"fields": {"a": 1e999}}', 400),
        (b'{"fields": {"a": ' + b"9" * 5000 + b"}}", 400),
        (b"[" * 30_000, 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, 400),
        (b'{"fields": {"a": ' + b"[" * 30 + b"]" * 30 + b"}}", 400),
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"name": "a\\u0000b"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"fields": {"\\ud800": 1}}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'"name"', 422),
        (b"{}", 422),
        (b'{"name": ["a"]}', 422),
        (b'{"name": "' + b"x" * 201 + b'"}', 422),
        (b'{"name": "Ann", "is_admin": true}', 422),
        (b'{"name": "Ann", "id": "7", "stats": {}}', 422),
        (b'{"name": "Ann", "kind": "king"}', 422),
        (b'{"email": "not an address"}', 422),
        (b'{"name": "Ann", "fields": {"nowhere": 1}}', 422),
        (b'{"name": "Ann", "tags": [1]}', 422),
    ],
    ids=range(26),
)
def test_hostile_json_is_refused_with_a_problem(app: Flask, data: bytes, status: int) -> None:
    refused = post(app, data)
    assert refused.status_code == status, refused.text
    assert refused.content_type == "application/problem+json"
    assert refused.json["status"] == status
    assert {"type", "title"} <= set(refused.json)
    found = app.test_client().get(f"{API}/contacts", headers=key_for(app))
    assert found.json["data"] == []


def test_a_body_has_a_size_a_length_and_a_type(app: Flask) -> None:
    assert post(app, b"{" + b" " * MOST_BYTES + b"}").status_code == 413
    assert post(app, b"name=Ann", **{"Content-Type": "text/plain"}).status_code == 415
    chunked = app.test_client().post(
        f"{API}/contacts",
        headers={**key_for(app), "Content-Type": "application/json"},
        environ_overrides={"HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert chunked.status_code in (400, 411)


@pytest.mark.parametrize(
    "query", ["colour=red", "limit=0", "limit=x", "limit=1&limit=2", "limit=100000", "tag=%00",
              "after=%ED%A0%80", "after=zz", "field=size"]
)  # fmt: skip
def test_a_query_that_is_not_valid_is_refused(app: Flask, query: str) -> None:
    refused = app.test_client().get(f"{API}/contacts?{query}", headers=key_for(app))
    assert refused.status_code in (400, 422)
    assert refused.content_type == "application/problem+json"


def test_an_unknown_field_is_named(app: Flask) -> None:
    refused = post(app, b'{"name": "Ann", "points": 7}')
    assert list(refused.json["errors"]) == ["points"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("DELETE", "/contacts", 405), ("PUT", "/contacts/1", 405)],
)
def test_what_is_not_there_is_said_by_us(app: Flask, method: str, path: str, status: int) -> None:
    refused = app.test_client().open(API + path, method=method, headers=key_for(app))
    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"


def test_without_tables_the_api_says_what_to_do(mini: Any) -> None:
    app = mini.make_app(upgrade=False)
    refused = app.test_client().get(f"{API}/contacts", headers={"Authorization": "Bearer x"})
    assert refused.status_code == 503
    assert "flask grc db upgrade" in refused.json["detail"]


def test_an_error_of_ours_is_logged_and_not_told(app: Flask, monkeypatch: Any, caplog: Any) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise ValueError("a secret")

    monkeypatch.setattr(type(app.extensions["grc"].services.contacts), "search", fail)
    failed = app.test_client().get(f"{API}/contacts", headers=key_for(app))
    assert failed.status_code == 500
    assert "a secret" not in failed.text
    assert "a secret" in caplog.text


# The description.


def test_the_description_names_every_operation_and_no_other(app: Flask) -> None:
    described = app.test_client().get(f"{API}/openapi.json").json
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": API}]
    stated = {(method, path) for path, item in described["paths"].items() for method in item}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("grc.api_")]
    own = ("grc.api_unknown", "grc.api_description")
    real = {
        (method.lower(), rule.rule.removeprefix(API).replace("<", "{").replace(">", "}"))
        for rule in rules
        if rule.endpoint not in own
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert stated == real


def test_every_reference_of_the_description_leads_somewhere(app: Flask) -> None:
    described = app.test_client().get(f"{API}/openapi.json").json
    text = json.dumps(described)
    schemas = described["components"]["schemas"]
    for part in text.split('"#/components/schemas/')[1:]:
        assert part.partition('"')[0] in schemas
    assert {"ContactOut", "EntryOut", "WebhookOut", "Problem"} <= set(schemas)
    names = [item["operationId"] for path in described["paths"].values() for item in path.values()]
    assert len(names) == len(set(names))
    for path, item in described["paths"].items():
        for operation in item.values():
            inside = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
            assert all(f"{{{name}}}" in path for name in inside)
            assert path.count("{") == len(inside)
            assert "default" in operation["responses"]


def test_apispec_is_not_imported_before_it_is_asked_for() -> None:
    import subprocess
    import sys

    code = "import sys, grc_core; print([n for n in ('apispec', 'ssl') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "apispec" not in done.stdout
