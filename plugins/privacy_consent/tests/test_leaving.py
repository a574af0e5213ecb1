"""The one click out of mail is an entry of the proof, like any other choice (T14)."""

from typing import Any

import pytest
from flask import Flask

from grc_core import Customer
from grc_core import Subject
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Holder

from .conftest import Little
from .conftest import Visitor
from .conftest import rows
from .conftest import run
from .test_mailing import IDENTITY
from .test_mailing import WHO
from .test_mailing import bought
from .test_mailing import messages
from .test_mailing import opt_in
from .test_mailing import verdict

#: `make test-postgres` runs these on the other database too.
pytestmark = pytest.mark.grc_databases("sqlite")


@pytest.fixture(autouse=True)
def named(app: Flask) -> None:
    assert run(app, "settings", "privacy_consent", *IDENTITY)[0] == 0


def way_out(app: Flask, little: Little, number: int = 1) -> str:
    """Send an offer and return the address of its one click."""
    assert little.grc is not None
    with app.app_context():
        key, link = f"offer {number}", {"address": "https://shop.example/"}
        sent = little.grc.mail.send(WHO, "privacy_consent/link", key, "commercial", **link)
    assert sent == "queued"
    return str(messages(app)[-1].unsubscribe_url).removeprefix("https://shop.example")


def click(app: Flask, path: str) -> Any:
    """Do what a mail program does."""
    form, headers = {"List-Unsubscribe": "One-Click"}, {"Sec-Fetch-Site": "none"}
    return Visitor(app).post(path, data=form, headers=headers)


def test_t14_the_one_click_is_an_entry_of_the_proof(
    visitor: Visitor, app: Flask, little: Little
) -> None:
    opt_in(visitor, app, "e-mail")
    out = way_out(app, little)
    for _ in range(2):
        assert click(app, out).status_code == 200
    given, taken = rows(app, Entry)
    assert (taken.action, taken.interface, taken.about, taken.purposes) == (
        "withdrawn",
        "one-click",
        "marketing",
        "",
    )
    assert taken.consent_id == given.consent_id
    assert WHO not in " ".join(map(str, taken))
    assert run(app, "consent", "verify")[0] == 0
    assert [row.purposes for row in rows(app, Holder)] == [""]


def test_t14_leaving_after_a_purchase_is_a_refusal_of_the_account_too(
    app: Flask, little: Little
) -> None:
    little.customers["ann"] = Customer("ann", email=WHO)
    bought(little, app, little.clock.now, "ann")
    out = way_out(app, little)
    click(app, out)
    (entry,) = rows(app, Entry)
    assert (entry.action, entry.interface) == ("refused", "one-click")
    assert verdict(app) != "yes"
    with app.app_context():
        contacts = app.extensions["grc"].contacts
        contacts.resubscribe(contacts.by_email(WHO)[0])  # staff alone does not undo it
    assert verdict(app) == "no consent to marketing"


def test_t14_the_other_purposes_of_an_account_stay(app: Flask, little: Little) -> None:
    little.customers["ann"] = Customer("ann", email=WHO)
    ann = Visitor(app)
    ann.post("/sign-in/ann")
    ann.choose("accept")
    bought(little, app, little.clock.now, "ann")
    click(app, way_out(app, little))
    agreed = app.extensions["grc"].services.consents(Subject("customer", "ann"))
    assert agreed.labels == ["necessary", "preferences", "personalisation", "analytics"]


def test_t14_who_comes_back_gets_offers_again(visitor: Visitor, app: Flask, little: Little) -> None:
    opt_in(visitor, app, "e-mail")
    click(app, way_out(app, little))
    assert verdict(app) == "unsubscribed"
    little.clock.forward(hours=2)
    opt_in(visitor, app, "e-mail")
    assert verdict(app) == "yes"
    assert [row.action for row in rows(app, Entry)] == ["given", "withdrawn", "given"]
