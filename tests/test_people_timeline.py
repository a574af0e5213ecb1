"""The timeline: every channel, written once, paged without gaps however long it is."""

import time
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import insert

from grc_core import ConsentChanged
from grc_core import Purpose
from grc_core import Subject
from grc_core import Tracking
from grc_core.errors import InvalidContact
from grc_core.people.timeline import CHANNELS
from grc_core.storage.contact_models import EntryRow

NOW = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def grc(mini: Any) -> Any:
    runtime = mini.make_app([]).extensions["grc"]
    runtime.set_clock(lambda: NOW)
    return runtime


def test_an_entry_keeps_who_said_what_and_when(grc: Any) -> None:
    contact = grc.contacts.save(name="Jane")
    at = NOW - timedelta(days=3)
    entry = grc.timeline.add(
        contact, "phone", "question", at, "Where is <my>\x00 parcel?", {"order": 7}, "ann"
    )
    assert (entry.summary, entry.operator, entry.data) == (
        "Where is <my> parcel?",
        "ann",
        {"order": 7},
    )
    assert grc.timeline.of(contact.id).entries == (entry,)
    stats = grc.contacts.by_id(contact.id).stats
    assert (stats.contacts, stats.last_contact_at, stats.first_seen_at) == (1, at, at)


def test_every_channel_works_and_a_shop_may_add_its_own(grc: Any) -> None:
    contact = grc.contacts.save(name="Jane")
    with pytest.raises(InvalidContact, match="did you mean 'phone'"):
        grc.timeline.add(contact, "phon", "call")
    grc.timeline.add_channel("fax")
    for channel in (*CHANNELS, "fax"):
        grc.timeline.add(contact, channel, "note")
    assert grc.contacts.by_id(contact.id).stats.contacts == len(CHANNELS) + 1
    assert [item.channel for item in grc.timeline.of(contact, channel="fax").entries] == ["fax"]


def test_the_same_key_is_written_once(grc: Any) -> None:
    contact = grc.contacts.save(name="Jane")
    one = grc.timeline.add(contact, "chat", "talk", summary="one", key="chat:9")
    two = grc.timeline.add(contact, "chat", "talk", summary="two", key="chat:9")
    assert one == two
    assert grc.contacts.by_id(contact.id).stats.contacts == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"summary": "x" * 501}, "summary has 501 characters; 500"),
        ({"kind": "x" * 61}, "kind of entry has 61"),
        ({"operator": "x" * 201}, "operator has 201"),
        ({"data": {"x": "y" * 10_000}}, "bytes; 10000 are allowed"),
        ({"data": {"x": object()}}, "plain JSON"),
        ({"data": {"x": float("nan")}}, "plain JSON"),
        ({"at": datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001
    ],
)
def test_what_cannot_be_stored_is_refused(grc: Any, changes: dict[str, Any], message: str) -> None:
    contact = grc.contacts.save(name="Jane")
    values = {"channel": "phone", "kind": "call", "at": NOW, **changes}
    with pytest.raises(InvalidContact, match=message):
        grc.timeline.add(contact, **values)
    with pytest.raises(InvalidContact, match="there is no contact"):
        grc.timeline.add("77", "phone", "call")
    assert grc.timeline.of(contact).entries == ()


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    entries=st.lists(
        st.tuples(st.integers(0, 1), st.integers(0, 5), st.sampled_from(["phone", "chat"])),
        max_size=15,
    ),
    limit=st.integers(1, 6),
    channel=st.sampled_from([None, "phone"]),
    since=st.sampled_from([None, 2]),
)
def test_pages_join_to_the_whole_also_of_merged_contacts(
    grc: Any, entries: list[Any], limit: int, channel: str | None, since: int | None
) -> None:
    people = [grc.contacts.save(name=name) for name in ("A", "B")]
    wanted = []
    for person, hour, through in entries:
        at = NOW + timedelta(hours=hour)
        entry = grc.timeline.add(people[person], through, "note", at)
        if channel in (None, through) and (since is None or hour >= since):
            wanted.append(entry)
    grc.contacts.merge(*people)
    start = None if since is None else NOW + timedelta(hours=since)
    found: list[Any] = []
    after = None
    while True:
        page = grc.timeline.of(people[1], channel=channel, since=start, after=after, limit=limit)
        assert len(page.entries) <= limit
        found += page.entries
        after = page.next
        if after is None:
            break
    assert found == sorted(wanted, key=lambda item: (item.at, int(item.id)), reverse=True)


