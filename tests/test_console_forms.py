"""Forms of the console: drawn from a schema, read back, checked, never saved over others."""

from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from enum import Enum
from typing import Any

import pytest
from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate
from werkzeug.datastructures import MultiDict

from grc_core.console.complaints import complaint
from grc_core.console.complaints import flat
from grc_core.console.forms import Form


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Everything(Schema):
    """A field of each kind that a form can draw."""

    word = fields.Str(required=True, validate=validate.Length(2, 40))
    prose = fields.Str(validate=validate.Length(max=1000))
    lines_too = fields.Str(metadata={"lines": True, "label": "Lines", "description": "Many."})
    number = fields.Int(validate=validate.Range(1, 9))
    price = fields.Decimal(places=2, allow_none=True)
    wait = fields.TimeDelta(precision="minutes")
    on = fields.Bool()
    mail = fields.Email()
    site = fields.Url()
    day = fields.Date(allow_none=True)
    at = fields.AwareDateTime(default_timezone=UTC)
    choice = fields.Str(validate=validate.OneOf(["a", "b"], ["The first", "The second"]))
    colour = fields.Enum(Colour)
    several = fields.List(fields.Str(validate=validate.OneOf(["x", "y", "z"])))
    names = fields.List(fields.Str())
    weights = fields.Dict(keys=fields.Str(), values=fields.Float())
    api_key = fields.Str()
    made_at = fields.DateTime(dump_only=True)


VALUES: dict[str, Any] = {
    "word": "hello",
    "number": 5,
    "wait": timedelta(minutes=90),
    "on": True,
    "day": date(2026, 2, 3),
    "at": datetime(2026, 2, 3, 4, 5, tzinfo=UTC),
    "choice": "b",
    "colour": Colour.BLUE,
    "several": ["x", "z"],
    "names": ["Ana", "Bo"],
    "weights": {"a": 1.5},
    "api_key": "s3cret",
}


def form(posted: dict[str, Any] | None = None, values: dict[str, Any] = VALUES) -> Form:
    sent = None if posted is None else MultiDict({"_form": "", **posted})
    return Form(Everything(), values, sent, lambda text: text)


def parts(found: Form) -> dict[str, Any]:
    return {part.input.name: part for part in found}


def complete(**changes: Any) -> dict[str, Any]:
    """Return what a browser sends of the form as it shows, with some changes."""
    sent: dict[str, Any] = {"_lock": form().lock}
    for name, part in parts(form()).items():
        if part.input.kind == "choices":
            sent[name] = part.texts
        elif part.input.kind != "checkbox":
            sent[name] = part.text
        elif part.checked:
            sent[name] = "1"
    return {**sent, **changes}


def test_each_field_is_drawn_as_what_it_holds() -> None:
    kinds = {name: part.input.kind for name, part in parts(form()).items()}
    assert kinds == {
        "word": "text",
        "prose": "area",
        "lines_too": "area",
        "number": "number",
        "price": "number",
        "wait": "number",
        "on": "checkbox",
        "mail": "email",
        "site": "url",
        "day": "date",
        "at": "datetime-local",
        "choice": "select",
        "colour": "select",
        "several": "choices",
        "names": "lines",
        "weights": "json",
        "api_key": "secret",
    }


def test_values_are_shown_as_browsers_take_them() -> None:
    shown = {name: part.text for name, part in parts(form()).items() if part.text}
    assert shown["wait"] == "90"
    assert shown["day"] == "2026-02-03"
    assert shown["at"] == "2026-02-03T04:05"
    assert shown["colour"] == "BLUE"
    assert shown["names"] == "Ana\nBo"
    assert "api_key" not in shown
    assert parts(form())["several"].texts == ["x", "z"]
    assert parts(form())["on"].checked


def test_labels_helps_and_limits_come_from_the_schema() -> None:
    found = parts(form())
    assert (found["lines_too"].label, found["lines_too"].help) == ("Lines", "Many.")
    assert found["made_at" if "made_at" in found else "api_key"].label == "Api key"
    assert found["number"].input.attributes == {"min": "1", "max": "9", "step": "1"}
    assert found["word"].input.attributes == {"maxlength": "40", "minlength": "2"}
    assert found["price"].input.attributes == {"step": "any"}
    assert found["word"].input.required
    assert found["choice"].input.options == (("a", "The first"), ("b", "The second"))


