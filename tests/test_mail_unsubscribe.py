"""The way out of commercial mail: one click, or a page with a button, in both languages."""

from typing import Any
from typing import ClassVar

import pytest
from flask import Flask

from grc_core import Event
from grc_core import Plugin
from grc_core import Unsubscribed
from grc_core import hookimpl
from grc_core.mail.unsubscribe import sign_contact


@pytest.fixture
def app(mini: Any) -> Flask:
    app: Flask = mini.make_app()
    return app


@pytest.fixture
def contact(app: Flask) -> Any:
    return app.extensions["grc"].contacts.save(name="Ann", email="ann@example.com")


def link(app: Flask, contact: Any) -> str:
    return f"/grc/unsubscribe/{sign_contact(app, contact.id)}"


def is_out(app: Flask, contact: Any) -> bool:
    return app.extensions["grc"].contacts.by_id(contact.id).unsubscribed_at is not None


@pytest.mark.parametrize(
    ("language", "question", "done"),
    [
        ("en", "Do you want to get no more offers", "You are unsubscribed."),
        ("fr", "Voulez-vous ne plus recevoir", "Vous êtes désabonné."),
    ],
)
def test_the_page_asks_and_the_button_answers(
    app: Flask, contact: Any, language: str, question: str, done: str
) -> None:
    client, said = app.test_client(), {"Accept-Language": language}
    asked = client.get(link(app, contact), headers=said)
    assert asked.status_code == 200
    assert question in asked.text
    assert '<form method="post">' in asked.text
    assert not is_out(app, contact)  # mail scanners follow every link
    answered = client.post(link(app, contact), headers=said)
    assert done in answered.text
    assert is_out(app, contact)
    assert done in client.get(link(app, contact), headers=said).text


def test_one_click_needs_no_page_no_cookie_and_no_sign_in(app: Flask, contact: Any) -> None:
    response = app.test_client().post(
        link(app, contact),
        data={"List-Unsubscribe": "One-Click"},
        headers={"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert response.headers["Cache-Control"] == "private, no-store"
    assert is_out(app, contact)


def test_twice_is_once_and_plugins_are_told_once(mini: Any) -> None:
    class Clerk(Plugin):
        name = "clerk"
        heard: ClassVar[list[Any]] = []

        @hookimpl
        def on_unsubscribe(self, unsubscribed: Unsubscribed, event: Event) -> None:
            self.heard.append((unsubscribed.contact_id, str(event.subject)))

    app = mini.make_app([Clerk])
    contact = app.extensions["grc"].contacts.save(name="Ann", email="ann@example.com")
    for _ in range(2):
        assert app.test_client().post(link(app, contact)).status_code == 200
    app.extensions["grc"].drain()
    assert is_out(app, contact)
    assert Clerk.heard == [(contact.id, "email:ann@example.com")]


def test_a_forged_link_leads_nowhere(app: Flask, contact: Any) -> None:
    client = app.test_client()
    good = link(app, contact)
    for bad in (f"{good}x", "/grc/unsubscribe/1", f"/grc/unsubscribe/{contact.id}.x.y"):
        assert client.get(bad).status_code == 404
        assert client.post(bad).status_code == 404
    assert not is_out(app, contact)


def test_a_link_of_somebody_gone_says_that_it_is_done(app: Flask, contact: Any) -> None:
    address = link(app, contact)
    app.extensions["grc"].contacts.forget(contact)
    assert "You are unsubscribed." in app.test_client().post(address).text


def test_many_tries_are_slowed_down(app: Flask, contact: Any) -> None:
    client = app.test_client()
    codes = [client.get(link(app, contact)).status_code for _ in range(25)]
    assert codes[0] == 200
    assert codes[-1] == 429


def test_an_app_without_a_key_has_no_links(mini: Any) -> None:
    app = mini.make_app(SECRET_KEY=None)
    assert sign_contact(app, "1") is None
    assert app.test_client().get("/grc/unsubscribe/x").status_code == 404
