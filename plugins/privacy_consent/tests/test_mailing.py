"""Mail with offers: asked for twice, ended at once, and the clocks of implied consent (T14)."""

import re
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from grc_core import Customer
from grc_core import Money
from grc_core import Order
from grc_core import OrderLine
from grc_core import OrderPlaced
from grc_core import Purpose
from grc_privacy_consent.implied import is_implied
from grc_privacy_consent.implied import later
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Holder

from .conftest import Little
from .conftest import Visitor
from .conftest import rows
from .conftest import run

IDENTITY = ["company=Maison Nordet inc.", "address=12, rue du Quai, Rimouski",
            "contact_email=privacy@shop.example"]  # fmt: skip
WHO = "guest@example.com"


@pytest.fixture(autouse=True)
def named(app: Flask) -> None:
    assert run(app, "settings", "privacy_consent", *IDENTITY)[0] == 0


def messages(app: Flask) -> list[Any]:
    from grc_core.mail.ledger import messages
    from grc_core.mail.ledger import show

    database = app.extensions["grc"].database
    return [show(database, item.id) for item in messages(database)][::-1]


def link_of(app: Flask) -> str:
    found = re.search(r"https?://[^\s/]+(/grc/privacy/mail/\S+)", messages(app)[-1].text)
    assert found
    return found[1]


def verdict(app: Flask, email: str = WHO) -> str:
    """Return `yes`, or why a commercial message may not be sent."""
    with app.app_context():
        contacts = app.extensions["grc"].contacts
        people = contacts.by_email(email)
        found = contacts.may_send(people[0] if people else None, "commercial", email)
    return "yes" if found else str(found.reason)


def bought(little: Little, app: Flask, at: datetime, customer_id: str | None = None) -> None:
    line = OrderLine("tent", 1, Money(100, "CAD"))
    number = str(len(little.orders) + 1)
    order = Order(number, [line], at, "placed", int(number), customer_id, WHO)
    little.orders[number] = order
    with app.app_context():
        assert little.grc is not None
        little.grc.emit(OrderPlaced(order))
        app.extensions["grc"].drain()


def opt_in(visitor: Visitor, app: Flask, *channels: str) -> str:
    visitor.post("/grc/privacy/mail", data={"email": WHO})
    link = link_of(app)
    visitor.post(link, data={"channel": list(channels)})
    return link


def test_t14_asking_alone_sends_nothing_but_a_link(visitor: Visitor, app: Flask) -> None:
    visitor.post("/grc/privacy/mail", data={"email": WHO})
    (sent,) = messages(app)
    assert (sent.message.kind, sent.message.address) == ("transactional", WHO)
    assert verdict(app) == "no consent to marketing"
    assert "checked" not in visitor.get(link_of(app)).text
    assert verdict(app) == "no consent to marketing"


def test_t14_who_says_yes_at_the_link_gets_offers_and_it_is_proven(
    visitor: Visitor, app: Flask
) -> None:
    link = opt_in(visitor, app, "e-mail")
    assert verdict(app) == "yes"
    (entry,) = rows(app, Entry)
    assert (entry.action, entry.interface, entry.purposes) == ("given", "mail", "marketing")
    assert re.search(r'value="e-mail" checked', visitor.get(link).text)


def test_t14_no_offers_at_all_counts_at_once_and_without_signing_in(
    visitor: Visitor, app: Flask
) -> None:
    link = opt_in(visitor, app, "e-mail")
    Visitor(app).post(link)
    assert verdict(app) == "unsubscribed"
    assert [row.action for row in rows(app, Entry)] == ["given", "withdrawn"]


def test_t14_the_channels_are_told_apart(visitor: Visitor, app: Flask) -> None:
    opt_in(visitor, app, "phone", "letter")
    assert verdict(app) != "yes"
    (holder,) = rows(app, Holder)
    assert (holder.channels, holder.purposes) == ("phone letter", "marketing")


def test_t14_the_way_out_in_a_message_works_after_sixty_days(
    visitor: Visitor, app: Flask, little: Little
) -> None:
    opt_in(visitor, app, "e-mail")
    with app.app_context():
        link = {"address": "https://shop.example/"}
        sent = little.grc.mail.send(WHO, "privacy_consent/link", "offer 1", "commercial", **link)  # type: ignore[union-attr]
    assert sent == "queued"
    offer = messages(app)[-1]
    assert "Maison Nordet inc., 12, rue du Quai, Rimouski, privacy@shop.example" in offer.text
    assert offer.unsubscribe_url in offer.text
    little.clock.forward(days=61)
    path = offer.unsubscribe_url.removeprefix("https://shop.example")
    one_click = {"data": {"List-Unsubscribe": "One-Click"}, "headers": {"Sec-Fetch-Site": "none"}}
    assert Visitor(app).post(path, **one_click).status_code == 200
    assert verdict(app) == "unsubscribed"
    with app.app_context():
        assert app.extensions["grc"].contacts.may_send(None, "transactional", WHO)


