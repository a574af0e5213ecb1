"""A host that writes now and then: `python -m benchmarks.host DATABASE` until its input ends."""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from subprocess import Popen

from sqlalchemy import Engine

from .databases import one_row
from .databases import open_database
from .timing import Samples

#: Between two writes; 50 a second are a busy shop.
PAUSE_SECONDS = 0.02


class Writes:
    """How long each of the host's writes took, in seconds of wall time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    @property
    def samples(self) -> Samples:
        """Return the durations."""
        return Samples(self.seconds)

    def told(self) -> str:
        """Return how many, how long most took, and the longest."""
        found = self.samples
        return (
            f"{len(self.seconds)} writes, p50 {found.p50 * 1e3:.1f}, p95 {found.p95 * 1e3:.1f}, "
            f"p99 {found.quantile(0.99) * 1e3:.1f}, max {found.longest * 1e3:.1f} ms"
        )


def write_until(engine: Engine, done: threading.Event) -> list[float]:
    """Write one row now and then; return how long each write took."""
    write, seconds = one_row(engine), []
    while not done.wait(PAUSE_SECONDS):
        started = time.perf_counter()
        write()
        seconds.append(time.perf_counter() - started)
    return seconds


@contextmanager
def in_another_process(folder: Path) -> Iterator[Writes]:
    """Write to `host.sqlite3` in a folder from another process while the block runs."""
    writes = Writes()
    command = [sys.executable, "-m", "benchmarks.host", str(folder)]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield writes
        process.stdin.close()
        writes.seconds = json.loads(process.stdout.readline())


@contextmanager
def in_a_thread(engine: Engine) -> Iterator[Writes]:
    """Write from a thread of this process while the block runs."""
    writes, done = Writes(), threading.Event()
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.extend(write_until(engine, done)))
    thread.start()
    try:
        yield writes
    finally:
        done.set()
        thread.join()
        writes.seconds = found


def _wait_for_end(done: threading.Event) -> None:
    sys.stdin.read()
    done.set()


def main() -> None:
    """Write until the standard input ends, then print the durations as JSON."""
    engine, done = open_database(Path(sys.argv[1])), threading.Event()
    one_row(engine)()
    print("ready", flush=True)
    threading.Thread(target=_wait_for_end, args=(done,), daemon=True).start()
    print(json.dumps(write_until(engine, done)), flush=True)


if __name__ == "__main__":
    main()
