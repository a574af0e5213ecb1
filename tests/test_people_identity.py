"""Who is who: joined on proof, never on a claim, and never two strangers."""

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest

from grc_core import Customer
from grc_core import Event
from grc_core import Money
from grc_core import Plugin
from grc_core import Purpose
from grc_core import Subject
from grc_core import hookimpl
from grc_core.storage.sessions import writing


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


def test_the_past_in_one_chunk_gives_the_same_people_as_one_by_one(mini: Any) -> None:
    past, paid = datetime.now(UTC) - timedelta(days=100), Money(1250, "CAD")
    for number in range(12):
        at = past + timedelta(days=number)
        mini.place(email=f"guest{number % 3}@example.com", placed_at=at, total=paid)
        mini.place(f"c{number % 4}", email="Home@example.com", placed_at=at, total=paid)
    for number in range(4):
        mini.sign_up(f"c{number}", email=f"guest{number}@example.com", email_verified=True,
                     created_at=past + timedelta(days=5))  # fmt: skip
    batched, single = mini.make_app([]), mini.make_app([])
    result = batched.test_cli_runner().invoke(args=["grc", "backfill"])
    assert result.exit_code == 0, result.output
    core = single.extensions["grc"].people.subscriber
    with writing(single.extensions["grc"].database):
        for order in mini.orders.values():
            core.on_orders([(order, Event("1", "on_order", 1, past))])
        for customer in mini.customers.values():
            core.on_signups([(customer, Event("1", "on_signup", 1, past))])
    together, apart = (
        [
            replace(person, id="", merged=())
            for person in app.extensions["grc"].contacts.search().contacts
        ]
        for app in (batched, single)
    )
    assert together == apart
    assert len(together) == 4
    assert {person.stats.orders for person in together} == {7, 3}


def test_the_shop_s_later_word_on_somebody_signed_in_wins_over_an_older_name(
    mini: Any, app: Any
) -> None:
    grc = app.extensions["grc"]
    mini.sign_up("jane", name="Jane Doe", locale="en")
    ring(app)
    grc.contacts.learn(Customer("jane", name="Mallory", locale="de"))
    assert (of(app, "customer", "jane").name, of(app, "customer", "jane").locale) == (
        "Jane Doe", "en",
    )  # fmt: skip
    grc.contacts.learn(Customer("jane", name="Jane Roe", locale="fr", verified=True))
    found = of(app, "customer", "jane")
    assert (found.name, found.locale) == ("Jane Roe", "fr")
    assert grc.contacts.search("roe").contacts == (found,)
    grc.contacts.save(found, name="Dr Jane Roe")
    grc.set_clock(lambda: datetime.now(UTC) - timedelta(hours=1))
    grc.contacts.learn(Customer("jane", name="Jane Doe", verified=True))
    assert of(app, "customer", "jane").name == "Dr Jane Roe"


def test_a_customer_s_browsers_are_found_without_the_rest(mini: Any) -> None:
    grc = mini.make_app([]).extensions["grc"]
    with grc.database.write() as connection:
        at = grc.clock()
        for name, visitor in (("ann", "v1"), ("ann", "v2"), ("bob", "v3")):
            identities = grc.people.identities
            identities.claim(connection, Subject("visitor", visitor), at)
            identities.claim(connection, Subject("customer", name), at)
            identities.sign_in(connection, name, visitor, at)
    assert sorted(grc.contacts.visitors_of("ann")) == ["v1", "v2"]
    assert grc.contacts.visitors_of("bob") == ["v3"]
    assert grc.contacts.visitors_of("nobody") == []
