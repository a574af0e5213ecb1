"""What an operation of the API is: one entry per address and method, its handler and schemas."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import marshmallow

from ...access.keys import ApiKey
from ...loading import Contribution
from ..runtime import Rooms


class Strict(marshmallow.Schema):
    """Base of what callers send: an unknown field is an error."""

    class Meta:
        """Refuse what is not declared."""

        unknown = marshmallow.RAISE


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was let in and read; everything in it is valid by its schema."""

    rooms: Rooms
    #: None where an operation needs none: one that the shop's own pages call
    key: ApiKey | None
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `data` by the operation's schema, and headers.

    `once` is added to the first answer only, and never kept for a repetition: a secret.
    """

    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    once: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation under `/grc/api/v1`."""

    name: str
    method: str
    #: with parts in angle brackets, such as `/contacts/<contact>`
    rule: str
    #: what a key must be allowed to do; None for what the shop's own pages call without one
    scope: str | None
    summary: str
    handler: Callable[[Call], Reply]
    #: the shape of the answer; None for an empty one
    reply: type[marshmallow.Schema] | None
    query: type[marshmallow.Schema] | None = None
    body: type[marshmallow.Schema] | None = None
    #: whether the answer is a page `{"data": […], "next": …}`
    paged: bool = False
    status: int = 200
    #: a rate limit per address, where no key is needed
    limit: str = "120/minute"
    #: the plugin's method behind it
    contribution: Contribution | None = None

    @property
    def on(self) -> bool:
        """Tell whether the operation is there: the core's own always are."""
        return self.contribution is None or self.contribution.on
