"""Contacts, timelines and reports of orders, from outside."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from grc_core.access.scopes import SCOPES
from grc_core.http.api.repeated import KEPT

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

API = "/grc/api/v1"


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app()
    return made


@pytest.fixture
def headers(app: Flask) -> dict[str, str]:
    _, key = app.extensions["grc"].keys.create("test", [*SCOPES])
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture
def call(app: Flask, headers: dict[str, str]) -> Any:
    """Return a function that sends a request with a key."""

    def send(method: str, path: str, body: Any = None, **more: str) -> Any:
        options = {"json": body} if body is not None else {}
        return app.test_client().open(
            API + path, method=method, headers={**headers, **more}, **options
        )

    return send


def names(page: Any) -> list[str]:
    assert page.status_code == 200, page.text
    return [item["name"] for item in page.json["data"]]


def test_a_contact_is_created_read_found_and_changed(call: Any) -> None:
    made = call("POST", "/contacts", {"name": "Ann Roy", "email": "Ann@Example.com",
                                      "kind": "supplier", "tags": ["golf"]})  # fmt: skip
    assert made.status_code == 201
    assert made.headers["Location"] == f"{API}/contacts/{made.json['id']}"
    path = f"/contacts/{made.json['id']}"
    assert call("GET", path).json == made.json
    assert made.json["emails"] == ["ann@example.com"]
    assert made.json["suppressed"] is False
    for query in ("text=roy", "email=ANN@example.com", "tag=golf", "kind=supplier"):
        assert names(call("GET", f"/contacts?{query}")) == ["Ann Roy"]
        assert names(call("GET", "/contacts?text=nobody")) == []
    changed = call("PATCH", path, {"name": "Ann Cy", "tags": ["tent"], "owner": "Bo"})
    assert (changed.json["name"], changed.json["tags"]) == ("Ann Cy", ["tent"])
    assert call("PATCH", path, {"owner": None}).json["owner"] is None
    assert call("GET", path).json["kind"] == "supplier"


def test_custom_fields_are_set_searched_and_checked(app: Flask, call: Any) -> None:
    fields = app.extensions["grc"].services.contacts.fields
    fields.define("size", "number")
    fields.define("since", "date")
    made = call("POST", "/contacts", {"name": "Ann", "fields": {"size": 42, "since": "2020-01-31"}})
    assert made.status_code == 201, made.text
    assert str(made.json["fields"]["size"]) == "42"
    assert made.json["fields"]["since"] == "2020-01-31"
    assert names(call("GET", "/contacts?field=size:42")) == ["Ann"]
    path = f"/contacts/{made.json['id']}"
    assert call("PATCH", path, {"fields": {"size": "large"}}).status_code == 422
    assert "size" not in call("PATCH", path, {"fields": {"size": None}}).json["fields"]


def test_a_change_that_fails_half_way_changes_nothing(call: Any) -> None:
    made = call("POST", "/contacts", {"name": "Ann"})
    path = f"/contacts/{made.json['id']}"
    refused = call("PATCH", path, {"name": "Bo", "tags": ["x"], "fields": {"nowhere": 1}})
    assert refused.status_code == 422
    assert call("GET", path).json == made.json


@pytest.mark.grc_databases("sqlite")
def test_html_stays_text(call: Any) -> None:
    made = call("POST", "/contacts", {"name": "<script>alert(1)</script>"})
    assert made.json["name"] == "<script>alert(1)</script>"
    assert made.content_type == "application/json"
    assert made.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize("id", ["999", "0", "-1", "x", "1e3", "9" * 40, "%00", "1%2F2"])
def test_a_contact_that_is_not_there_is_404(call: Any, id: str) -> None:
    for method, path in (("GET", ""), ("PATCH", ""), ("GET", "/timeline")):
        refused = call(method, f"/contacts/{id}{path}", {} if method == "PATCH" else None)
        assert refused.status_code in (400, 404)
        assert refused.content_type == "application/problem+json"


def test_pages_follow_each_other_without_gap_or_repetition(call: Any) -> None:
    for number in range(7):
        call("POST", "/contacts", {"name": f"Ann {number}"})
    seen: list[str] = []
    query = "limit=3"
    for _ in range(3):
        page = call("GET", f"/contacts?{query}")
        seen += names(page)
        query = f"limit=3&after={page.json['next']}"
        if len(seen) == 3:
            call("POST", "/contacts", {"name": "Ann new"})
    assert page.json["next"] is None
    assert sorted(seen) == [*(f"Ann {number}" for number in range(7)), "Ann new"]


def test_a_timeline_takes_what_happened_elsewhere(call: Any) -> None:
    id = call("POST", "/contacts", {"name": "Ann"}).json["id"]
    path = f"/contacts/{id}/timeline"
    for number, channel in enumerate(("phone", "shop-visit", "letter")):
        entry = {"channel": channel, "kind": "question", "summary": f"Asked {number}",
                 "operator": "Bo", "at": f"2026-03-0{number + 1}T10:00:00-05:00",
                 "data": {"article": "7", "n": [1, {"a": None}]}}  # fmt: skip
        added = call("POST", path, entry)
        assert added.status_code == 201, added.text
        assert added.json["operator"] == "Bo"
    listed = call("GET", f"{path}?limit=2").json
    assert [item["channel"] for item in listed["data"]] == ["letter", "shop-visit"]
    assert listed["data"][0]["at"] == "2026-03-03T15:00:00+00:00"
    assert listed["data"][0]["data"] == {"article": "7", "n": [1, {"a": None}]}
    rest = call("GET", f"{path}?limit=2&after={listed['next'].replace('+', '%2B')}").json
    assert ([item["channel"] for item in rest["data"]], rest["next"]) == (["phone"], None)
    assert len(call("GET", f"{path}?channel=phone").json["data"]) == 1
    assert len(call("GET", f"{path}?since=2026-03-02T00:00:00Z").json["data"]) == 2
    assert call("GET", f"/contacts/{id}").json["stats"]["contacts"] == 3


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(
    "change",
    [{"channel": "telepathy"}, {"channel": None}, {"at": "2026-03-01T10:00:00"}, {"at": "soon"},
     {"at": "9999-12-31T23:59:59-12:00"}, {"at": "0001-01-01T00:00:00+12:00"},
     {"summary": "x" * 501}, {"data": {"x": "y" * 20_000}}, {"contact_id": "1"}, {"data": []}],
)  # fmt: skip
def test_an_entry_that_makes_no_sense_is_refused(call: Any, change: dict[str, Any]) -> None:
    id = call("POST", "/contacts", {"name": "Ann"}).json["id"]
    entry = {"channel": "phone", "kind": "call", **change}
    refused = call("POST", f"/contacts/{id}/timeline", entry)
    assert refused.status_code == 422, refused.text
    assert call("GET", f"/contacts/{id}/timeline").json["data"] == []


# Reports of orders.


def test_a_report_makes_the_shop_be_asked_and_is_not_believed(
    app: Flask, call: Any, mini: Any
) -> None:
    mini.place(id="700")
    mini.calls.clear()
    said = call("POST", "/orders", {"id": "no such order"})
    assert (said.status_code, said.json) == (202, {"accepted": True})
    assert "orders" in mini.calls
    with app.extensions["grc"].database.read() as connection:
        keys = connection.execute(text("SELECT key FROM grc_core__event WHERE type='on_order'"))
        assert [row.key for row in keys] == ["700"]
    refused = call("POST", "/orders", {"id": "7", "total": 0, "state": "refunded"})
    assert refused.status_code == 422


# Repetitions.


def test_a_write_sent_again_is_done_once(call: Any) -> None:
    key = {"Idempotency-Key": "till-7-0001"}
    first = call("POST", "/contacts", {"name": "Ann"}, **key)
    again = call("POST", "/contacts", {"name": "Ann"}, **key)
    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(names(call("GET", "/contacts"))) == 1
    other = call("POST", "/contacts", {"name": "Bo"}, **key)
    assert other.status_code == 422
    assert "another request" in other.json["detail"]


def test_a_failed_write_may_be_sent_again(call: Any) -> None:
    key = {"Idempotency-Key": "k"}
    assert call("POST", "/contacts", {"name": "A", "kind": "king"}, **key).status_code == 422
    assert call("POST", "/contacts", {"name": "A"}, **key).status_code == 201


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize("chosen", ["", "x" * 256, "a\tb"])
def test_a_bad_idempotency_key_is_refused(call: Any, chosen: str) -> None:
    refused = call("POST", "/contacts", {"name": "A"}, **{"Idempotency-Key": chosen})
    assert refused.status_code == 400


def test_each_key_has_idempotency_keys_of_its_own(app: Flask, call: Any) -> None:
    _, other = app.extensions["grc"].keys.create("other", [*SCOPES])
    chosen = {"Idempotency-Key": "1"}
    call("POST", "/contacts", {"name": "Ann"}, **chosen)
    mine = {"Authorization": f"Bearer {other}", **chosen}
    app.test_client().post(f"{API}/contacts", json={"name": "Ann"}, headers=mine)
    assert len(names(call("GET", "/contacts"))) == 2


def test_an_answer_is_forgotten_after_a_day(app: Flask, call: Any) -> None:
    chosen = {"Idempotency-Key": "1"}
    call("POST", "/contacts", {"name": "Ann"}, **chosen)
    runtime = app.extensions["grc"]
    later = runtime.clock() + KEPT + timedelta(minutes=1)
    runtime.set_clock(lambda: later)
    runtime.housekeep()
    with runtime.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM grc_core__answered")).scalar() == 0
    assert call("POST", "/contacts", {"name": "Ann"}, **chosen).status_code == 201


def test_many_at_once_are_done_once(app: Flask, headers: dict[str, str], call: Any) -> None:
    def send(_number: int) -> int:
        sent = {**headers, "Idempotency-Key": "same"}
        return (
            app.test_client().post(f"{API}/contacts", json={"name": "A"}, headers=sent).status_code
        )

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(send, range(16)))
    assert set(statuses) == {201}
    assert len(names(call("GET", "/contacts"))) == 1