def test_what_is_sent_unchanged_loads_as_what_was_there() -> None:
    found = form(complete())
    assert found.errors == {}
    assert found.accepted
    assert {name: found.data[name] for name in VALUES} == VALUES


def test_an_empty_secret_keeps_the_stored_one() -> None:
    assert form(complete(api_key="")).data["api_key"] == "s3cret"
    assert form(complete(api_key="new")).data["api_key"] == "new"
    assert "api_key" not in form(complete(api_key=""), {"word": "hello"}).data


def test_a_box_that_is_not_ticked_means_no() -> None:
    sent = complete()
    del sent["on"]
    assert form(sent).data["on"] is False


def test_numbers_may_be_written_in_french() -> None:
    assert str(form(complete(price="1\u202f234,5")).data["price"]) == "1234.50"


def test_empty_fields_are_left_out_or_none() -> None:
    found = form(complete(number="", day="", mail=""))
    assert "number" not in found.data
    assert found.data["day"] is None
    assert "mail" not in found.data


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"word": "x"}, "word"),
        ({"number": "10"}, "number"),
        ({"number": "many"}, "number"),
        ({"mail": "nobody"}, "mail"),
        ({"day": "yesterday"}, "day"),
        ({"choice": "c"}, "choice"),
        ({"several": ["q"]}, "several"),
        ({"weights": "{"}, "weights"),
        ({"colour": "GREEN"}, "colour"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(changes: dict[str, Any], name: str) -> None:
    found = form(complete(**changes))
    assert not found.accepted
    assert list(found.errors) == [name]
    part = parts(found)[name]
    assert part.errors
    assert f"{part.id}-error" in part.described_by
    assert found.summary[0][0] == part.id
    assert part.text == changes[name] or part.texts == changes[name]


def test_an_unknown_field_is_passed_over() -> None:
    assert form(complete(surprise="1")).accepted


def test_a_form_of_another_name_was_not_sent() -> None:
    found = Form(Everything(), VALUES, MultiDict({"_form": "other"}), str, "mine")
    assert not found.posted
    assert not found.errors


def test_a_change_by_somebody_else_is_shown_beside_ones_own() -> None:
    theirs = {**VALUES, "number": 7, "on": False, "several": ["y"], "names": ["Cy"]}
    found = form(complete(word="mine"), theirs)
    assert found.stale
    assert not found.accepted
    said = {name: part.theirs for name, part in parts(found).items() if part.theirs is not None}
    assert said == {
        "word": "hello", "number": "7", "on": "False", "several": "y", "names": "Cy",
    }  # fmt: skip
    assert parts(found)["word"].text == "mine"
    again = form({**complete(word="mine"), "_lock": found.lock}, theirs)
    assert again.accepted


def test_a_secret_that_somebody_changed_is_not_told() -> None:
    found = form(complete(word="mine"), {**VALUES, "api_key": "other", "number": 6})
    assert found.stale
    assert parts(found)["api_key"].theirs is None


def test_a_page_may_refuse_what_only_it_knows() -> None:
    found = form(complete())
    found.refuse("It is taken.", "word")
    found.refuse("Not today.")
    assert not found.accepted
    assert found.summary == [("field-word", "Word: It is taken."), ("", "Not today.")]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Must be greater than or equal to 1 and less than or equal to 9.", "<1|9>"),
        ("Length must be between 2 and 40.", "[2|40]"),
        ("Not a valid integer.", "NOT A VALID INTEGER."),
    ],
)
def test_complaints_are_translated_with_their_numbers(message: str, said: str) -> None:
    known = {
        "Must be greater than or equal to %(min)s and less than or equal to %(max)s.":
            "<%(min)s|%(max)s>",
        "Length must be between %(min)s and %(max)s.": "[%(min)s|%(max)s]",
    }  # fmt: skip
    assert complaint(message, lambda text: known.get(text, text.upper())) == said


def test_complaints_about_parts_name_them() -> None:
    assert flat({0: ["bad"], "value": {"x": ["worse"]}}) == ["0: bad", "value: x: worse"]
