"""Operations that plugins add to the JSON API."""

from datetime import datetime
from typing import Any

import marshmallow
import pytest
from flask import Flask
from marshmallow import fields
from sqlalchemy import orm
from werkzeug.exceptions import NotFound

from grc_core import Model
from grc_core import Plugin
from grc_core import api

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

API = "/grc/api/v1"
SAME = {"Sec-Fetch-Site": "same-origin"}


class NotesModel(Model, plugin="notes"):
    """Base of the tables."""


class Note(NotesModel):
    """A note."""

    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    text: orm.Mapped[str]
    written_at: orm.Mapped[datetime]


class NoteOut(marshmallow.Schema):
    """A note."""

    id = fields.Integer()
    text = fields.String()


class NotesOut(marshmallow.Schema):
    """Notes."""

    notes = fields.List(fields.Nested(NoteOut))
    who = fields.String(allow_none=True)


class NoteIn(marshmallow.Schema):
    """What is written."""

    text = fields.String(required=True)


class Search(marshmallow.Schema):
    """What is looked for."""

    word = fields.String(load_default="")


class Notes(Plugin):
    """Keep notes."""

    name, models = "notes", NotesModel

    @api("/notes", NotesOut, query=Search)
    def search(self, query: dict[str, Any]) -> dict[str, Any]:
        """Search the notes."""
        found = self.session.query(Note).filter(Note.text.contains(query["word"]))
        return {"notes": found, "who": self.page.customer and self.page.customer.name}

    @api("/notes", NoteOut, body=NoteIn, method="POST", status=201, limit="3/minute")
    def add(self, body: dict[str, Any]) -> Note:
        """Add a note."""
        note = Note(text=body["text"], written_at=self.grc.now())
        self.session.add(note)
        self.session.flush()
        if note.text == "bad":
            raise ValueError("after the write")
        return note

    @api("/notes/<note>", method="DELETE", scope="notes:write")
    def remove(self, note: str) -> None:
        """Remove a note."""
        found = self.session.get(Note, int(note))
        if found is None:
            raise NotFound(f"There is no note {note}.")
        self.session.delete(found)

    @api("/notes/import", NoteOut, body=NoteIn, method="POST", scope="notes:write", status=201)
    def bring(self, body: dict[str, Any]) -> Note:
        """Bring a note from elsewhere."""
        return self.add(body)


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app([Notes])
    return made


def key_for(app: Flask, scope: str) -> dict[str, str]:
    _, text = app.extensions["grc"].keys.create("test", [scope])
    return {"Authorization": f"Bearer {text}"}


def test_a_page_reads_and_writes_without_a_key(app: Flask, mini: Any) -> None:
    client = app.test_client()
    added = client.post(f"{API}/notes", json={"text": "a tent"}, headers=SAME)
    assert (added.status_code, added.json) == (201, {"id": 1, "text": "a tent"})
    mini.sign_up("ann")
    client.post("/sign-in/ann")
    found = client.get(f"{API}/notes?word=tent")
    assert found.json == {"notes": [{"id": 1, "text": "a tent"}], "who": "Ann"}
    assert found.headers["Cache-Control"] == "private, no-store"


def test_another_site_cannot_write(app: Flask) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    refused = app.test_client().post(f"{API}/notes", json={"text": "x"}, headers=headers)
    assert refused.status_code == 403
    assert refused.content_type == "application/problem+json"


def test_what_is_sent_is_checked_by_the_schemas(app: Flask) -> None:
    client = app.test_client()
    refused = client.post(f"{API}/notes", json={"text": 1, "more": 2}, headers=SAME)
    assert refused.status_code == 422
    assert set(refused.json["errors"]) == {"text", "more"}
    assert client.get(f"{API}/notes?wrd=x").status_code == 422


def test_an_address_may_write_so_often(app: Flask) -> None:
    client = app.test_client()
    said = [
        client.post(f"{API}/notes", json={"text": "x"}, headers=SAME).status_code for _ in range(5)
    ]
    assert said == [201, 201, 201, 429, 429]


