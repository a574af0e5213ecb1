"""The proof: any byte of it that changes is noticed, and named."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from grc_privacy_consent.ledger import ORIGIN
from grc_privacy_consent.ledger import Deed
from grc_privacy_consent.ledger import append
from grc_privacy_consent.ledger import instant
from grc_privacy_consent.ledger import keep_text
from grc_privacy_consent.ledger import verify
from grc_privacy_consent.models import Entry
from grc_privacy_consent.models import Head
from grc_privacy_consent.models import Model
from grc_privacy_consent.models import Wording

from .conftest import Visitor
from .conftest import head
from .conftest import rows
from .conftest import run

KEY = b"kept elsewhere"
LENGTH = 4


@pytest.fixture(scope="module")
def ledger() -> Iterator[Session]:
    """Return a ledger of four entries that stand on two texts."""
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda raw, _: setattr(raw, "isolation_level", None))
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    Model.metadata.create_all(engine)
    with Session(engine) as session:
        for number in range(LENGTH):
            said = keep_text(session, f"Statistiques: compter, n\N{DEGREE SIGN} {number % 2}")
            at = instant(datetime(2026, 1, 1 + number, tzinfo=UTC))
            deed = Deed(at, f"c{number}", "given", "analytics", "analytics marketing", "banner",
                        "0", "fr", said, "v1")  # fmt: skip
            append(session, KEY, deed)
        session.commit()
        yield session
    engine.dispose()


def cells(session: Session) -> list[tuple[str, str, Any, str, bytes]]:
    """Return table, key column, key, column and bytes of every cell that the proof consists of."""
    found = []
    for model, key in ((Entry, "seq"), (Head, "id"), (Wording, "text_hash")):
        table = model.__tablename__
        for row in session.execute(model.__table__.select()).mappings():
            for column, value in row.items():
                found.append((table, key, row[key], column, str(value).encode()))
    session.rollback()
    return found


def flipped(session: Session, cell: tuple[str, str, Any, str, bytes], at: int, mask: int) -> Any:
    """Change one byte, verify, and put it back; None where the database refuses the change."""
    table, key, id, column, data = cell
    changed = bytearray(data)
    changed[at] ^= mask
    try:
        session.execute(
            text(f'UPDATE {table} SET "{column}" = CAST(:new AS TEXT) WHERE "{key}" = :id'),
            {"new": bytes(changed), "id": id},
        )
        return verify(session, [KEY])
    except DBAPIError:
        return None
    finally:
        session.rollback()


def test_a_whole_chain_is_verified_to_its_head(ledger: Session) -> None:
    found = verify(ledger, [KEY])
    assert (found.entries, found.bad) == (LENGTH, None)
    assert len(found.head) == 64
    ledger.rollback()


@pytest.mark.slow
def test_each_byte_that_changes_is_noticed(ledger: Session) -> None:
    refused = 0
    for cell in cells(ledger):
        for at in range(len(cell[4])):
            found = flipped(ledger, cell, at, 1)
            refused += found is None
            assert found is None or found.bad is not None, cell
            if cell[0] == Entry.__tablename__ and cell[3] != "seq" and found is not None:
                assert found.bad == cell[2]
    assert refused < 20  # a key that is taken, and the like


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_change_of_any_byte_is_noticed(ledger: Session, data: st.DataObject) -> None:
    cell = data.draw(st.sampled_from([cell for cell in cells(ledger) if cell[4]]))
    at = data.draw(st.integers(0, len(cell[4]) - 1))
    found = flipped(ledger, cell, at, data.draw(st.integers(1, 255)))
    assert found is None or found.bad is not None


def test_an_entry_that_is_gone_is_named(ledger: Session) -> None:
    for seq in range(1, LENGTH + 1):
        ledger.execute(Entry.__table__.delete().where(Entry.seq == seq))
        found = verify(ledger, [KEY])
        assert found.bad == seq
        ledger.rollback()


def test_entries_that_change_places_are_noticed(ledger: Session) -> None:
    for new, old in ((99, 2), (2, 3), (3, 99)):
        ledger.execute(Entry.__table__.update().where(Entry.seq == old).values(seq=new))
    assert verify(ledger, [KEY]).bad == 2
    ledger.rollback()


def test_who_cuts_off_the_end_and_mends_the_head_is_found_by_the_head_kept_elsewhere(
    ledger: Session,
) -> None:
    anchor = verify(ledger, [KEY]).head
    before = ledger.get(Entry, LENGTH - 1)
    assert before is not None
    ledger.execute(Entry.__table__.delete().where(Entry.seq == LENGTH))
    ledger.execute(Head.__table__.update().values(seq=LENGTH - 1, hash=before.hash))
    assert verify(ledger, [KEY]).bad is None
    assert verify(ledger, [KEY], anchor).bad == LENGTH
    ledger.rollback()


def test_without_the_key_nobody_makes_a_chain_that_fits(ledger: Session) -> None:
    assert verify(ledger, [b"guessed"]).bad == 1
    assert verify(ledger, [b"newer", KEY]).bad is None  # a key that was changed since
    ledger.rollback()


def test_an_empty_ledger_is_whole(app: Flask) -> None:
    assert run(app, "consent", "verify") == (0, f"0 entries are whole; the head is {ORIGIN}\n")


def test_the_command_names_the_bad_entry_and_fails(visitor: Visitor, app: Flask) -> None:
    visitor.choose("accept")
    visitor.choose("refuse", interface="choices")
    kept = head(app)
    assert kept["entries"] == 2
    assert run(app, "consent", "verify", "--head", kept["head"])[0] == 0
    with app.extensions["grc"].database.write() as connection:
        connection.execute(Entry.__table__.update().where(Entry.seq == 2).values(purposes="all"))
    code, output = run(app, "consent", "verify")
    assert code == 1
    assert "entry 2 does not have the hash that it should; 1 before it are whole" in output
    assert run(app, "consent", "head")[0] == 1


def test_an_entry_holds_no_address_no_agent_and_no_name(visitor: Visitor, app: Flask) -> None:
    visitor.post("/sign-in/ann")
    visitor.choose("accept")
    (row,) = rows(app, Entry)
    written = " ".join(map(str, row))
    for trace in ("127.0.0.1", "Firefox", "Ann", "example.com"):
        assert trace not in written
    assert "ann" not in row
    assert set(row._fields) == {
        "seq", "at", "consent_id", "action", "purposes", "about", "interface", "gpc", "locale",
        "text_hash", "version", "hash",
    }  # fmt: skip
