"""Adapter functions that give everything, narrowed down to what was asked for."""

import inspect
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from functools import wraps
from typing import Any

#: What the functions of an adapter may be asked for.
WANTED = {"customers": ("after", "id"), "orders": ("after", "id", "customer_id")}


def narrowed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that also takes the arguments which an adapter's function left out.

    It reads everything each time and sorts it by cursor, which will do for some thousands.
    """
    wanted = WANTED.get(name, ())
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # of a function written in C
        return function
    if any(item.kind is item.VAR_KEYWORD for item in parameters.values()):
        return function
    missing = [item for item in wanted if item not in parameters]
    if not missing:
        return function

    @wraps(function)
    def narrowing(**asked: Any) -> Any:
        left = {key: asked.pop(key) for key in missing if key in asked}
        found = function(**asked)
        if found is None or isinstance(found, str) or not hasattr(found, "__iter__"):
            return found  # for whoever called to complain of
        return _some(found, left, sort="after" in missing)

    return narrowing


def _some(found: Iterable[Any], wanted: dict[str, Any], *, sort: bool) -> Iterator[Any]:
    if sort:
        found = list(found)
        if all(getattr(item, "cursor", None) is not None for item in found):
            found.sort(key=lambda item: item.cursor)
    after = wanted.pop("after", None)
    for item in found:
        known = [(getattr(item, key, None), value) for key, value in wanted.items()]
        if any(value is not None and str(has) != value for has, value in known):
            continue
        cursor = getattr(item, "cursor", None)
        if isinstance(after, str):
            cursor = None if cursor is None else str(cursor)  # one of the shop's own type
        if after is None or cursor is None or cursor >= after:
            yield item
