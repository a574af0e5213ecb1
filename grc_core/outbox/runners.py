"""What a runner is: the one thing that differs between tests, a small shop and a large one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .deliver import Deliverer


@dataclass(frozen=True, slots=True)
class Work:
    """The work that a runner hands out, made by the app."""

    #: pull these sources (`orders`, `customers`); seconds until something is old enough to read
    pull: Callable[[frozenset[str]], float | None]
    #: write the visits that wait
    flush: Callable[[], int]
    #: write them if there are enough, or they are old enough
    flush_due: Callable[[], int]
    #: run the repeated work that is due
    repeat: Callable[[], int]
    #: whether repeated work is due
    repeat_due: Callable[[], bool]
    #: purge what is old, see whether the tables changed
    housekeep: Callable[[], None]
    #: make what delivers, for one thread
    deliverer: Callable[[], Deliverer]
    #: whether the tables are there
    ready: Callable[[], bool]


class Runner(Protocol):
    """Do the work of an app, now or in the background."""

    def wake(self, sources: frozenset[str] = frozenset()) -> None:
        """Tell that there is work; `sources` are to be pulled now."""

    def request_started(self) -> None:
        """Tell that this process serves requests."""

    def request_ended(self) -> None:
        """Tell that a request is over that somebody's visit was noted in."""

    def stop(self) -> None:
        """Finish in an orderly way."""
