"""The contact page and the stores."""

import smtplib

import pytest
from flask import Flask
from sqlalchemy import select

from shop.extensions import db
from shop.models import Attempt
from shop.models import ContactMessage
from shop.stores import all_stores
from shop.stores import taking_returns
from shop.testing import Browser

NOTE = {
    "subject": "delivery",
    "name": "Ana Gil",
    "email": "ana.gil@example.org",
    "order_number": "N100001",
    "message": "Where is it?\n<script>alert(1)</script>",
}


def notes(app: Flask) -> list[ContactMessage]:
    with app.app_context():
        return list(db.session.scalars(select(ContactMessage).order_by(ContactMessage.id)))


def test_a_message_reaches_the_staff_and_no_mail_leaves(
    app: Flask, browser: Browser, staff: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(smtplib, "SMTP")
    answer = browser.post("/contact", NOTE)
    assert answer.location == "/contact/sent"
    assert "No automatic e-mail" in browser.text("/contact/sent")
    message = notes(app)[-1]
    assert (message.subject, message.email, message.locale) == ("delivery", NOTE["email"], "en")
    page = staff.text("/staff/messages")
    assert "Where is it?" in page
    assert "<script>" not in page
    staff.post(f"/staff/messages/{message.id}/handled")
    assert notes(app)[-1].handled_at is not None


def test_a_link_may_name_the_order(browser: Browser) -> None:
    page = browser.text("/contact?subject=return&order=N100001")
    assert 'selected value="return"' in page
    assert 'value="N100001"' in page


@pytest.mark.parametrize(
    "changes", [{"message": " "}, {"email": "x"}, {"name": ""}, {"subject": "gold"}]
)
def test_wrong_messages_are_explained(
    app: Flask, browser: Browser, changes: dict[str, str]
) -> None:
    before = len(notes(app))
    answer = browser.post("/contact", {**NOTE, **changes})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert len(notes(app)) == before


def test_programs_are_thanked_and_forgotten(app: Flask, browser: Browser) -> None:
    before = len(notes(app))
    answer = browser.post("/contact", {**NOTE, "website": "http://spam.example"})
    assert answer.location == "/contact/sent"
    assert len(notes(app)) == before
    page = browser.text("/contact")
    assert '<div class="honey" aria-hidden="true">' in page


def test_a_flood_is_stopped_and_no_address_is_kept(app: Flask, browser: Browser) -> None:
    before = len(notes(app))
    answers = [browser.post("/contact", NOTE).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(notes(app)) == before + 5
    with app.app_context():
        kept = db.session.scalars(select(Attempt.who)).all()
    assert kept
    assert all("127.0.0.1" not in who and len(who) == 64 for who in kept)


def test_stores_say_when_they_open_and_what_they_take(browser: Browser) -> None:
    page = browser.text("/stores")
    for store in all_stores():
        assert f'id="{store.key}"' in page
        assert store.phone in page
        assert "555-01" in store.phone
    assert 0 < len(taking_returns()) < len(all_stores())
    assert page.count("Does not take returns") == len(all_stores()) - len(taking_returns())
    assert "Monday – Wednesday" in page
    assert "9:30\N{NARROW NO-BREAK SPACE}a.m." in page
    assert "closed" in page
    french = browser.text("/stores?lang=fr")
    assert "09 h 30" in french
    assert 'href="/stores"' in browser.text("/")