@pytest.mark.parametrize("after", ["", "x", "2026-01-01_7", "2026-01-01T00:00:00+00:00_x"])
def test_a_made_up_page_is_refused(grc: Any, after: str) -> None:
    contact = grc.contacts.save(name="Jane")
    with pytest.raises(InvalidContact, match="not the `next` of a page"):
        grc.timeline.of(contact, after=after)


def test_events_write_what_happened(mini: Any) -> None:
    app = mini.make_app([])
    grc = app.extensions["grc"]
    mini.sign_up("jane")
    order = mini.place("jane", payment_method="card", number="N1042")
    grc.runner.wake(frozenset({"orders", "customers"}))
    mini.change(order.id, state="shipped", tracking=[Tracking("77", "Purolator")])
    grc.runner.wake(frozenset({"orders"}))
    change = ConsentChanged(Subject("customer", "jane"), None, Purpose.MARKETING)
    stranger = ConsentChanged(Subject("visitor", "v"), None, Purpose.MARKETING)
    with app.app_context():
        mini.grc.emit(change)
        mini.grc.emit(stranger)
    grc.drain()
    contact = grc.contacts.of(Subject("customer", "jane"))
    entries = grc.timeline.of(contact).entries
    assert {item.kind for item in entries} == {"sign-up", "order", "shipment", "consent"}
    [parcel] = [item for item in entries if item.kind == "shipment"]
    assert (parcel.summary, parcel.data["carrier"]) == ("N1042: shipped", "Purolator")
    [bought] = [item for item in entries if item.kind == "order"]
    assert (bought.summary, bought.data["payment_method"]) == ("N1042: 12.50 CAD", "card")
    assert contact.stats.contacts == 0
    assert grc.contacts.of(Subject("visitor", "v")) is None


@pytest.mark.slow
def test_a_hundred_thousand_entries_stay_quick(grc: Any) -> None:
    contact = grc.contacts.save(name="Busy")
    rows = [
        {"contact_id": int(contact.id), "channel": CHANNELS[number % 7], "kind": f"k{number % 50}",
         "at": NOW + timedelta(seconds=number // 3), "summary": "x", "data": {}, "counts": True}
        for number in range(100_000)
    ]  # fmt: skip
    with grc.database.write() as connection:
        connection.execute(insert(EntryRow), rows)
    grc.contacts.recount(contact)
    assert grc.contacts.by_id(contact.id).stats.contacts == 100_000
    started = time.perf_counter()
    seen: set[str] = set()
    page = grc.timeline.of(contact, limit=500)
    while True:
        seen |= {entry.id for entry in page.entries}
        if page.next is None:
            break
        page = grc.timeline.of(contact, limit=500, after=page.next)
    whole = time.perf_counter() - started
    assert len(seen) == 100_000
    started = time.perf_counter()
    for number in range(20):
        grc.timeline.of(contact, channel="chat", limit=50)
        grc.timeline.of(contact, kind=f"k{number}", limit=50)
        grc.timeline.add(contact, "phone", "call", NOW)
    quick = (time.perf_counter() - started) / 60
    print(f"200 pages in {whole:.1f} s; {quick * 1e3:.1f} ms per look or entry")
    assert quick < 0.25  # not a benchmark: it only tells a scan from a look-up
