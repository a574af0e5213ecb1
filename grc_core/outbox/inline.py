"""The runner for tests: everything happens before the call returns."""

from .runners import Work


class InlineRunner:
    """Pull and deliver at once, in the calling thread."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def wake(self, sources: frozenset[str] = frozenset()) -> None:
        """Pull what was hinted at and deliver everything that is due."""
        if not self._work.ready():
            return
        if sources:
            self._work.pull(sources)
        self._work.flush()
        self._work.deliverer().drain()

    def request_started(self) -> None:
        """Do nothing: there is no background."""

    def request_ended(self) -> None:
        """Deliver the visit at once."""
        self.wake()

    def stop(self) -> None:
        """Write the visits that wait."""
        if self._work.ready():
            self._work.flush()
