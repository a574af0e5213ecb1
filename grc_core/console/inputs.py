"""How a marshmallow field looks as part of a form, and what the form says of it."""

import json
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from marshmallow import fields
from marshmallow import validate
from werkzeug.datastructures import MultiDict

from ..settings import is_secret

#: A text that may be longer than this gets several lines.
_LONG = 200


@dataclass(frozen=True, slots=True)
class Input:
    """A field as it is drawn: `kind` is one of `text area number checkbox select choices …`."""

    name: str
    field: fields.Field[Any]
    kind: str
    label: str
    help: str
    #: values to choose from, with what people see of each
    options: tuple[tuple[str, str], ...] = ()

    @property
    def required(self) -> bool:
        """Tell whether a form without it is refused."""
        return self.field.required and not self.field.allow_none and self.kind != "checkbox"

    @property
    def attributes(self) -> dict[str, str]:
        """Return the limits that the browser may check too."""
        found: dict[str, str] = {}
        for rule in self.field.validators:
            if isinstance(rule, validate.Range) and self.kind == "number":
                found |= _given(min=rule.min, max=rule.max)
            elif isinstance(rule, validate.Length) and self.kind in ("text", "area", "email"):
                found |= _given(maxlength=rule.max, minlength=rule.min)
        if self.kind == "number":
            found["step"] = "1" if isinstance(self.field, fields.Integer) else "any"
        return found

    def text_of(self, value: Any) -> str:
        """Return a value as the form shows it."""
        if value is None or self.kind == "secret":
            return ""
        if isinstance(value, Enum):
            value = value.value if getattr(self.field, "by_value", False) else value.name
        if isinstance(value, datetime):
            return value.strftime("%Y-%m-%dT%H:%M")
        if isinstance(value, date | time):
            return value.isoformat()
        if isinstance(value, timedelta):
            precision = getattr(self.field, "precision", "seconds")
            return f"{value / timedelta(**{precision: 1}):g}"
        if self.kind == "lines":
            return "\n".join(map(str, value))
        if self.kind == "json":
            return json.dumps(value, ensure_ascii=False, indent=2, default=str)
        return str(value)

    def texts_of(self, value: Any) -> list[str]:
        """Return several values as the form shows them."""
        return [self.text_of(item) for item in value or ()]

    def read(self, form: MultiDict[str, str]) -> Any:
        """Return what the form says, for the schema to check; None where it says nothing."""
        if self.kind == "checkbox":
            return self.name in form
        if self.kind == "choices":
            return form.getlist(self.name)
        text = form.get(self.name, "").replace("\r\n", "\n")
        if self.kind == "lines":
            return [line.strip() for line in text.splitlines() if line.strip()]
        if self.kind not in ("area", "secret"):
            text = text.strip()
        if self.kind == "json" and text:
            try:
                return json.loads(text)
            except ValueError:
                return text  # for the field to say what it expects
        if text == "" and (self.kind != "text" or self.field.allow_none):
            return None
        if self.kind == "number" and isinstance(self.field, fields.Number | fields.TimeDelta):
            return text.replace("\u202f", "").replace("\u00a0", "").replace(",", ".")
        return text


def inputs_of(known: Mapping[str, fields.Field[Any]]) -> list[Input]:
    """Return the inputs of a schema's fields that a form may set, in their order."""
    return [_input(name, item) for name, item in known.items() if not item.dump_only]


def _input(name: str, item: fields.Field[Any]) -> Input:
    kind, options = _kind(name, item)
    label = str(item.metadata.get("label") or name.replace("_", " ").capitalize())
    return Input(name, item, kind, label, str(item.metadata.get("description", "")), options)


def _kind(name: str, item: fields.Field[Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    if is_secret(name, item):
        return "secret", ()
    if options := _options(item):
        return "select", options
    if isinstance(item, fields.List) and item.metadata.get("lines"):
        return "lines", ()
    if isinstance(item, fields.List):
        if options := _options(item.inner) or _options(item):
            return "choices", options
        plain = isinstance(item.inner, fields.String | fields.Number)
        return ("lines" if plain else "json"), ()
    for types, kind in _KINDS:
        if isinstance(item, types):
            return kind, ()
    if isinstance(item, fields.String):
        lengths = [rule.max for rule in item.validators if isinstance(rule, validate.Length)]
        is_long = item.metadata.get("lines") or any((size or 0) > _LONG for size in lengths)
        return ("area" if is_long else "text"), ()
    return "json", ()


_KINDS: Sequence[tuple[Any, str]] = (
    (fields.Boolean, "checkbox"),
    ((fields.Number, fields.TimeDelta), "number"),
    (fields.Email, "email"),
    (fields.Url, "url"),
    (fields.DateTime, "datetime-local"),
    (fields.Date, "date"),
    (fields.Time, "time"),
)


def _options(item: fields.Field[Any]) -> tuple[tuple[str, str], ...]:
    if isinstance(item, fields.Enum):
        return tuple((str(option), str(option)) for option in item.choices_text.split(", "))
    for rule in item.validators:
        if isinstance(rule, validate.OneOf | validate.ContainsOnly):
            labels = [*rule.labels, *map(str, list(rule.choices)[len(list(rule.labels)) :])]
            return tuple(zip(map(str, rule.choices), labels, strict=True))
    return ()


def _given(**limits: Any) -> dict[str, str]:
    return {
        name: str(value)
        for name, value in limits.items()
        if isinstance(value, int | float | Decimal)
    }
