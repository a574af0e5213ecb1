"""What carriers answer, read into one shape: `read(courier, body)`."""

from collections.abc import Callable
from collections.abc import Mapping

from ..states import Answer
from . import canada_post
from . import dhl
from . import fedex
from . import purolator
from . import ups
from . import usps
from .documents import Unreadable

#: Each takes the body of an answer and returns what it says of each number.
READERS: Mapping[str, Callable[[bytes], list[Answer]]] = {
    "canada_post": canada_post.read,
    "dhl": dhl.read,
    "fedex": fedex.read,
    "purolator": purolator.read,
    "ups": ups.read,
    "usps": usps.read,
}

__all__ = ["READERS", "Unreadable", "read"]


def read(courier: str, body: bytes) -> list[Answer]:
    """Return what an answer says; raise `Unreadable` for one that is cut off, hostile or alien."""
    if courier not in READERS:
        raise Unreadable(f"no reader for {courier!r}; there are {', '.join(READERS)}")
    return READERS[courier](body)
