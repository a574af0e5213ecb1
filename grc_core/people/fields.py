"""Custom fields without a migration: typed, checked, searchable, renamed and retyped safely."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from sqlalchemy import Connection
from sqlalchemy import Row
from sqlalchemy import bindparam
from sqlalchemy import delete
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from ..errors import GRCError
from ..errors import InvalidContact
from ..errors import nearest
from ..storage.contact_models import FieldRow
from ..storage.contact_models import FieldValueRow
from ..values import Money
from .contact import Contact
from .text import TAG
from .text import clean
from .text import cleaned
from .text import fold
from .work import Work
from .work import inserting
from .work import members
from .work import root_of

TYPES = ("text", "number", "bool", "date", "choice", "money")
_LONGEST, _SEARCHED, _EXAMPLES = 2000, 100, 3
_TRUTHS = {"true": "1", "yes": "1", "on": "1", "1": "1"}
_LIES = {"false": "0", "no": "0", "off": "0", "0": "0"}
_TABLE = FieldRow.__table__


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field: its name, what staff see, its type, and what a choice is among."""

    name: str
    label: str
    type: str
    choices: tuple[str, ...] = ()


class Fields:
    """Define custom fields and set their values."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def all(self) -> list[Field]:
        """Return every field by name."""
        with self._work.reading() as connection:
            return [_field(row) for row in connection.execute(select(_TABLE).order_by("name"))]

    def define(
        self, name: str, type: str = "text", label: str = "", choices: Sequence[str] = ()
    ) -> Field:
        """Add a field; raises InvalidContact where there is one of this name already."""
        field = _checked(name, type, label, choices)
        with self._work.writing() as connection:
            if _find(connection, field.name) is not None:
                raise InvalidContact(f"there is a field {field.name!r} already; rename or retype")
            connection.execute(insert(FieldRow).values(**_values(field)))
        return field

    def rename(self, name: str, to: str) -> Field:
        """Give a field another name; every value stays."""
        with self._work.writing() as connection:
            row = find_field(connection, name)
            field = _checked(to, row.type, "" if row.label == row.name else row.label, row.choices)
            other = _find(connection, field.name)
            if other is not None and other.id != row.id:
                raise InvalidContact(f"there is a field {field.name!r} already")
            connection.execute(update(FieldRow).where(FieldRow.id == row.id).values(_values(field)))
        return field

    def retype(self, name: str, type: str, choices: Sequence[str] = ()) -> Field:
        """Give a field another type; refused, with nothing changed, if a value does not fit."""
        with self._work.writing() as connection:
            row = find_field(connection, name)
            field = _checked(row.name, type, row.label, choices)
            _convert(connection, row, field)
            connection.execute(update(FieldRow).where(FieldRow.id == row.id).values(_values(field)))
        return field

    def remove(self, name: str) -> int:
        """Remove a field with its values; return how many there were."""
        with self._work.writing() as connection:
            row = find_field(connection, name)
            values = delete(FieldValueRow).where(FieldValueRow.field_id == row.id)
            count = connection.execute(values).rowcount
            connection.execute(delete(FieldRow).where(FieldRow.id == row.id))
        return count

    def set(self, contact: Contact | str, name: str, value: Any) -> None:
        """Set a contact's value of a field; None removes it, also from merged contacts."""
        with self._work.writing() as connection:
            root, row = root_of(connection, contact), find_field(connection, name)
            if value is None:
                group = list(members(connection, [root]))
                mine = FieldValueRow.contact_id.in_(group)
                connection.execute(
                    delete(FieldValueRow).where(mine, FieldValueRow.field_id == row.id)
                )
                return
            text = encode(_field(row), value)
            new = {"value": text, "search": search_key(text)}
            keys = {"contact_id": root, "field_id": row.id, "root_id": root}
            statement = inserting(connection, FieldValueRow).on_conflict_do_update(
                index_elements=["contact_id", "field_id"], set_=new
            )
            connection.execute(statement, {**keys, **new})


def find_field(connection: Connection, name: str) -> Any:
    """Return a field's row, or raise InvalidContact naming the nearest."""
    found = _find(connection, name)
    if found is None:
        known = connection.scalars(select(FieldRow.name)).all()
        raise InvalidContact(f"there is no custom field {name!r}{nearest(str(name), known)}")
    return found


def condition(connection: Connection, name: str, value: Any) -> tuple[int, str]:
    """Return the field's id and the text to search a value by."""
    row = find_field(connection, name)
    return row.id, search_key(encode(_field(row), value))


def _find(connection: Connection, name: str) -> Row[Any] | None:
    return connection.execute(select(_TABLE).where(_TABLE.c.name == name)).first()


