"""A runner that stands still, so that nothing runs beside what is timed until it is told to."""

from grc_core.runtime import Runtime


class RunnerAtRest:
    """Note what is asked for; `work` then does what the thread would have done."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._sources: frozenset[str] = frozenset()
        self._woken = False

    def wake(self, sources: frozenset[str] = frozenset()) -> None:
        """Note that there is work."""
        self._sources |= sources
        self._woken = True

    def request_started(self) -> None:
        """Start nothing."""

    def request_ended(self) -> None:
        """Note that a visit was noted."""
        self._woken = True

    def stop(self) -> None:
        """Stop nothing."""

    def work(self) -> None:
        """Pull, flush and deliver what waits."""
        if self._woken:
            sources, self._sources, self._woken = self._sources, frozenset(), False
            self._runtime.visits.flush()
            if sources:
                self._runtime.intake.pull(sources)
            self._runtime.drain()


def at_rest(runtime: Runtime) -> RunnerAtRest:
    """Put a runner at rest in the place of an app's own."""
    runtime.runner.stop()
    runner = runtime.runner = RunnerAtRest(runtime)
    return runner
