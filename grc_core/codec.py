"""Values to JSON and back, by their type annotations."""

import json
import types
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import fields
from dataclasses import is_dataclass
from datetime import date
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any
from typing import Union
from typing import get_args
from typing import get_origin
from typing import get_type_hints

from .purposes import Purpose

Decoder = Callable[[Any], Any]
Encoder = Callable[[Any], Any]
_PLAIN = frozenset({str, int, float, bool, type(None)})


def dumps(value: Any) -> str:
    """Return a value, such as an order, as compact JSON text."""
    return json.dumps(encode(value), ensure_ascii=False, separators=(",", ":"))


def loads(kind: Any, text: str) -> Any:
    """Rebuild a value of a dataclass from the text of `dumps`; unknown fields are passed over."""
    return _decoder(kind)(json.loads(text))


def encode(value: Any) -> Any:
    """Return a value as plain JSON types; opaque ones, such as a cursor, carry a type tag."""
    kind: Any = type(value)
    return value if kind in _PLAIN else _encoder(kind)(value)


@cache
def _encoder(kind: Any) -> Encoder:
    """Choose how values of a type are encoded, once for each type."""
    if issubclass(kind, Purpose):
        return lambda value: value.labels
    if hasattr(kind, "__dataclass_fields__"):
        return _dataclass_encoder(_field_names(kind))
    if issubclass(kind, Mapping):
        return lambda value: {str(key): encode(item) for key, item in value.items()}
    if issubclass(kind, list | tuple | set | frozenset):
        return lambda value: [encode(item) for item in value]
    if issubclass(kind, datetime):
        return lambda value: {"$datetime": value.isoformat()}
    if issubclass(kind, date):
        return lambda value: {"$date": value.isoformat()}
    if issubclass(kind, Decimal):
        return lambda value: {"$decimal": str(value)}
    if issubclass(kind, int | float):  # a subclass, such as an enum or a numpy number
        return lambda value: value + 0
    return str


def _dataclass_encoder(names: Sequence[str]) -> Encoder:
    def encoded(value: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name in names:  # spelt out: an order has some forty fields, nearly all of them plain
            item = getattr(value, name)
            kind: Any = type(item)
            found[name] = item if kind in _PLAIN else _encoder(kind)(item)
        return found

    return encoded


_TAGS: dict[str, Decoder] = {
    "$datetime": datetime.fromisoformat,
    "$date": date.fromisoformat,
    "$decimal": Decimal,
}


def decode_any(value: Any) -> Any:
    """Undo `encode` where no type is known: tagged values come back as they were."""
    if isinstance(value, dict):
        if len(value) == 1:
            tag, inner = next(iter(value.items()))
            if tag in _TAGS:
                return _TAGS[tag](inner)
        return {key: decode_any(item) for key, item in value.items()}
    return [decode_any(item) for item in value] if isinstance(value, list) else value


@cache
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


@cache
def _decoder(hint: Any) -> Decoder:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return _optional([item for item in get_args(hint) if item is not type(None)])
    if origin in (Sequence, tuple, list):
        item = _decoder(get_args(hint)[0])
        return lambda value: tuple(item(part) for part in value or ())
    if hint is Purpose:
        return Purpose.parse
    if isinstance(hint, type) and is_dataclass(hint):
        return _dataclass_decoder(hint)
    return decode_any


def _optional(kinds: list[Any]) -> Decoder:
    inner = _decoder(kinds[0]) if len(kinds) == 1 else decode_any
    return lambda value: None if value is None else inner(value)


def _dataclass_decoder(kind: Any) -> Decoder:
    hints = get_type_hints(kind)
    decoders = {name: _decoder(hints[name]) for name in _field_names(kind)}

    def build(value: Any) -> Any:
        known = {name: decoders[name](part) for name, part in value.items() if name in decoders}
        return kind(**known)

    return build
