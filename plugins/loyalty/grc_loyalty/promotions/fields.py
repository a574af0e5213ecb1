"""Check the fields of carts and promotions as these are made, so that no price needs to."""

from collections.abc import Iterable


def make_sets(item: object, error: type[ValueError], *fields: str) -> None:
    """Make sets of names of what was given as lists; one text is no set of names."""
    for field in fields:
        given = getattr(item, field)
        if isinstance(given, frozenset):
            continue
        if isinstance(given, str | bytes) or not isinstance(given, Iterable):
            raise error(f"{field} is {given!r:.60}; it must be a set of names")
        object.__setattr__(item, field, frozenset(given))


def check_whole(item: object, error: type[ValueError], least: int | None, *fields: str) -> None:
    """Refuse what is no int, or less than the least; a field may be None."""
    for field in fields:
        value = getattr(item, field)
        if value is None:
            continue
        if not is_whole(value):
            raise error(f"{field} is {value!r:.60}; it must be a whole number")
        if least is not None and value < least:
            raise error(f"{field} is {value}; the least is {least}")


def make_tuple(item: object, error: type[ValueError], field: str, kind: type) -> None:
    """Make a tuple of a list whose items are all of one type."""
    given = getattr(item, field)
    values = tuple(given) if isinstance(given, Iterable) else (given,)
    if not all(isinstance(value, kind) for value in values):
        raise error(f"{field} are {kind.__name__}s, not {given!r:.80}")
    object.__setattr__(item, field, values)


def is_whole(value: object) -> bool:
    """Tell whether a value is an int; True and False are none here."""
    return type(value) is int


def is_name(value: object) -> bool:
    """Tell whether a value is a text that is not empty."""
    return isinstance(value, str) and bool(value)
