"""What may be sent: every reason against it, each by itself, and by every path."""

from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from grc_core import Customer
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Subject
from grc_core import hookimpl
from grc_core.errors import InvalidContact
from grc_core.people.contact import FOREVER
from grc_core.people.contact import Contact

NOW = datetime(2026, 5, 1, tzinfo=UTC)


class Vetoing(Plugin):
    """Veto who is tagged."""

    name = "vetoing"

    @hookimpl
    def may_send(self, contact: Contact, kind: str) -> bool | None:
        return False if "quiet" in contact.tags else None


class Failing(Plugin):
    """Fail at every question."""

    name = "failing"

    @hookimpl
    def may_send(self, contact: Contact, kind: str) -> bool | None:
        raise RuntimeError("no idea")


@pytest.fixture
def grc(mini: Any) -> Any:
    runtime = mini.make_app([Vetoing]).extensions["grc"]
    runtime.set_clock(lambda: NOW)
    return runtime


def agreed(mini: Any, grc: Any, id: str = "jane", **changes: Any) -> Any:
    """Return the contact of a customer who agreed to marketing."""
    values = {"consents": Purpose.MARKETING, "created_at": NOW, **changes}
    customer = mini.sign_up(id, **values)
    return grc.contacts.learn(customer)


def test_with_consent_and_nothing_against_it_all_may_be_sent(mini: Any, grc: Any) -> None:
    contact = agreed(mini, grc)
    assert grc.contacts.may_send(contact, "commercial")
    assert grc.contacts.may_send(contact.id, "transactional")


def test_a_plugin_that_fails_when_asked_holds_offers_back_and_nothing_else(mini: Any) -> None:
    runtime = mini.make_app([Vetoing, Failing]).extensions["grc"]
    contact = agreed(mini, runtime)
    refused = runtime.contacts.may_send(contact, "commercial")
    assert (bool(refused), refused.reason) == (False, "plugin failing failed when it was asked")
    assert runtime.contacts.may_send(contact, "transactional")


OBSTACLES: list[tuple[str, Callable[[Any, Any, Any], Any]]] = [
    ("no consent", lambda mini, grc, c: mini.sign_up("jane", consents=Purpose.ANALYTICS)),
    ("no consent", lambda mini, grc, c: mini.sign_up("jane", consents=None)),
    ("no consent", lambda mini, grc, c: mini.customers.clear()),
    ("suppressed: complaint 1", lambda mini, grc, c: grc.contacts.suppress(c, "complaint 1")),
    ("unsubscribed", lambda mini, grc, c: grc.contacts.unsubscribe(c)),
    ("plugin vetoing vetoes", lambda mini, grc, c: grc.contacts.tag(c, "quiet")),
    ("no such contact", lambda mini, grc, c: grc.contacts.forget(c)),
]


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(("reason", "against"), OBSTACLES)
def test_one_reason_against_it_is_enough(
    mini: Any, grc: Any, reason: str, against: Callable[[Any, Any, Any], Any]
) -> None:
    contact = agreed(mini, grc)
    against(mini, grc, contact)
    verdict = grc.contacts.may_send(contact, "commercial")
    assert not verdict
    assert reason in verdict.reason
    if reason != "no such contact":
        assert grc.contacts.may_send(contact, "transactional")


def test_an_address_that_bounced_gets_nothing_at_all(mini: Any, grc: Any) -> None:
    contact = agreed(mini, grc)
    grc.contacts.bounce("JANE@example.com", "550 no such user")
    for kind in ("transactional", "commercial"):
        assert "refuses mail" in grc.contacts.may_send(contact, kind).reason
        assert not grc.contacts.may_send(None, kind, "jane@example.com")
    assert grc.contacts.may_send(contact, "transactional", "other@example.com")
    grc.contacts.addresses.revive("jane@example.com")
    assert grc.contacts.may_send(contact, "commercial")


def test_a_bare_address_is_judged_by_everybody_who_has_it(mini: Any, grc: Any) -> None:
    class Yes(Plugin):
        """Agree for everybody."""

        name = "yes"

        @hookimpl
        def consents(self, subject: Subject) -> Purpose:
            return Purpose.MARKETING

    runtime = mini.make_app([Yes]).extensions["grc"]
    contact = runtime.contacts.save(name="Jane", email="home@example.com")
    other = runtime.contacts.save(name="Joe", email="home@example.com")
    may_send = runtime.contacts.may_send
    assert may_send(None, "commercial", "home@example.com")
    runtime.contacts.suppress(contact, "complaint")
    assert not may_send(None, "commercial", "home@example.com")
    assert may_send(other, "commercial")
    runtime.contacts.lift(contact)
    runtime.contacts.unsubscribe(contact)
    assert not may_send(None, "commercial", "home@example.com")
    assert not may_send(other, "commercial")
    runtime.contacts.resubscribe(contact)
    assert may_send(other, "commercial")
    assert not may_send(None, "commercial", "")