def test_what_raises_leaves_nothing_behind(app: Flask) -> None:
    app.config["GRC_DEBUG"] = False
    client = app.test_client()
    failed = client.post(f"{API}/notes", json={"text": "bad"}, headers=SAME)
    assert failed.status_code == 500
    assert client.get(f"{API}/notes").json["notes"] == []


def test_a_scope_of_a_plugin_is_asked_for_and_can_be_given(app: Flask) -> None:
    client = app.test_client()
    client.post(f"{API}/notes", json={"text": "x"}, headers=SAME)
    assert client.delete(f"{API}/notes/1", headers=SAME).status_code == 401
    other = key_for(app, "contacts:read")
    assert client.delete(f"{API}/notes/1", headers=other).status_code == 403
    right = key_for(app, "notes:write")
    assert client.delete(f"{API}/notes/9", headers=right).json["detail"] == "There is no note 9."
    gone = client.delete(f"{API}/notes/1", headers=right)
    assert (gone.status_code, gone.data) == (204, b"")
    assert client.get(f"{API}/notes").json["notes"] == []


def test_flask_grc_keys_knows_the_plugins_scopes(app: Flask) -> None:
    runner = app.test_cli_runner()
    made = runner.invoke(args=["grc", "keys", "create", "--name", "x", "--scope", "notes:write"])
    assert made.exit_code == 0, made.output
    wrong = runner.invoke(args=["grc", "keys", "create", "--name", "x", "--scope", "notes:writ"])
    assert "notes:write" in wrong.output


def test_a_write_with_a_key_is_done_once_per_idempotency_key(app: Flask) -> None:
    client = app.test_client()
    headers = {**key_for(app, "notes:write"), "Idempotency-Key": "1"}
    first = client.post(f"{API}/notes/import", json={"text": "x"}, headers=headers)
    again = client.post(f"{API}/notes/import", json={"text": "x"}, headers=headers)
    assert first.json == again.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(client.get(f"{API}/notes").json["notes"]) == 1


def test_operations_are_in_the_description(app: Flask) -> None:
    document = app.test_client().get(f"{API}/openapi.json").json
    assert document["paths"]["/notes"]["get"]["summary"] == "Search the notes"
    assert document["paths"]["/notes"]["get"]["security"] == []
    assert "notes:write" in document["paths"]["/notes/{note}"]["delete"]["description"]


@pytest.mark.parametrize(
    ("rule", "scope", "says"),
    [
        ("notes", None, "an address starts with /"),
        ("/notes/<int:id>", None, "the parts of an address are plain"),
        ("/contacts", None, "another operation has this address"),
        ("/contacts/<anything>", None, "another operation has this address"),
        ("/notes", "all", "a scope is written"),
    ],
)
def test_a_wrong_operation_is_left_out_with_a_warning(
    mini: Any, caplog: pytest.LogCaptureFixture, rule: str, scope: str | None, says: str
) -> None:
    class Wrong(Plugin):
        """Have a wrong address."""

        name = "wrong"

        @api(rule, NoteOut, scope=scope)
        def read(self, **parts: str) -> None:
            """Read."""

    app = mini.make_app([Wrong])
    assert says in caplog.text
    assert app.test_client().get(f"{API}/openapi.json").status_code == 200
    assert app.test_client().get("/").status_code == 200


def test_an_unknown_method_is_refused_where_it_is_written() -> None:
    with pytest.raises(ValueError, match="no method"):
        api("/x", method="FETCH")


def test_operations_of_a_plugin_that_is_off_are_not_there(mini: Any) -> None:
    class Off(Notes):
        """Need what this shop has not."""

        name, requires = "notes", ("stock",)

    mini.shop.functions.pop("products")
    mini.shop.functions.pop("catalogue")
    app = mini.make_app([Off])
    assert app.test_client().get(f"{API}/notes").status_code == 404
