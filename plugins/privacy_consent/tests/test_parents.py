"""Under fourteen years of age: a parent agrees, by a link in mail of their own (T17)."""

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask

from grc_core import Customer
from grc_core import Personal
from grc_core import Purpose
from grc_core import Subject
from grc_core import hookimpl
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Guardian

from .conftest import Little
from .conftest import Seen
from .conftest import Spy
from .conftest import Visitor
from .conftest import rows
from .conftest import run
from .test_mailing import IDENTITY
from .test_mailing import messages

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")

MUM = "mum@example.com"
GREETING = "Good to see you again"


@pytest.fixture
def child(little: Little, app: Flask) -> Visitor:
    """Return the browser of somebody of thirteen, who has accepted everything."""
    little.customers["kid"] = Customer(
        "kid", email="kid@example.com", name="Kim", birthday=_born(little, 13)
    )
    browser = Visitor(app)
    browser.post("/sign-in/kid")
    browser.choose("accept")
    return browser


def _born(little: Little, years: int) -> date:
    return date(little.clock.now.year - years, 12, 31)


def link_to_parent(child: Visitor, email: str = MUM) -> str:
    assert child.post("/grc/privacy/parent", data={"email": email}).status_code == 200
    sent = messages(child.application)[-1]
    assert (sent.message.address, sent.message.kind) == (email, "transactional")
    found = re.search(r"https?://[^\s/]+(/grc/privacy/parent/\S+)", sent.text)
    assert found
    return found[1]


def consents(app: Flask) -> list[str]:
    found: Purpose = app.extensions["grc"].services.consents(Subject("customer", "kid"))
    return found.labels


def test_t17_a_parent_agrees_by_mail_to_each_purpose_and_it_is_proven(
    child: Visitor, app: Flask
) -> None:
    assert GREETING not in child.get("/").text
    assert "Ask my parent" in child.get("/grc/privacy/choices").text
    link = link_to_parent(child)
    parent = Visitor(app)
    page = parent.get(link).text
    assert "Kim is under fourteen" in page
    boxes = re.findall(r'name="purpose" value="(\w+)"([^>]*)>', page)
    assert [name for name, _ in boxes] == ["personalisation", "analytics", "marketing"]
    assert "checked" not in "".join(attributes for _, attributes in boxes)
    saved = parent.post(link, data={"purpose": "personalisation"}, follow_redirects=True)
    assert "Your choice is saved." in saved.text
    assert consents(app) == ["necessary", "preferences", "personalisation"]
    assert GREETING in child.get("/").text
    entry = rows(app, Entry)[-1]
    assert (entry.action, entry.interface, entry.purposes) == ("given", "parent", "personalisation")
    assert entry.about == "personalisation analytics marketing"
    assert MUM not in " ".join(map(str, entry))
    assert run(app, "consent", "verify")[0] == 0


def test_t17_a_parent_takes_it_back_by_the_same_link_at_once(child: Visitor, app: Flask) -> None:
    link = link_to_parent(child)
    Visitor(app).post(link, data={"purpose": ["personalisation", "analytics"]})
    assert GREETING in child.get("/").text
    assert re.findall(r'value="(\w+)"[^>]* checked', Visitor(app).get(link).text) == [
        "personalisation",
        "analytics",
    ]
    Visitor(app).post(link, data={"choice": "refuse"})
    assert GREETING not in child.get("/").text
    assert consents(app) == ["necessary", "preferences"]
    assert [row.action for row in rows(app, Entry)][-2:] == ["given", "withdrawn"]


def test_t17_a_parent_s_yes_is_not_the_child_s(child: Visitor, app: Flask) -> None:
    link = link_to_parent(child)
    child.choose("refuse", interface="choices")
    Visitor(app).post(link, data={"purpose": "personalisation"})
    assert consents(app) == ["necessary"]


