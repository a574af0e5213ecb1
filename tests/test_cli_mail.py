"""`flask grc mail`: what would be sent, and why something was not."""

import json
from typing import Any

import pytest
from flask import Flask

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture
def app(mini: Any) -> Flask:
    app: Flask = mini.make_app()
    return app


def run(app: Flask, *args: str, code: int = 0) -> str:
    result = app.test_cli_runner().invoke(args=["grc", "mail", *args])
    assert result.exit_code == code, result.output
    return str(result.output)


def test_without_messages_it_says_so(app: Flask) -> None:
    assert "Nothing leaves this machine: the app is being tested." in run(app)
    assert "No message was written yet." in run(app)


def test_a_demo_keeps_and_shows_its_messages(app: Flask) -> None:
    assert "Message 1 is kept: the app is being tested." in run(app, "test", "jean@example.com")
    listed = run(app)
    assert "j…n@example.com" in listed
    assert "jean@example.com" not in listed
    assert "A test message of your shop" in listed
    assert "If you can read this" in run(app, "show", "1", "--text")
    assert "<h1 style=" in run(app, "show", "1", "--html")
    assert "jean@" not in run(app, "show", "1")


def test_machines_get_json(app: Flask) -> None:
    run(app, "test", "jean@example.com")
    found = json.loads(run(app, "--json"))
    assert found["totals"] == {"kept": 1}
    assert found["messages"][0]["address"] == "j…n@example.com"
    assert json.loads(run(app, "show", "1", "--json"))["text"].startswith("If you can")
    assert json.loads(run(app, "retry", "1", "--json")) == {"retried": 1}
    assert json.loads(run(app, "test", "ann@example.com", "--json"))["state"] == "kept"


def test_filters(app: Flask) -> None:
    run(app, "test", "jean@example.com")
    assert "j…n" in run(app, "--state", "kept")
    assert "j…n" not in run(app, "--state", "sent")
    assert "j…n" not in run(app, "--commercial")


def test_what_a_demo_kept_does_not_leave_by_retry_all(app: Flask, mail_server: Any) -> None:
    run(app, "test", "jean@example.com")
    app.config.update(mail_server.settings)
    assert "0 messages wait" in run(app, "retry", "--all")
    app.extensions["grc"].drain()
    assert mail_server.received == []
    assert "1 message waits" in run(app, "retry", "1")
    app.extensions["grc"].drain()
    assert mail_server.to == ["jean@example.com"]
    assert "0 messages wait" in run(app, "retry", "1")  # what was sent stays sent


def test_a_test_message_tells_what_is_wrong(app: Flask, mail_server: Any) -> None:
    app.config.update(mail_server.settings)
    assert "Message 1 is sent." in run(app, "test", "jean@example.com")
    mail_server.answers["jean@example.com"] = ["550 no"]
    assert "Message 2 is bounced: 550 no" in run(app, "test", "jean@example.com", code=1)
    mail_server.stop()
    assert "is queued: the mail server" in run(app, "test", "ann@example.com", code=1)


def test_errors_are_one_line(app: Flask) -> None:
    assert "there is no message 7" in run(app, "show", "7", code=1)
    assert "name the messages" in run(app, "retry", code=1)
    assert "is not an e-mail address" in run(app, "test", "jean", code=1)
    app.extensions["grc"].mailer.send("nobody", "test", "1", "transactional")
    assert "it was refused before it was written" in run(app, "show", "1", "--text", code=1)
    assert "run: flask grc db upgrade" in run_bare(app)


def run_bare(app: Flask) -> str:
    with app.extensions["grc"].database.write() as connection:
        connection.exec_driver_sql("DROP TABLE grc_core__message")
    return run(app, code=1)
