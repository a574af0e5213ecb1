"""Where a value of a shop's object stands: an attribute, the first of several, or a function."""

from collections.abc import Callable
from collections.abc import Sequence
from inspect import ismethod
from typing import Any

#: The name of an attribute, or of a method without arguments, with dots through others; several
#: names, of which the first that the object has counts; or a function of the object.
Field = str | Sequence[str] | Callable[[Any], Any]


def read(item: Any, field: Field | None) -> Any:
    """Return a field's value; None where the object has none of its attributes."""
    if field is None:
        return None
    if callable(field):
        return field(item)
    for name in (field,) if isinstance(field, str) else field:
        found, value = _attribute(item, name)
        if found:
            return value
    return None


def _attribute(item: Any, name: str) -> tuple[bool, Any]:
    for part in name.split("."):
        if item is None:
            return True, None
        if not hasattr(item, part):
            return False, None
        item = getattr(item, part)
        if ismethod(item):
            item = item()
    return True, item
