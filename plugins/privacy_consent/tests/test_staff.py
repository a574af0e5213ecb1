"""What staff sees: consent rates, requests with their deadline, the state of the ledger."""

from typing import Any

import pytest
from flask import Flask

from grc_core import Customer
from grc_privacy_consent.models import Ask
from grc_privacy_consent.models import Entry

from .conftest import Little
from .conftest import Visitor
from .conftest import rows

PAGE = "/grc/admin/privacy/overview"


@pytest.fixture
def boss(app: Flask, little: Little) -> Visitor:
    little.customers["boss"] = Customer("boss", name="Boss")
    client = Visitor(app)
    client.post("/sign-in/boss")
    return client


def press(boss: Visitor, action: str, **fields: Any) -> Any:
    """Press a button of the page, with the token that it shows."""
    import re

    page = boss.get(PAGE).text
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
    return boss.post(PAGE, data={**hidden, "_action": action, **fields}, follow_redirects=True)


def test_nobody_else_sees_it(visitor: Visitor, app: Flask) -> None:
    assert visitor.get(PAGE).status_code == 404
    visitor.post("/sign-in/ann")
    assert visitor.get(PAGE).status_code == 404


def test_open_requests_are_listed_with_their_deadline(boss: Visitor, app: Flask) -> None:
    assert "Nobody waits for an answer." in boss.get(PAGE).text
    form = {"kind": "erase", "email": "guest@example.com"}
    Visitor(app).post("/grc/privacy/data", data=form)
    (ask,) = rows(app, Ask)
    assert (ask.due_at - ask.asked_at).days == 30
    page = boss.get(PAGE).text
    assert "an erasure" in page
    assert "guest@example.com" not in page


def test_a_request_past_its_deadline_is_late(boss: Visitor, app: Flask, little: Little) -> None:
    ann = Visitor(app)
    ann.post("/sign-in/ann")
    ann.post("/grc/privacy/data", data={"kind": "erase"})
    assert ">overdue<" not in boss.get(PAGE).text
    little.clock.forward(days=31)
    assert ">overdue<" in boss.get(PAGE).text


def test_consent_is_counted_by_purpose(boss: Visitor, app: Flask) -> None:
    for answer in ("accept", "refuse", "refuse", "refuse"):
        Visitor(app).choose(answer)
    page = boss.get(PAGE).text
    assert "Consent by purpose" in page
    assert "25" in page
    assert "4 entries." in page


def test_the_ledger_is_verified_at_the_press_of_a_button(boss: Visitor, app: Flask) -> None:
    Visitor(app).choose("accept")
    assert "Every entry of the ledger is whole." in press(boss, "verify").text
    with app.extensions["grc"].database.write() as connection:
        connection.execute(Entry.__table__.update().values(gpc="1"))
    assert "The ledger was changed." in press(boss, "verify").text


def test_a_request_that_was_answered_is_closed(boss: Visitor, app: Flask) -> None:
    form = {"kind": "rectify", "email": "guest@example.com"}
    Visitor(app).post("/grc/privacy/data", data=form)
    (ask,) = rows(app, Ask)
    answer = press(boss, "done", _id=ask.id)
    assert "The requests are closed." in answer.text
    assert [row.state for row in rows(app, Ask)] == ["done"]
