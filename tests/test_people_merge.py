"""Merging is taken back exactly, in whatever order."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from grc_core.errors import InvalidContact

RELAXED = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
unique = count(1)


@pytest.fixture
def grc(mini: Any) -> Any:
    runtime = mini.make_app([]).extensions["grc"]
    runtime.contacts.fields.define("size", "choice", choices=("S", "L"))
    runtime.contacts.fields.define("note")
    return runtime


PERSON = st.fixed_dictionaries(
    {
        "name": st.sampled_from([None, "Jane Doe", "J. Doe"]),
        "email": st.sampled_from([None, "jane@example.com", "home@example.com"]),
        "owner": st.sampled_from([None, "ann"]),
        "tags": st.sets(st.sampled_from(["a", "b", "c"])),
        "size": st.sampled_from([None, "S", "L"]),
        "entries": st.integers(0, 3),
        "suppressed": st.sampled_from([None, "complaint", "parcel"]),
        "unsubscribed": st.booleans(),
    }
)


def make(grc: Any, person: dict[str, Any]) -> str:
    contacts = grc.contacts
    given = {key: person[key] for key in ("name", "email", "owner") if person[key]}
    id: str = contacts.save(**given).id
    contacts.tag(id, *person["tags"])
    contacts.set_field(id, "size", person["size"])
    if person["suppressed"]:
        contacts.suppress(id, person["suppressed"], NOW + timedelta(days=9999))
    if person["unsubscribed"]:
        contacts.unsubscribe(id)
    for number in range(person["entries"]):
        grc.timeline.add(id, "phone", "call", NOW + timedelta(hours=number), f"call {number}")
    return id


def state(grc: Any, ids: list[str]) -> list[Any]:
    return [(grc.contacts.by_id(id), grc.timeline.of(id)) for id in ids]


@RELAXED
@given(people=st.lists(PERSON, min_size=2, max_size=2))
def test_undo_restores_both_exactly(grc: Any, people: list[dict[str, Any]]) -> None:
    ids = [make(grc, person) for person in people]
    before = state(grc, ids)
    merge = grc.contacts.merge(*ids)
    merged = grc.contacts.by_id(ids[1])
    assert merged == grc.contacts.by_id(ids[0])
    assert merged.stats.contacts == sum(person["entries"] for person in people)
    assert set(merged.tags) == people[0]["tags"] | people[1]["tags"]
    assert len(grc.timeline.of(ids[1]).entries) == merged.stats.contacts
    grc.contacts.undo(merge.id)
    assert state(grc, ids) == before


@pytest.mark.grc_databases("sqlite")
@RELAXED
@given(
    people=st.lists(PERSON, min_size=4, max_size=4),
    pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=6),
    data=st.data(),
)
def test_any_sequence_of_merges_is_undone_in_any_order(
    grc: Any, people: list[dict[str, Any]], pairs: list[tuple[int, int]], data: Any
) -> None:
    ids = [make(grc, person) for person in people]
    before = state(grc, ids)
    merges = []
    for kept, other in pairs:
        if grc.contacts.by_id(ids[kept]) != grc.contacts.by_id(ids[other]):
            merges.append(grc.contacts.merge(ids[kept], ids[other]))
    for merge in data.draw(st.permutations(merges)):
        grc.contacts.undo(merge.id)
    assert state(grc, ids) == before
    assert set(ids) == {contact.id for contact, _ in state(grc, ids)}


def test_what_comes_after_a_merge_stays_with_whom_it_came_for(mini: Any, grc: Any) -> None:
    mini.place("one")
    mini.place("two")
    grc.runner.wake(frozenset({"orders"}))
    one, two = (grc.contacts.by_order(id) for id in ("1", "2"))
    merge = grc.contacts.merge(one, two)
    mini.place("two")
    grc.runner.wake(frozenset({"orders"}))
    assert grc.contacts.by_id(one.id).stats.orders == 3
    grc.contacts.undo(merge.id)
    assert [grc.contacts.by_id(item.id).stats.orders for item in (one, two)] == [1, 2]


def test_a_merged_contact_is_found_once_by_everything(grc: Any) -> None:
    contacts = grc.contacts
    one = contacts.save(name="Jane Doe", email="jane@example.com")
    two = contacts.save(name="Jane Roe", email="jane@example.com")
    for each in (one, two):
        contacts.tag(each, "vip")
        contacts.set_field(each, "note", "big")
    contacts.merge(one, two)
    for found in (
        contacts.search("jane"),
        contacts.search("roe"),
        contacts.search(tag="vip"),
        contacts.search(field={"note": "BIG"}),
        contacts.search("jane", tag="vip", field={"note": "big"}, kind="prospect"),
    ):
        assert [item.id for item in found.contacts] == [one.id]
    assert [item.id for item in contacts.by_email("jane@example.com")] == [one.id]


def test_the_kept_contact_s_values_win_and_removal_reaches_the_others(grc: Any) -> None:
    contacts = grc.contacts
    one, two = contacts.save(name="One"), contacts.save(name="Two", locale="fr")
    contacts.set_field(one, "size", "S")
    contacts.set_field(two, "size", "L")
    contacts.tag(two, "vip")
    contacts.merge(one, two)
    found = contacts.by_id(two.id)
    assert (found.name, found.locale, found.fields) == ("One", "fr", {"size": "S"})
    contacts.untag(two, "vip")
    contacts.set_field(two, "size", None)
    found = contacts.by_id(one.id)
    assert (found.tags, found.fields, found.merged) == ((), {}, (two.id,))


def test_what_makes_no_sense_is_refused(grc: Any) -> None:
    contacts = grc.contacts
    one, two = contacts.save(name="One"), contacts.save(name="Two")
    merge = contacts.merge(one, two)
    with pytest.raises(InvalidContact, match="one contact already"):
        contacts.merge(two, one)
    contacts.undo(merge.id)
    with pytest.raises(InvalidContact, match="undone already"):
        contacts.undo(merge.id)
    with pytest.raises(InvalidContact, match="there is no merge"):
        contacts.undo("77")
    assert [bool(item.undone_at) for item in contacts.merges_of(one)] == [True]
