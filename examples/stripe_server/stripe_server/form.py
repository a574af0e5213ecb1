"""Stripe's form encoding: `line_items[0][price_data][currency]=cad` as nested values."""

import re
from collections.abc import Iterable
from typing import Any

from .errors import Refusal

_PART = re.compile(r"\[([^\[\]]*)\]")


def nested(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return nested dictionaries; those whose keys are 0, 1, 2… become lists."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        head, _, rest = name.partition("[")
        path = [head, *_PART.findall("[" + rest if rest else "")]
        here = root
        for part in path[:-1]:
            here = here.setdefault(part or str(len(here)), {})
            if not isinstance(here, dict):
                raise Refusal(f"Invalid object at {name}", param=name)
        here[path[-1] or str(len(here))] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(item) for name, item in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def integer(values: dict[str, Any], name: str) -> int | None:
    """Return a field as a whole number; None where it is not given."""
    text = values.get(name)
    if text is None or text == "":
        return None
    try:
        return int(text)
    except (TypeError, ValueError):
        raise Refusal(f"Invalid integer: {text}", param=name) from None


def needed(values: dict[str, Any], name: str) -> Any:
    """Return a field, or refuse a request that leaves it out."""
    found = values.get(name)
    if found in (None, ""):
        raise Refusal(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return found
