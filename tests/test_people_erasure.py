"""The erased stay erased: no pull, no backfill and no late event brings them back."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import String
from sqlalchemy import cast
from sqlalchemy import func
from sqlalchemy import select

from grc_core import Subject
from grc_core.storage.contact_models import ErasedRow
from grc_core.storage.core import CoreModel
from grc_core.storage.models import EventRow


def ring(grc: Any) -> None:
    grc.runner.wake(frozenset({"orders", "customers"}))


def everybody(grc: Any) -> list[str]:
    return [item.name for item in grc.contacts.search().contacts]


def test_no_pull_brings_back_who_was_forgotten(mini: Any) -> None:
    grc = mini.make_app([]).extensions["grc"]
    mini.sign_up("jane", email="jane@example.com")
    mini.place("jane", email="jane@example.com")
    ring(grc)
    grc.contacts.forget(grc.contacts.of(Subject("customer", "jane")))
    mini.change("1", state="paid")
    mini.place("jane")
    mini.place(email="Jane@Example.com")
    ring(grc)
    assert everybody(grc) == []
    assert grc.contacts.learn(mini.customers["jane"]) is None
    assert grc.contacts.by_order("1") is None


def test_no_backfill_brings_back_who_was_forgotten(mini: Any, long_ago: datetime) -> None:
    mini.sign_up("jane", created_at=long_ago)
    mini.sign_up("joe", created_at=long_ago)
    mini.place("jane", placed_at=long_ago)
    app = mini.make_app([])
    grc = app.extensions["grc"]
    grc.contacts.learn(mini.customers["jane"])
    grc.contacts.forget(grc.contacts.of(Subject("customer", "jane")))
    result = app.test_cli_runner().invoke(args=["grc", "backfill"])
    assert result.exit_code == 0, result.output
    assert everybody(grc) == ["Joe"]


def test_the_past_makes_contacts_through_a_backfill_once(mini: Any, long_ago: datetime) -> None:
    mini.sign_up("jane", created_at=long_ago)
    mini.place("jane", placed_at=long_ago)
    mini.place(email="guest@example.com", placed_at=long_ago)
    app = mini.make_app([])
    for _ in range(2):
        app.test_cli_runner().invoke(args=["grc", "backfill"])
        ring(app.extensions["grc"])
    contacts = app.extensions["grc"].contacts
    assert contacts.of(Subject("customer", "jane")).stats.orders == 1
    assert contacts.of(Subject("customer", "jane")).stats.first_seen_at == long_ago
    assert contacts.of(Subject("email", "guest@example.com")).stats.orders == 1


def test_nothing_of_a_forgotten_contact_remains(mini: Any) -> None:
    grc = mini.make_app([]).extensions["grc"]
    contacts = grc.contacts
    contacts.fields.define("note")
    mini.sign_up("sentinel", email="sentinel@example.com")
    mini.place("sentinel", email="sentinel@example.com")
    ring(grc)
    person = contacts.of(Subject("customer", "sentinel"))
    other = contacts.save(name="Sentinel two", email="sentinel2@example.com")
    contacts.merge(person, other, "both are sentinel")
    contacts.tag(person, "sentinel")
    contacts.set_field(person, "note", "sentinel")
    contacts.suppress(person, "sentinel")
    grc.timeline.add(person, "phone", "call", summary="sentinel", data={"x": "sentinel"})
    contacts.forget(other)
    left = {}
    with grc.database.read() as connection:
        for table in CoreModel.metadata.sorted_tables:
            if table.name == EventRow.__tablename__:  # keys stay, so that nothing happens twice
                columns = [c for c in table.c if c.name != "key"]
            elif table.name.endswith(("__delivery", "__lease")):
                continue
            else:
                columns = list(table.c)
            for column in columns:
                query = select(func.count()).select_from(table)
                count = connection.scalar(
                    query.where(func.lower(cast(column, String)).contains("sentinel"))
                )
                if count:
                    left[str(column)] = count
        assert connection.scalar(select(func.count()).select_from(ErasedRow.__table__)) == 3
    assert left == {}


def test_an_address_that_somebody_else_has_stays_theirs(mini: Any) -> None:
    grc = mini.make_app([]).extensions["grc"]
    for id in ("ann", "bob"):
        mini.sign_up(id, email="home@example.com")
    ring(grc)
    grc.contacts.forget(grc.contacts.of(Subject("customer", "ann")))
    assert [item.name for item in grc.contacts.by_email("home@example.com")] == ["Bob"]
    mini.place(email="home@example.com")
    ring(grc)
    assert len(grc.contacts.by_email("home@example.com")) == 2


@pytest.mark.parametrize("own", [None, "a key of its own"])
def test_the_hash_is_keyed_and_outlives_a_new_secret_key(mini: Any, own: str | None) -> None:
    app = mini.make_app([], GRC_LEDGER_KEY=own)
    grc = app.extensions["grc"]
    mini.sign_up("jane")
    ring(grc)
    grc.contacts.forget(grc.contacts.of(Subject("customer", "jane")))
    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "another one"
    mini.place("jane")
    ring(grc)
    assert everybody(grc) == []
    app.config["SECRET_KEY_FALLBACKS"] = []
    mini.place("jane")
    ring(grc)
    assert len(everybody(grc)) == (0 if own else 1)


def test_staff_may_write_somebody_down_again(mini: Any) -> None:
    grc = mini.make_app([]).extensions["grc"]
    saved = grc.contacts.save(name="Jane", email="jane@example.com")
    grc.contacts.forget(saved)
    assert grc.contacts.save(name="Jane", email="jane@example.com").name == "Jane"


def test_what_was_written_to_an_erased_person_is_forgotten(mini: Any) -> None:
    from sqlalchemy import func
    from sqlalchemy import select

    from grc_core.storage.mail_models import MessageRow

    app = mini.make_app([])
    mini.sign_up("ann")
    app.extensions["grc"].runner.wake(frozenset({"customers"}))
    contacts = app.extensions["grc"].contacts
    ann = contacts.by_email("ann@example.com")[0]
    with app.app_context():
        mini.grc.mail.send(ann, "test", "one", "transactional")
    count = select(func.count()).select_from(MessageRow)
    with app.extensions["grc"].database.read() as connection:
        assert connection.scalar(count) == 1
    contacts.forget(ann)
    with app.extensions["grc"].database.read() as connection:
        assert connection.scalar(count) == 0