@pytest.mark.parametrize(("days", "allowed"), [(1, True), (729, True), (731, False)])
def test_t14_a_purchase_implies_consent_for_two_years(
    app: Flask, little: Little, days: int, allowed: bool
) -> None:
    bought(little, app, little.clock.now)
    little.clock.forward(days=days)
    assert (verdict(app) == "yes") is allowed


@pytest.mark.parametrize(("days", "allowed"), [(1, True), (180, True), (185, False)])
def test_t14_an_enquiry_implies_consent_for_six_months(
    app: Flask, little: Little, days: int, allowed: bool
) -> None:
    with app.app_context():
        assert little.grc is not None
        contact = little.grc.contacts.save(email=WHO)
        at = little.clock.now
        little.grc.timeline.add(contact, "e-mail", "question", at, "Is it waterproof?")
    little.clock.forward(days=days)
    assert (verdict(app) == "yes") is allowed


def test_t14_a_refusal_ends_what_a_purchase_implies(
    visitor: Visitor, app: Flask, little: Little
) -> None:
    visitor.post("/sign-in/ann")
    bought(little, app, little.clock.now, "ann")
    assert verdict(app) == "yes"
    visitor.choose("refuse")
    assert verdict(app) == "no consent to marketing"


def test_t14_what_the_shop_recorded_as_a_refusal_counts_too(app: Flask, little: Little) -> None:
    little.customers["ann"] = Customer("ann", email=WHO, consents=Purpose.NECESSARY)
    bought(little, app, little.clock.now, "ann")
    assert verdict(app) == "no consent to marketing"


def test_t14_a_shop_that_does_not_say_who_it_is_sends_no_offers(
    visitor: Visitor, app: Flask
) -> None:
    opt_in(visitor, app, "e-mail")
    assert run(app, "settings", "privacy_consent", "address=")[0] == 0
    assert "vetoes" in verdict(app)


def test_outside_canada_nothing_is_implied(app: Flask, little: Little) -> None:
    assert run(app, "settings", "privacy_consent", 'profiles=["gdpr"]')[0] == 0
    bought(little, app, little.clock.now)
    assert verdict(app) == "no consent to marketing"


def test_a_customer_who_says_yes_by_mail_says_it_for_the_account(
    visitor: Visitor, app: Flask, little: Little
) -> None:
    little.customers["ann"] = Customer("ann", email=WHO)
    bought(little, app, little.clock.now - timedelta(days=800), "ann")
    assert verdict(app) == "no consent to marketing"
    opt_in(visitor, app, "e-mail")
    assert verdict(app) == "yes"
    assert [row.subject for row in rows(app, Holder)] == ["customer:ann", f"email:{WHO}"]


@pytest.mark.parametrize("bad", ["nobody", "@x", "a@", "a@b\r\nBcc: c@d", ""])
def test_what_is_no_address_is_refused_with_a_problem_document(
    visitor: Visitor, app: Flask, bad: str
) -> None:
    answer = visitor.post("/grc/privacy/mail", data={"email": bad})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert messages(app) == []


def test_a_link_is_sent_once_an_hour_and_the_answer_is_the_same_for_everybody(
    visitor: Visitor, app: Flask, little: Little
) -> None:
    bought(little, app, little.clock.now)
    known = visitor.post("/grc/privacy/mail", data={"email": WHO}).text
    unknown = visitor.post("/grc/privacy/mail", data={"email": "nobody@example.com"}).text
    visitor.post("/grc/privacy/mail", data={"email": WHO})
    assert known == unknown
    assert [item.message.address for item in messages(app)] == [WHO, "nobody@example.com"]


def test_a_token_of_somebody_else_s_making_opens_nothing(visitor: Visitor, app: Flask) -> None:
    visitor.post("/grc/privacy/mail", data={"email": WHO})
    link = link_of(app)
    for path in (link[:-2], link + "x", "/grc/privacy/mail/guest@example.com"):
        assert visitor.get(path).status_code == 404
        assert visitor.post(path, data={"channel": "e-mail"}).status_code == 404
    assert rows(app, Entry) == []


def test_an_unknown_channel_is_refused(visitor: Visitor, app: Flask) -> None:
    visitor.post("/grc/privacy/mail", data={"email": WHO})
    answer = visitor.post(link_of(app), data={"channel": "pigeon"})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert rows(app, Entry) == []


@pytest.mark.parametrize(
    ("at", "years", "months", "expected"),
    [
        (datetime(2024, 2, 29, tzinfo=UTC), 2, 0, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2025, 8, 31, tzinfo=UTC), 0, 6, datetime(2026, 2, 28, tzinfo=UTC)),
        (datetime(2025, 10, 15, tzinfo=UTC), 0, 6, datetime(2026, 4, 15, tzinfo=UTC)),
    ],
)
def test_the_clocks_know_the_calendar(
    at: datetime, years: int, months: int, expected: datetime
) -> None:
    assert later(at, years, months) == expected


def test_a_clock_ends_at_its_very_moment() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    end = datetime(2028, 1, 1, tzinfo=UTC)
    assert is_implied(at, None, end - timedelta(microseconds=1))
    assert not is_implied(at, None, end)
    assert not is_implied(None, None, at)
