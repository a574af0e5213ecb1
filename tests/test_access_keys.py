"""Keys to the API: shown once, kept as a hash, limited, ended, revoked."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy import text

from grc_core.access.keys import ApiKeys
from grc_core.access.keys import KeyRefused
from grc_core.errors import GRCError

#: What is shown here does not depend on the database.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture
def app(mini: Any) -> Flask:
    made: Flask = mini.make_app()
    return made


@pytest.fixture
def keys(app: Flask) -> ApiKeys:
    found: ApiKeys = app.extensions["grc"].keys
    return found


def grc(app: Flask, *arguments: str, code: int = 0) -> Any:
    result = app.test_cli_runner().invoke(args=["grc", "keys", *arguments])
    assert result.exit_code == code, result.output
    return result


def move(app: Flask, **by: float) -> None:
    runtime = app.extensions["grc"]
    later = runtime.clock() + timedelta(**by)
    runtime.set_clock(lambda: later)


def test_a_key_opens_what_its_scopes_say(keys: ApiKeys) -> None:
    key, secret = keys.create("till", ["timeline:write", "contacts:read", "contacts:read"])
    found = keys.recognise(secret)
    assert found.id == key.id
    assert found.scopes == ("contacts:read", "timeline:write")


def test_a_key_names_itself_and_holds_128_bits_or_more(keys: ApiKeys) -> None:
    key, secret = keys.create("till", ["contacts:read"])
    start, id, random = secret.split("_", 2)
    assert (start, id) == ("grc", key.id)
    assert len(random) * 6 >= 128
    assert secret not in {keys.create("till", ["contacts:read"])[1] for _ in range(20)}


def test_nothing_stored_is_the_secret(app: Flask, keys: ApiKeys) -> None:
    _, secret = keys.create("till", ["contacts:read"])
    with app.extensions["grc"].database.read() as connection:
        row = str(connection.execute(text("SELECT * FROM grc_core__api_key")).all())
    assert secret.split("_", 2)[2] not in row


@pytest.mark.parametrize(
    ("name", "scopes", "days", "said"),
    [
        ("till", [], None, "without a scope"),
        ("till", ["contacts:reed"], None, "did you mean 'contacts:read'"),
        ("", ["contacts:read"], None, "name the key"),
        ("a\nb", ["contacts:read"], None, "name the key"),
        ("x" * 101, ["contacts:read"], None, "name the key"),
        ("till", ["contacts:read"], 0, "cannot end"),
        ("till", ["contacts:read"], float("nan"), "cannot end"),
        ("till", ["contacts:read"], 1e12, "cannot end"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    keys: ApiKeys, name: str, scopes: list[str], days: float | None, said: str
) -> None:
    with pytest.raises(GRCError, match=said):
        keys.create(name, scopes, days)
    assert keys.all() == []


def test_a_wrong_secret_and_an_unknown_key_are_told_the_same(keys: ApiKeys) -> None:
    _, secret = keys.create("till", ["contacts:read"])
    wrong = [secret[:-1] + ("a" if secret[-1] != "a" else "b"), "grc_" + "x" * 12 + secret[16:]]
    said = set()
    for guess in [*wrong, "", "grc_", "é" * 60, "grc_\0", secret + "x", secret.upper()]:
        with pytest.raises(KeyRefused) as caught:
            keys.recognise(guess)
        said.add(str(caught.value))
    assert len(said) == 1


def test_only_who_knows_the_secret_learns_that_a_key_has_ended(app: Flask, keys: ApiKeys) -> None:
    _, secret = keys.create("till", ["contacts:read"], days=1)
    move(app, days=2)
    with pytest.raises(KeyRefused, match=r"'till' is expired.*flask grc keys create"):
        keys.recognise(secret)
    with pytest.raises(KeyRefused, match="no key of this shop"):
        keys.recognise(secret[:-2] + "zz")


def test_a_revoked_key_opens_nothing_at_once(keys: ApiKeys) -> None:
    key, secret = keys.create("till", ["contacts:read"])
    keys.revoke(key.id)
    with pytest.raises(KeyRefused, match="'till' is revoked"):
        keys.recognise(secret)
    keys.revoke(key.id)


def test_a_key_may_be_revoked_by_its_name_unless_two_have_it(keys: ApiKeys) -> None:
    keys.create("till", ["contacts:read"])
    assert keys.revoke("till").name == "till"
    keys.create("till", ["contacts:read"])
    keys.create("till", ["contacts:read"])
    with pytest.raises(GRCError, match="2 keys are named 'till'"):
        keys.revoke("till")
    with pytest.raises(GRCError, match="did you mean 'till'"):
        keys.revoke("tills")


def test_the_last_use_is_written_once_a_minute(app: Flask, keys: ApiKeys) -> None:
    _, secret = keys.create("till", ["contacts:read"])
    statements: list[str] = []
    engine = app.extensions["grc"].database.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    for _ in range(5):
        keys.note_use(keys.recognise(secret))
    assert len([sql for sql in statements if sql.startswith("UPDATE")]) == 1
    first = keys.all()[0].used_at
    move(app, seconds=61)
    keys.note_use(keys.recognise(secret))
    assert keys.all()[0].used_at > first


def test_a_use_that_cannot_be_noted_stops_nobody(app: Flask, keys: ApiKeys, caplog: Any) -> None:
    key, _ = keys.create("till", ["contacts:read"])
    with app.extensions["grc"].database.write() as connection:
        connection.execute(text("DROP TABLE grc_core__api_key"))
    keys.note_use(key)
    assert "could not be noted" in caplog.text


def test_guesses_cost_little_and_none_opens(keys: ApiKeys) -> None:
    keys.create("till", ["contacts:read"])
    id = keys.all()[0].id
    started, said = time.monotonic(), set()
    for number in range(2000):
        with pytest.raises(KeyRefused) as caught:
            keys.recognise(f"grc_{id}_{number:043d}")
        said.add(str(caught.value))
    assert len(said) == 1
    assert time.monotonic() - started < 60


def test_keys_are_made_listed_and_revoked_by_command(app: Flask, keys: ApiKeys) -> None:
    assert "no key yet" in grc(app, "list").stdout
    made = grc(app, "create", "--name", "till", "--scope", "contacts:read", "--days", "30")
    secret = made.stdout.strip()
    assert "never" not in secret
    assert keys.recognise(secret).name == "till"
    assert secret not in grc(app, "list").stdout
    keys.note_use(keys.recognise(secret))
    (row,) = json.loads(grc(app, "list", "--json").stdout)
    assert row["state"] == "on"
    assert row["used_at"]
    assert "digest" not in row
    assert "opens nothing" in grc(app, "revoke", "till").stdout
    assert "revoked" in grc(app, "list").stdout
    assert "contacts:read" in grc(app, "create", "--name", "x", "--scope", "y", code=1).stderr


def test_a_key_is_made_as_json_too(app: Flask, keys: ApiKeys) -> None:
    arguments = ("create", "--name", "till", "--scope", "events:write", "--json")
    made = json.loads(grc(app, *arguments).stdout)
    assert keys.recognise(made["key"]).id == made["id"]
    assert json.loads(grc(app, "revoke", made["id"], "--json").stdout) == {"revoked": made["id"]}


def test_without_tables_the_command_says_what_to_do(mini: Any) -> None:
    app = mini.make_app(upgrade=False)
    assert "flask grc db upgrade" in grc(app, "list", code=1).stderr


def test_no_plugin_may_take_the_commands_names(mini: Any) -> None:
    from grc_core import Plugin

    class Keys(Plugin):
        """Take a name of the core."""

        name = "keys"

    app = mini.make_app([Keys])
    assert "cannot be a plugin's name" in app.extensions["grc"].tables.find("keys").off