def test_t17_a_newsletter_needs_the_parent_and_the_child(
    child: Visitor, app: Flask, little: Little
) -> None:
    assert run(app, "settings", "privacy_consent", *IDENTITY)[0] == 0

    def verdict() -> bool:
        with app.app_context():
            contacts = app.extensions["grc"].contacts
            contact = contacts.learn(little.customers["kid"])
            return bool(contacts.may_send(contact, "commercial", "kid@example.com"))

    link = link_to_parent(child)
    assert not verdict()
    Visitor(app).post(link, data={"purpose": "marketing"})
    assert verdict()
    child.choose("refuse", interface="choices")
    assert not verdict()


def test_t17_what_a_parent_agreed_to_counts_in_its_old_meaning_only(little: Little) -> None:
    class Wider(Spy):
        @hookimpl
        def personal_data(self) -> list[Personal]:
            return [Personal(Seen, ["note"], "customer_id", Purpose.ANALYTICS, "consent",
                             recipients=["Somebody new"], why="Counts your visits.")]  # fmt: skip

    little.customers["kid"] = Customer("kid", birthday=_born(little, 13))
    first = little.app()
    child = Visitor(first)
    child.post("/sign-in/kid")
    child.choose("accept")
    Visitor(first).post(link_to_parent(child), data={"purpose": ["analytics", "personalisation"]})
    assert "analytics" in consents(first)
    second = little.app(Wider)
    again = Visitor(second)
    again.post("/sign-in/kid")
    again.choose("accept", interface="choices")
    assert consents(second) == ["necessary", "preferences", "personalisation"]


def test_t17_at_fourteen_the_own_choice_counts_and_the_link_is_over(
    child: Visitor, app: Flask, little: Little
) -> None:
    link = link_to_parent(child)
    little.customers["kid"] = little.customers["kid"].replace(birthday=_born(little, 15))
    assert Visitor(app).get(link).status_code == 404
    assert "Ask my parent" not in child.get("/grc/privacy/choices").text
    assert child.post("/grc/privacy/parent", data={"email": MUM}).status_code == 404
    assert "analytics" in consents(app)


@pytest.mark.parametrize(
    "email", ["kid@example.com", "KID+mum@example.com", "nobody", "", "a@b\r\nBcc: c@d"]
)
def test_a_child_is_not_its_own_parent(child: Visitor, app: Flask, email: str) -> None:
    answer = child.post("/grc/privacy/parent", data={"email": email})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert messages(app) == []


def test_who_is_not_signed_in_or_no_child_asks_no_parent(child: Visitor, app: Flask) -> None:
    adult = Visitor(app)
    assert adult.post("/grc/privacy/parent", data={"email": MUM}).status_code == 404
    adult.post("/sign-in/ann")
    assert adult.post("/grc/privacy/parent", data={"email": MUM}).status_code == 404
    assert messages(app) == []


def test_a_parent_is_asked_once_an_hour(child: Visitor, app: Flask) -> None:
    for _ in range(3):
        link_to_parent(child)
    assert len(messages(app)) == 1


def test_bad_input_on_the_parent_s_page_changes_nothing(child: Visitor, app: Flask) -> None:
    link = link_to_parent(child)
    before = len(rows(app, Entry))
    for wrong in (link[:-2], f"{link}x"):
        assert Visitor(app).post(wrong, data={"purpose": "marketing"}).status_code == 404
    answer = Visitor(app).post(link, data={"purpose": "preferences"})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert (rows(app, Guardian), len(rows(app, Entry))) == ([], before)


def test_an_erased_child_takes_the_parent_s_word_along(child: Visitor, app: Flask) -> None:
    Visitor(app).post(link_to_parent(child), data={"purpose": "personalisation"})
    assert len(rows(app, Guardian)) == 1
    answer = child.post("/grc/privacy/data", data={"kind": "erase"})
    child.post(answer.location)
    assert rows(app, Guardian) == []
    assert run(app, "consent", "verify")[0] == 0


def test_the_page_speaks_french(child: Visitor, app: Flask) -> None:
    link = link_to_parent(child)
    page: Any = Visitor(app).get(link, headers={"Accept-Language": "fr"}).text
    assert "Le consentement d’un parent" in page
    assert "Kim a moins de quatorze ans" in page
