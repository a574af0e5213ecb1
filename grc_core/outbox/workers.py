"""Deferred work of the core itself: one worker per queue, rows of a batch on shared means."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from .claim import Claimed

#: Runs one row of deferred work; raises to have it tried again.
Step = Callable[[Claimed], None]
#: Opens what the rows of a batch share, such as a connection, and yields the step.
Worker = Callable[[], AbstractContextManager[Step]]


class Later(Exception):
    """Raise from a step to put the whole queue off; no attempt is counted."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"put off until {until:%Y-%m-%d %H:%M:%S}")
        self.until = until
