"""Custom fields: typed and searched, renamed and retyped without losing anything silently."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from grc_core import Money
from grc_core.errors import InvalidContact
from grc_core.people.contacts import Contacts


@pytest.fixture
def contacts(mini: Any) -> Contacts:
    found: Contacts = mini.make_app([]).extensions["grc"].contacts
    return found


VALUES: list[tuple[str, Any, Any]] = [
    ("text", " Two\x00  words ", "Two words"),
    ("number", "12.50", Decimal("12.5")),
    ("number", -0.5, Decimal("-0.5")),
    ("number", "-0.00", Decimal(0)),
    ("number", 1e3, Decimal(1000)),
    ("bool", True, True),
    ("bool", "no", False),
    ("date", "2026-02-28", date(2026, 2, 28)),
    ("date", date(2026, 2, 28), date(2026, 2, 28)),
    ("money", "12.50 cad", Money(1250, "CAD")),
    ("money", Money(1250, "JPY"), Money(1250, "JPY")),
]


@pytest.mark.parametrize(("type", "given_value", "stored"), VALUES)
def test_values_keep_their_type_and_are_found(
    contacts: Contacts, type: str, given_value: Any, stored: Any
) -> None:
    contacts.fields.define("field", type)
    one, two = contacts.save(name="One"), contacts.save(name="Two")
    contacts.set_field(one, "field", given_value)
    found = contacts.by_id(one.id)
    assert found is not None
    assert found.fields == {"field": stored}
    assert [item.id for item in contacts.search(field={"field": given_value}).contacts] == [one.id]
    assert two.fields == {}


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(
    ("type", "value"),
    [
        ("number", "twelve"),
        ("number", "NaN"),
        ("number", "1e999"),
        ("number", True),
        ("bool", "perhaps"),
        ("date", "2026-02-30"),
        ("date", 7),
        ("money", "12.50"),
        ("money", "12.50 XXQ"),
        ("money", "lots CAD"),
        ("text", "x" * 2001),
        ("choice", "M"),
    ],
)
def test_what_does_not_fit_is_refused(contacts: Contacts, type: str, value: Any) -> None:
    contacts.fields.define("field", type, choices=("S", "L") if type == "choice" else ())
    saved = contacts.save(name="Jane")
    with pytest.raises(InvalidContact, match=f"is no {type} for field 'field'"):
        contacts.set_field(saved, "field", value)
    assert contacts.by_id(saved.id) == saved


def test_a_new_name_keeps_every_value(contacts: Contacts) -> None:
    contacts.fields.define("size", "choice", "Size", ("S", "L"))
    saved = contacts.save(name="Jane")
    contacts.set_field(saved, "size", "L")
    contacts.fields.rename("size", "shirt")
    assert [item.name for item in contacts.search(field={"shirt": "L"}).contacts] == ["Jane"]
    assert contacts.by_id(saved.id).fields == {"shirt": "L"}  # type: ignore[union-attr]
    assert [(item.name, item.label) for item in contacts.fields.all()] == [("shirt", "Size")]
    with pytest.raises(InvalidContact, match=r"no custom field 'size' \(did you mean|'size'"):
        contacts.search(field={"size": "L"})


def test_a_name_is_taken_once(contacts: Contacts) -> None:
    contacts.fields.define("one")
    contacts.fields.define("two")
    with pytest.raises(InvalidContact, match="there is a field 'two' already"):
        contacts.fields.rename("one", "two")
    with pytest.raises(InvalidContact, match="already"):
        contacts.fields.define("one", "number")
    assert contacts.fields.rename("one", "one").name == "one"


def test_a_new_type_converts_all_values_or_none(contacts: Contacts) -> None:
    contacts.fields.define("size")
    people = [contacts.save(name=f"P{number}") for number in range(3)]
    for person, value in zip(people, ("7", "8.0", "large"), strict=True):
        contacts.set_field(person, "size", value)
    with pytest.raises(
        InvalidContact, match=r"stays 'text': 1 of 3 values are no number \('large'"
    ):
        contacts.fields.retype("size", "number")
    assert contacts.by_id(people[1].id).fields == {"size": "8.0"}  # type: ignore[union-attr]
    contacts.set_field(people[2], "size", None)
    contacts.fields.retype("size", "number")
    assert contacts.by_id(people[1].id).fields == {"size": Decimal(8)}  # type: ignore[union-attr]
    assert [item.id for item in contacts.search(field={"size": 8}).contacts] == [people[1].id]


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(("type", "given_value", "stored"), VALUES)
def test_every_type_survives_the_way_to_text_and_back(
    contacts: Contacts, type: str, given_value: Any, stored: Any
) -> None:
    contacts.fields.define("field", type)
    saved = contacts.save(name="One")
    contacts.set_field(saved, "field", given_value)
    contacts.fields.retype("field", "text")
    contacts.fields.retype("field", type)
    assert contacts.by_id(saved.id).fields == {"field": stored}  # type: ignore[union-attr]


def test_fewer_choices_are_refused_while_one_is_in_use(contacts: Contacts) -> None:
    contacts.fields.define("size", "choice", choices=("S", "L"))
    saved = contacts.save(name="Jane")
    contacts.set_field(saved, "size", "L")
    with pytest.raises(InvalidContact, match="1 of 1 values"):
        contacts.fields.retype("size", "choice", ("S", "M"))
    assert contacts.fields.remove("size") == 1
    assert contacts.by_id(saved.id) == saved


@pytest.mark.grc_databases("sqlite")
@pytest.mark.parametrize(
    ("name", "type", "choices"),
    [
        ("not a name", "text", ()),
        ("", "text", ()),
        ("x" * 61, "text", ()),
        ("size", "size", ()),
        ("size", "choice", ()),
        ("size", "text", ("a",)),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(
    contacts: Contacts, name: str, type: str, choices: tuple[str, ...]
) -> None:
    with pytest.raises(InvalidContact):
        contacts.fields.define(name, type, choices=choices)
    assert contacts.fields.all() == []


@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(number=st.decimals(allow_nan=False, allow_infinity=False, places=6, max_value=10**12))
def test_any_number_comes_back_as_it_was(contacts: Contacts, number: Decimal) -> None:
    if not contacts.fields.all():
        contacts.fields.define("number", "number")
    saved = contacts.save(name="N")
    if number < -(10**12):
        return
    contacts.set_field(saved, "number", number)
    assert contacts.by_id(saved.id).fields["number"] == number  # type: ignore[union-attr]
    found = contacts.search(field={"number": number}, limit=500).contacts
    assert saved.id in [item.id for item in found]