def _field(row: Row[Any]) -> Field:
    return Field(row.name, row.label, row.type, tuple(row.choices))


def _values(field: Field) -> dict[str, Any]:
    return {"name": field.name, "label": field.label, "type": field.type,
            "choices": list(field.choices)}  # fmt: skip


def _checked(name: str, type: str, label: str, choices: Sequence[str]) -> Field:
    name = clean(name, "a field's name", TAG)
    if not name.isidentifier():
        raise InvalidContact(f"{name!r} cannot name a field: use letters, digits and _")
    if type not in TYPES:
        raise InvalidContact(f"unknown type {type!r} of field {name!r}{nearest(type, TYPES)}")
    options = tuple(clean(choice, "a choice", TAG) for choice in choices)
    if (type == "choice") != bool(options):
        raise InvalidContact(f"field {name!r}: choices belong to the type 'choice', and only there")
    return Field(name, clean(label or name, "a label", TAG), type, options)


def _convert(connection: Connection, row: Row[Any], field: Field) -> None:
    mine = FieldValueRow.field_id == row.id
    values = connection.execute(select(FieldValueRow.contact_id, FieldValueRow.value).where(mine))
    changed: list[dict[str, Any]] = []
    refused: list[str] = []
    for contact_id, value in values:
        try:
            text = encode(field, as_text(row.type, value))
        except InvalidContact:
            refused.append(as_text(row.type, value))
        else:
            changed.append({"of": contact_id, "new": text, "key": search_key(text)})
    if refused:
        examples = ", ".join(repr(text[:40]) for text in refused[:_EXAMPLES])
        raise InvalidContact(
            f"field {field.name!r} stays {row.type!r}: {len(refused)} of "
            f"{len(refused) + len(changed)} values are no {field.type} ({examples})"
        )
    if changed:
        statement = update(FieldValueRow.__table__).where(  # type: ignore[arg-type]
            mine, FieldValueRow.contact_id == bindparam("of")
        )
        connection.execute(
            statement.values(value=bindparam("new"), search=bindparam("key")), changed
        )


def encode(field: Field, value: Any) -> str:
    """Return a value as the text that is stored, or raise InvalidContact."""
    try:
        return _ENCODERS[field.type](field, value)
    except (GRCError, ValueError, TypeError, InvalidOperation, KeyError) as error:
        among = f" ({', '.join(field.choices)})" if field.choices else ""
        raise InvalidContact(
            f"{str(value)[:40]!r} is no {field.type} for field {field.name!r}{among}"
        ) from error


def decode(type: str, text: str) -> Any:
    """Return a stored value as Python knows it."""
    return _DECODERS[type](text)


def as_text(type: str, text: str) -> str:
    """Return a stored value as people write it, such as `12.50 CAD`."""
    if type == "money":
        money = decode(type, text)
        return f"{money.decimal} {money.currency}"
    return {"1": "true", "0": "false"}[text] if type == "bool" else text


def search_key(text: str) -> str:
    """Return the text under which a value is searched."""
    return fold(text)[:_SEARCHED]


def _text(field: Field, value: Any) -> str:
    return clean(value, f"field {field.name!r}", _LONGEST)


def _number(field: Field, value: Any) -> str:
    del field
    if isinstance(value, bool):
        raise TypeError
    number = Decimal(str(value).strip())
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise ValueError
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if number == 0 else text


def _bool(field: Field, value: Any) -> str:
    del field
    return {**_TRUTHS, **_LIES}[str(value).strip().lower()]


def _date(field: Field, value: Any) -> str:
    del field
    found = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    return date(found.year, found.month, found.day).isoformat()


def _choice(field: Field, value: Any) -> str:
    text = cleaned(value)
    if text not in field.choices:
        raise ValueError
    return text


def _money(field: Field, value: Any) -> str:
    """Return `1250 CAD` in minor units; takes Money, or text such as `12.50 CAD`."""
    del field
    if not isinstance(value, Money):
        amount, currency = str(value).split()
        value = Money.of(amount, currency.upper())
    return f"{value.amount} {value.currency}"


def _money_of(text: str) -> Money:
    amount, currency = text.split()
    return Money(int(amount), currency)


_ENCODERS: Mapping[str, Callable[[Field, Any], str]] = {
    "text": _text,
    "number": _number,
    "bool": _bool,
    "date": _date,
    "choice": _choice,
    "money": _money,
}
_DECODERS: Mapping[str, Callable[[str], Any]] = {
    "text": str,
    "number": Decimal,
    "bool": lambda text: text == "1",
    "date": date.fromisoformat,
    "choice": str,
    "money": _money_of,
}