def test_a_merged_contact_is_held_back_by_each_of_its_parts(mini: Any, grc: Any) -> None:
    contact = agreed(mini, grc)
    other = grc.contacts.save(name="Jane")
    grc.contacts.suppress(other, "complaint")
    merge = grc.contacts.merge(contact, other)
    assert not grc.contacts.may_send(contact, "commercial")
    assert grc.contacts.is_suppressed(contact)
    grc.contacts.undo(merge.id)
    assert grc.contacts.may_send(contact, "commercial")
    refusing = agreed(mini, grc, "joe", consents=Purpose.NECESSARY)
    grc.contacts.merge(contact, refusing)
    assert grc.contacts.may_send(contact, "commercial").reason == "no consent to marketing"


def test_a_suppression_ends_by_time_or_by_its_reason(mini: Any, grc: Any) -> None:
    contacts, contact = grc.contacts, agreed(mini, grc)
    until = NOW + timedelta(days=2)
    contacts.suppress(contact, "parcel late", until)
    contacts.suppress(contact, "complaint")
    assert contacts.by_id(contact.id).suppressed_until == FOREVER
    assert contacts.lift(contact, "complaint") == 1
    assert contacts.by_id(contact.id).suppressed_until == until
    assert contacts.is_suppressed(contact, until - timedelta(seconds=1))
    assert not contacts.is_suppressed(contact, until)
    grc.set_clock(lambda: until)
    assert contacts.by_id(contact.id).suppressed_until is None
    assert contacts.may_send(contact, "commercial")
    assert contacts.lift(contact) == 1


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize("reason", ["", "\x00", "x" * 201])
def test_a_suppression_says_why(mini: Any, grc: Any, reason: str) -> None:
    with pytest.raises(InvalidContact, match=r"a reason has|needs a reason"):
        grc.contacts.suppress(agreed(mini, grc), reason)


@pytest.mark.grc_databases("sqlite")
def test_an_unknown_kind_of_message_is_an_error(mini: Any, grc: Any) -> None:
    with pytest.raises(InvalidContact, match="did you mean 'commercial'"):
        grc.contacts.may_send(agreed(mini, grc), "comercial")


@pytest.mark.grc_databases("sqlite")
def test_a_naive_end_is_refused(mini: Any, grc: Any) -> None:
    with pytest.raises(InvalidContact, match="no time zone"):
        grc.contacts.suppress(agreed(mini, grc), "x", datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_visitor_without_an_address_gets_nothing_commercial(grc: Any) -> None:
    contact = grc.contacts.save(name="Somebody")
    assert not grc.contacts.may_send(contact, "commercial")


def test_a_plugin_s_session_sees_what_it_has_just_suppressed(mini: Any, grc: Any) -> None:
    from grc_core.storage.sessions import writing

    contact = grc.contacts.learn(Customer("x", email="x@example.com"))
    mini.sign_up("x", consents=Purpose.MARKETING)
    with writing(grc.database):
        grc.contacts.suppress(contact, "complaint")
        assert not grc.contacts.may_send(contact, "commercial")


def test_a_suppressed_customer_gets_no_offer(mini: Any) -> None:
    from flask import session

    from grc_core import Cart
    from grc_core import CartLine
    from grc_core import Money
    from grc_core import Offer

    class Generous(Plugin):
        name = "generous"

        @hookimpl
        def offers(self) -> list[Offer]:
            return [Offer("ten", percent=10)]

    app = mini.make_app([Generous])
    mini.sign_up("ann")
    app.extensions["grc"].runner.wake(frozenset({"customers"}))
    contacts = app.extensions["grc"].contacts
    ann = contacts.of(Subject("customer", "ann"))
    cart = Cart("1", [CartLine("1", 1, Money(500, "CAD"))])

    def offered() -> int:
        with app.test_request_context():
            session["user"] = "ann"
            return len(mini.grc.price(cart).rejected)

    assert offered() == 1
    contacts.suppress(ann, "complaint")
    assert offered() == 0
    contacts.lift(ann, "complaint")
    assert offered() == 1
