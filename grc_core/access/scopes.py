"""What a key may be allowed to do, one word for each."""

from collections.abc import Iterable

from ..errors import GRCError
from ..errors import nearest

#: The scopes by name, with what they allow.
SCOPES = {
    "contacts:read": "search and read contacts",
    "contacts:write": "create and change contacts",
    "timeline:read": "read the timelines of contacts",
    "timeline:write": "add to the timelines of contacts",
    "events:write": "report that something happened in the shop",
    "webhooks:manage": "list, add, change and remove webhooks",
}


def checked_scopes(names: Iterable[str], more: Iterable[str] = ()) -> tuple[str, ...]:
    """Return scopes sorted and each once; raise GRCError for none or an unknown one.

    `more` are those of the plugins' operations.
    """
    found, known = sorted(set(names)), [*SCOPES, *more]
    for name in found:
        if name not in known:
            raise GRCError(
                f"unknown scope {name!r}{nearest(name, known)}; known are {', '.join(known)}"
            )
    if not found:
        raise GRCError(f"a key without a scope opens nothing; choose from {', '.join(known)}")
    return tuple(found)
