"""The example shop in processes of its own, and its prepared instances."""

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from pathlib import Path
from typing import IO
from typing import Any
from typing import cast

import pytest


class Forks:
    """The process that has imported the shop, and forks its commands."""

    def __init__(self) -> None:
        script = Path(__file__).with_name("forks.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def start(
        self, arguments: tuple[str, ...], environment: dict[str, str], output: Path, errors: Path
    ) -> int:
        """Start a command that writes to the end of files; return the id of its process."""
        files = {"output": str(output), "errors": str(errors)}
        return self._ask({"start": arguments, "environment": environment, **files})

    def wait(self, process: int) -> int:
        """Wait for the end of a process; return its exit code."""
        return self._ask({"wait": process})

    def close(self) -> None:
        """End it."""
        cast(IO[str], self._process.stdin).close()
        self._process.wait(20)
        cast(IO[str], self._process.stdout).close()

    def _ask(self, order: dict[str, Any]) -> int:
        into, out = cast(IO[str], self._process.stdin), cast(IO[str], self._process.stdout)
        print(json.dumps(order), file=into, flush=True)
        return int(out.readline())


@dataclass
class Server:
    """The example shop, served by a process that can be killed and started again."""

    forks: Forks
    instance: Path
    port: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    process: int | None = None

    @property
    def url(self) -> str:
        """Return the address of the shop."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the shop's commands."""
        own = {"SHOP_INSTANCE": str(self.instance), "FLASK_APP": "shop", "GRC_SETTLE": "0.2"}
        return {**os.environ, **own, **self.settings}

    def run(self, *arguments: str) -> str:
        """Run a `flask` command and return what it printed."""
        files = (self.instance / "command.out", self.instance / "command.log")
        for file in files:
            file.unlink(missing_ok=True)
        code = self.forks.wait(self.forks.start(arguments, self.environment, *files))
        printed, errors = (file.read_text() for file in files)
        assert code == 0, printed + errors
        return printed

    def start(self) -> None:
        """Serve, and wait until the shop answers."""
        log = self.instance / "server.log"
        command = ("run", "--port", str(self.port))
        self.process = self.forks.start(command, self.environment, log, log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(self.url + "/robots.txt", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(log.read_text())

    def stop(self, how: int = signal.SIGTERM) -> None:
        """End the process by its id."""
        if self.process is not None:
            os.kill(self.process, how)
            self.forks.wait(self.process)
            self.process = None


@contextmanager
def served(forks: Forks, prepared: Path, instance: Path, **settings: str) -> Iterator[Server]:
    """Serve a copy of a prepared instance, with more settings in its environment."""
    shutil.copytree(prepared, instance)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Server(forks, instance, port, settings)
    found.start()
    try:
        yield found
    finally:
        found.stop()


@dataclass
class Instances:
    """The prepared instances of this run, each made once whatever the number of workers."""

    forks: Forks
    folder: Path

    @classmethod
    def of_run(cls, forks: Forks, factory: pytest.TempPathFactory) -> "Instances":
        """Return those in the folder that the workers of a run share."""
        base = factory.getbasetemp()
        folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "instances"
        folder.mkdir(exist_ok=True)
        return cls(forks, folder)

    def prepared(
        self, name: str, prepare: Callable[[Server], object], base: Path | None = None
    ) -> Path:
        """Return an instance: a base, if there is one, after some commands; only to be copied."""
        found, half = self.folder / name, self.folder / f"{name}.half"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not found.exists():
                shutil.rmtree(half, ignore_errors=True)
                shutil.copytree(base, half) if base else half.mkdir()
                prepare(Server(self.forks, half))
                half.rename(found)
        return found
