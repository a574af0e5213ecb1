"""What was done for a plugin and how long it took, told to whoever measures."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger("grc")


@dataclass(frozen=True, slots=True)
class Work:
    """One call of a plugin.

    `kind` is `widget`, `event` or `task`, `name` the method, `about` the slot or the hook, `error`
    the name of the exception that it raised.
    """

    kind: str
    plugin: str
    name: str
    about: str
    seconds: float
    error: str | None = None
    #: of an event's delivery; several in a batch are told as one, with the first one's id
    event_id: str | None = None


Watcher = Callable[[Work], None]


class Watchers:
    """Tell every watcher of finished work; one that fails is logged and left out from then on."""

    def __init__(self) -> None:
        self.functions: list[Watcher] = []

    def tell(self, work: Work) -> None:
        """Tell of finished work."""
        for function in tuple(self.functions):
            try:
                function(work)
            except Exception:
                self.functions.remove(function)
                log.exception("a watcher failed on %s and is left out", work)
