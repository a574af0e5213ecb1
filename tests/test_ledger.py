"""Reading and mending deliveries."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy import insert
from sqlalchemy import select

from grc_core.errors import GRCError
from grc_core.outbox import ledger
from grc_core.storage.core import CoreModel
from grc_core.storage.engine import Database
from grc_core.storage.models import DeliveryRow
from grc_core.storage.models import EventRow

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def database(grc_databases):
    database = Database(Flask("host"), grc_databases.url())
    CoreModel.metadata.create_all(database.engine)
    yield database
    database.dispose()


def add(database, *states, type="on_order", days=0, key=None, subject=None):
    """Record an event with a delivery per `subscriber:state`; return the deliveries' ids."""
    at = NOW - timedelta(days=days)
    with database.write() as connection:
        count = len(connection.execute(select(EventRow.id)).all())
        row = {"type": type, "key": key or f"k{count}", "payload": '{"a": 1}'}
        statement = insert(EventRow).values(**row, occurred_at=at, accepted_at=at)
        id = connection.execute(statement).inserted_primary_key[0]
        return [_deliver(connection, id, *item.split(":"), at, subject) for item in states]


def _deliver(connection, event_id, subscriber, state, at, subject):
    row = {"event_id": event_id, "subscriber": subscriber, "state": state, "run_at": at}
    finished = at if state in ("done", "dropped", "dead") else None
    attempts = 8 if state == "dead" else 0
    statement = insert(DeliveryRow).values(
        **row, finished_at=finished, attempts=attempts, subject=subject
    )
    return connection.execute(statement).inserted_primary_key[0]


def states(database):
    with database.read() as connection:
        query = select(DeliveryRow.id, DeliveryRow.state).order_by(DeliveryRow.id)
        return {row.id: row.state for row in connection.execute(query)}


def test_totals_count_by_subscriber_and_state_with_the_age_of_what_waits(database):
    add(database, "faq:pending", "loyalty:done", days=3)
    add(database, "faq:pending", "loyalty:dead", days=1)
    assert ledger.totals(database) == [
        ledger.Total("faq", "pending", 2, NOW - timedelta(days=3)),
        ledger.Total("loyalty", "dead", 1),
        ledger.Total("loyalty", "done", 1),
    ]


def test_deliveries_come_newest_first_and_filtered(database):
    (old,) = add(database, "faq:done", subject="customer:1")
    new, other = add(database, "faq:dead", "loyalty:done", type="on_refund")
    everything = ledger.deliveries(database)
    assert [item.id for item in everything] == [other, new, old]
    assert everything[2].subject == "customer:1"
    assert [item.id for item in ledger.deliveries(database, limit=1)] == [other]
    assert [item.id for item in ledger.deliveries(database, state="dead")] == [new]
    assert [item.id for item in ledger.deliveries(database, subscriber="loyalty")] == [other]
    assert [item.id for item in ledger.deliveries(database, hook="on_order")] == [old]
    assert [item.id for item in ledger.deliveries(database, hook="refund")] == [other, new]


def test_one_delivery_is_shown_with_its_payload(database):
    (id,) = add(database, "faq:dead", key="order-7")
    detail = ledger.show(database, id)
    assert (detail.delivery.key, detail.payload, detail.version) == ("order-7", '{"a": 1}', 1)
    with pytest.raises(GRCError, match="no delivery 99"):
        ledger.show(database, 99)


def test_all_that_is_dead_is_retried_now_with_new_attempts(database):
    dead, dropped = add(database, "faq:dead", "loyalty:dropped", days=2)
    assert ledger.retry(database, None, NOW) == 1
    assert states(database) == {dead: "pending", dropped: "dropped"}
    again = ledger.deliveries(database, state="pending")[0]
    assert (again.attempts, again.run_at, again.finished_at) == (0, NOW, None)


def test_what_is_done_or_under_way_is_not_retried(database):
    ids = add(database, "a:done", "b:claimed", "c:dropped", "d:pending")
    assert ledger.retry(database, ids, NOW) == 2
    assert list(states(database).values()) == ["done", "claimed", "pending", "pending"]


def test_dead_and_pending_deliveries_can_be_dropped(database):
    ids = add(database, "a:done", "b:claimed", "c:dead", "d:pending")
    assert ledger.drop(database, ids, NOW) == 2
    assert list(states(database).values()) == ["done", "claimed", "dropped", "dropped"]
    assert ledger.deliveries(database, subscriber="c")[0].finished_at == NOW


def test_thousands_of_ids_are_changed_in_few_statements(database):
    ids = add(database, *(f"plugin{number}:dead" for number in range(1200)))
    statements = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert ledger.drop(database, ids, NOW) == 1200
    assert [text.split()[0] for text in statements if "BEGIN" not in text] == ["UPDATE"] * 3


def test_a_purge_keeps_events_and_what_somebody_waits_for(database, monkeypatch):
    monkeypatch.setattr(ledger, "_CHUNK", 2)
    over = [id for number in range(5) for id in add(database, "a:done", "b:dropped", days=40)]
    dead, _ = add(database, "a:dead", "b:done", days=40)
    (fresh,) = add(database, "a:done", days=3)
    assert ledger.purge(database, NOW - timedelta(days=30)) == ledger.Purged(11, 5)
    assert set(states(database)) == {dead, fresh}
    assert not set(over) & set(states(database))
    query = select(EventRow.payload).order_by(EventRow.id)
    with database.read() as connection:
        payloads = [payload for (payload,) in connection.execute(query)]
    assert payloads == [None] * 5 + ['{"a": 1}'] * 2
    assert ledger.purge(database, NOW - timedelta(days=30)) == ledger.Purged(0, 0)


def test_a_purge_leaves_what_was_retried_meanwhile(database, monkeypatch):
    (id,) = add(database, "a:dropped", days=40)
    write = database.write

    def write_after_a_retry():
        monkeypatch.setattr(database, "write", write)
        ledger.retry(database, [id], NOW)
        return write()

    monkeypatch.setattr(database, "write", write_after_a_retry)
    assert ledger.purge(database, NOW - timedelta(days=30)) == ledger.Purged(0, 0)
    assert states(database) == {id: "pending"}
