"""Check the fields of a request against the typed parameters of the installed SDK.

The SDK's `TypedDict`s cannot be resolved with `get_type_hints`, so the names of nested classes
are read from the annotations' text.
"""

import re
import sys
from functools import cache
from typing import Any

import stripe.params
import stripe.params.checkout

from .errors import Refusal

_NESTED = re.compile(r"\b(\w+Params\w+)\b")
#: What the SDK puts into headers, never into a body.
_OPTIONS = frozenset(stripe.RequestOptions.__annotations__)


def check_fields(values: dict[str, Any], params: str) -> None:
    """Refuse a field that the SDK does not know; `params` is such as `checkout.SessionCreate`."""
    _check(values, _class(f"{params}Params"), "")


@cache
def _class(name: str) -> type[Any]:
    place: Any = stripe.params
    for part in name.split("."):
        place = getattr(place, part)
    found: type[Any] = place
    return found


@cache
def _known(path: str) -> dict[str, type[Any] | None]:
    """Return the fields of a class, with the class of those that have fields themselves."""
    place, _, name_of_class = path.partition(":")
    module = vars(sys.modules[place])
    kind = module[name_of_class]
    found: dict[str, type[Any] | None] = {}
    for name, annotation in kind.__annotations__.items():
        inner = [module[word] for word in _NESTED.findall(str(annotation)) if word in module]
        found[name] = inner[0] if inner else None
    return {name: inner for name, inner in found.items() if name not in _OPTIONS}


def _check(values: dict[str, Any], kind: type[Any], path: str) -> None:
    known = _known(f"{kind.__module__}:{kind.__name__}")
    for name, value in values.items():
        where = f"{path}[{name}]" if path else name
        if name not in known:
            raise Refusal(
                f"Received unknown parameter: {where}", param=where, code="parameter_unknown"
            )
        inner = known[name]
        if inner is None:
            continue
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(item, dict):
                _check(item, inner, f"{where}[{number}]" if isinstance(value, list) else where)
