"""Ask carriers: small clients over one careful transport."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import Protocol

from ..states import Answer
from .canada_post import CanadaPost
from .fedex import FedEx
from .purolator import Purolator
from .transport import Busy
from .transport import Failed
from .transport import Misconfigured
from .ups import UPS
from .usps import USPS

__all__ = ["CLIENTS", "Busy", "Client", "Failed", "FedEx", "Misconfigured", "make"]


class Client(Protocol):
    """Ask one carrier about up to `batch` numbers at a time."""

    batch: int

    def fetch(self, numbers: Sequence[str]) -> list[Answer]:
        """Return what the carrier says; raise `Failed`, `Busy` or `Unreadable`."""


#: Which carriers can be asked.
CLIENTS: Mapping[str, Callable[[Mapping[str, Any]], Client]] = {
    "canada_post": CanadaPost,
    "fedex": FedEx,
    "purolator": Purolator,
    "ups": UPS,
    "usps": USPS,
}


def make(courier: str, config: Mapping[str, Any]) -> Client:
    """Return a carrier's client, or raise `Misconfigured` with what is missing."""
    if courier not in CLIENTS:
        known = ", ".join(CLIENTS)
        raise Misconfigured(f"no client for {courier!r}; there are {known}")
    try:
        return CLIENTS[courier](config)
    except KeyError as error:
        raise Misconfigured(f"{courier}: {error} is missing") from None
