"""Who is who: joined on proof, never on a claim, and never two strangers."""

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


class Agreed(Plugin):
    """Say yes for everybody."""

    name = "agreed"

    @hookimpl
    def consents(self, subject: Subject) -> Purpose:
        return Purpose.ANALYTICS | Purpose.MARKETING


def ring(app: Any) -> None:
    app.extensions["grc"].runner.wake(frozenset({"orders", "customers"}))


def of(app: Any, kind: str, id: str) -> Any:
    return app.extensions["grc"].contacts.of(Subject(kind, id))


@pytest.fixture
def app(mini: Any) -> Any:
    return mini.make_app([])


def test_a_guest_s_orders_come_along_at_sign_up_with_the_proven_address(
    mini: Any, app: Any
) -> None:
    mini.place(email="Jane@example.com")
    ring(app)
    guest = of(app, "email", "jane@example.com")
    assert (guest.kind, guest.stage, guest.customer_ids) == ("customer", "customer", ())
    mini.sign_up("jane", email="jane@EXAMPLE.com", email_verified=True)
    ring(app)
    person = of(app, "customer", "jane")
    assert person == of(app, "email", "jane@example.com")
    assert (person.stats.orders, person.name) == (1, "Jane")
    assert person == app.extensions["grc"].contacts.by_id(guest.id)


def test_an_unproven_address_joins_nothing(mini: Any, app: Any) -> None:
    mini.place(email="jane@example.com")
    mini.sign_up("mallory", email="jane@example.com", email_verified=False)
    mini.place("mallory", email="jane@example.com")
    ring(app)
    guest, person = of(app, "email", "jane@example.com"), of(app, "customer", "mallory")
    assert guest.id != person.id
    assert (guest.stats.orders, person.stats.orders) == (1, 1)
    assert len(app.extensions["grc"].contacts.by_email("jane@example.com")) == 2


def test_an_order_as_a_guest_after_sign_up_comes_along(mini: Any, app: Any) -> None:
    mini.sign_up("jane", email_verified=True)
    ring(app)
    mini.place(email="jane@example.com")
    ring(app)
    assert of(app, "customer", "jane").stats.orders == 1


def test_an_address_that_two_people_have_proven_joins_neither(mini: Any, app: Any) -> None:
    mini.sign_up("ann", email="home@example.com", email_verified=True)
    mini.sign_up("bob", email="home@example.com", email_verified=True)
    ring(app)
    mini.place(email="home@example.com")
    ring(app)
    ids = {of(app, *who).id for who in (
        ("customer", "ann"), ("customer", "bob"), ("email", "home@example.com")
    )}  # fmt: skip
    assert len(ids) == 3


def test_two_customers_are_never_joined_by_themselves(mini: Any, app: Any) -> None:
    mini.place(email="home@example.com")
    for id in ("ann", "bob"):
        mini.sign_up(id, email="home@example.com", email_verified=True)
        ring(app)
    assert of(app, "customer", "ann").id != of(app, "customer", "bob").id
    assert of(app, "email", "home@example.com").id == of(app, "customer", "ann").id


def test_a_changed_address_is_learned_and_the_old_one_stays(mini: Any, app: Any) -> None:
    contacts = app.extensions["grc"].contacts
    mini.sign_up("jane", email="old@example.com")
    mini.place(email="new@example.com")
    ring(app)
    contacts.learn(Customer("jane", email="new@example.com", name="Changed"))
    assert of(app, "customer", "jane").emails == ("new@example.com", "old@example.com")
    assert of(app, "customer", "jane").stats.orders == 0
    contacts.learn(Customer("jane", email="new@example.com", email_verified=True))
    found = of(app, "customer", "jane")
    assert (found.email, found.stats.orders, found.name) == ("new@example.com", 1, "Jane")


def test_merged_then_split_stays_split(mini: Any, app: Any) -> None:
    contacts = app.extensions["grc"].contacts
    mini.place(email="jane@example.com")
    customer = mini.sign_up("jane", email_verified=True)
    ring(app)
    merge = contacts.merges_of(of(app, "customer", "jane"))[0]
    assert merge.reason == "verified jane@example.com"
    contacts.undo(merge.id)
    contacts.learn(customer)
    mini.place(email="jane@example.com")
    ring(app)
    assert of(app, "customer", "jane").stats.orders == 0
    assert of(app, "email", "jane@example.com").stats.orders == 2


def test_a_browser_joins_its_customer_at_a_verified_sign_in(mini: Any) -> None:
    app = mini.make_app([Agreed])
    client = app.test_client()
    client.get("/product/1")
    ring(app)
    [visitor] = app.extensions["grc"].contacts.search(stage="visitor").contacts
    assert (visitor.kind, visitor.stats.visits) == ("prospect", 1)
    mini.sign_up("jane")
    client.post("/sign-in/jane")
    client.get("/product/2")
    ring(app)
    person = of(app, "customer", "jane")
    assert person.visitor_ids == visitor.visitor_ids
    assert (person.stats.visits, person.stage) == (1, "prospect")
    assert app.extensions["grc"].contacts.by_id(visitor.id) == person


def test_a_shared_browser_stays_with_who_signed_in_first(mini: Any) -> None:
    app = mini.make_app([Agreed])
    client = app.test_client()
    client.get("/product/1")
    for id in ("ann", "bob"):
        mini.sign_up(id)
        client.post(f"/sign-in/{id}")
        client.get("/product/2")
        ring(app)
    assert len(of(app, "customer", "ann").visitor_ids) == 1
    assert of(app, "customer", "bob").visitor_ids == ()


def test_an_unverified_identity_joins_no_browser(mini: Any) -> None:
    mini.shop.customer(lambda: Customer("jane", verified=False))
    app = mini.make_app([Agreed])
    client = app.test_client()
    client.get("/product/1")
    client.post("/sign-in/jane")
    client.get("/product/2")
    ring(app)
    assert of(app, "customer", "jane") is None


def test_without_consent_nobody_is_counted(mini: Any, app: Any) -> None:
    client = app.test_client()
    client.get("/product/1")
    mini.sign_up("jane")
    client.post("/sign-in/jane")
    client.get("/product/1")
    ring(app)
    assert of(app, "customer", "jane").stats.visits == 0
    assert app.extensions["grc"].contacts.search(stage="visitor").contacts == ()


def test_signs_of_a_person_move_the_first_one_back(mini: Any, app: Any) -> None:
    early = datetime.now(UTC) - timedelta(days=400)
    mini.sign_up("jane", created_at=datetime.now(UTC))
    ring(app)
    mini.place("jane", placed_at=early)
    ring(app)
    stats = of(app, "customer", "jane").stats
    assert stats.first_seen_at == stats.first_order_at == early


@pytest.mark.parametrize(
    "email", ["", "nobody", "@example.com", "a b@example.com", "x" * 400 + "@a"]
)
def test_an_order_with_a_garbled_address_makes_nobody_and_fails_nothing(
    mini: Any, app: Any, email: str
) -> None:
    mini.place(email=email)
    mini.place("jane", email=email)
    ring(app)
    assert of(app, "customer", "jane").emails == ()
    assert len(app.extensions["grc"].contacts.search(kind="customer").contacts) == 1
