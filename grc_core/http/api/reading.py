"""Read what a caller sends: JSON in a size, shape and depth that nothing later stumbles over."""

import json
import math
from collections.abc import Iterator
from typing import Any

import marshmallow
from flask import Request
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import LengthRequired
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.exceptions import UnsupportedMediaType

from .operation import Strict

MOST_BYTES = 64 * 1024
MOST_DEPTH = 20


class Invalid(Exception):
    """Raise where what was sent does not fit its schema; `errors` are by field."""

    def __init__(self, errors: Any) -> None:
        super().__init__("What was sent is not valid.")
        self.errors = errors


def read_body(request: Request, schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Return the body by its schema; raises Invalid, or an HTTPException that says why."""
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send JSON, with Content-Type: application/json.")
    if request.content_length is None:
        raise LengthRequired("Send the body with a Content-Length.")
    if request.content_length > MOST_BYTES:
        raise RequestEntityTooLarge(f"A body has at most {MOST_BYTES} bytes.")
    return _loaded(schema, _parsed(request.get_data()))


def read_query(request: Request, schema: type[marshmallow.Schema] | None) -> dict[str, Any]:
    """Return the query by its schema; each name may come once."""
    given = dict(request.args.lists())
    twice = {name: ["Given more than once."] for name in given if len(given[name]) > 1}
    if twice:
        raise Invalid(twice)
    flat = {name: values[0] for name, values in given.items()}
    check_texts(flat)
    return _loaded(schema or Strict, flat)


def check_texts(value: Any) -> None:
    """Raise BadRequest for text that no database keeps, and for what is nested too deeply."""
    for text in _texts(value):
        if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
            raise BadRequest("Text may hold neither a NUL nor half of a surrogate pair.")


def _texts(value: Any) -> Iterator[str]:
    """Walk a parsed value without recursion."""
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise BadRequest(f"JSON is nested at most {MOST_DEPTH} deep.")
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from item
            waiting += [(inner, depth + 1) for inner in item.values()]
        elif isinstance(item, list):
            waiting += [(inner, depth + 1) for inner in item]


def _parsed(data: bytes) -> Any:
    try:
        found = json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse,
            parse_float=_finite,
            object_pairs_hook=_once,
        )
    except RecursionError:
        raise BadRequest(f"JSON is nested at most {MOST_DEPTH} deep.") from None
    except ValueError as error:
        raise BadRequest(f"The body is not JSON: {str(error)[:200]}") from None
    check_texts(found)
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is too large")
    return number


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object names a field twice")
    return found


def _loaded(schema: type[marshmallow.Schema], value: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = schema().load(value, unknown=marshmallow.RAISE)
    except marshmallow.ValidationError as error:
        raise Invalid(error.messages) from None
    return found
