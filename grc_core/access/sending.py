"""Send one message over HTTP, to an address that was checked, within a time that ends."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from urllib.parse import SplitResult

from .addresses import Unreachable
from .addresses import checked_url
from .addresses import resolve
from .answer import Answer

#: Below the time after which hanging work is cut off, so that it ends by itself.
SECONDS = 6.0
CONNECT_SECONDS = 3.0
#: So much of an answer is read.
ANSWER_BYTES = 4096


def send(url: str, body: bytes, headers: Mapping[str, str], loopback: bool) -> Answer:
    """Post a body; never raises for what the receiver, the network or the name service does.

    The address is looked up once, checked, and connected to as it was checked. Redirects are
    not followed. `loopback` allows this very machine, for development and tests.
    """
    started = time.monotonic()
    try:
        parts = checked_url(url, loopback)
        answer = _post(parts, body, headers, loopback, started + SECONDS)
    except (Unreachable, OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, "", _since(started), _reason(error))
    status, text = answer
    wrong = None if 200 <= status < 300 else _complaint(status)
    return Answer(status, text, _since(started), wrong)


def _post(
    parts: SplitResult, body: bytes, headers: Mapping[str, str], loopback: bool, deadline: float
) -> tuple[int, str]:
    host, secure = str(parts.hostname), parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    connection = http.client.HTTPConnection(host, port)
    connection.default_port = 443 if secure else 80  # left out of the Host header
    with (
        _connected(host, port, secure, loopback, deadline) as opened,
        _ending(opened, deadline) as over,
    ):
        connection.sock = opened
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if isinstance(opened, ssl.SSLSocket):
            opened.do_handshake()
        connection.request("POST", path, body, dict(headers))
        with connection.getresponse() as response:
            if over.is_set():
                raise TimeoutError  # what was shut down looks like an end of the headers
            return response.status, _text(response)


def _connected(
    host: str, port: int, secure: bool, loopback: bool, deadline: float
) -> socket.socket:
    """Connect to the first address that answers, all of them checked; TLS is yet to begin."""
    failure: OSError | None = None
    for number in resolve(host, port, loopback):
        left = min(CONNECT_SECONDS, deadline - time.monotonic())
        if left <= 0:
            break
        try:
            plain = socket.create_connection((number, port), timeout=left)
        except OSError as error:
            failure = error
            continue
        plain.settimeout(SECONDS)
        return _secured(plain, host) if secure else plain
    raise failure or TimeoutError


def _secured(plain: socket.socket, host: str) -> socket.socket:
    """Prepare TLS, with a certificate that names the host that was asked for."""
    try:
        return ssl.create_default_context().wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False
        )
    except BaseException:
        plain.close()
        raise


@contextmanager
def _ending(opened: socket.socket, deadline: float) -> Iterator[threading.Event]:
    """Shut a connection down at the deadline, whatever it is doing: also one that drips."""
    over = threading.Event()

    def end() -> None:
        over.set()
        with suppress(OSError):
            opened.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, deadline - time.monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield over
    except Exception:
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()


def _text(response: http.client.HTTPResponse) -> str:
    """Read the start of an answer; the rest is left unread."""
    return response.read(ANSWER_BYTES).decode("utf-8", "replace")


def _complaint(status: int) -> str:
    if 300 <= status < 400:
        return f"answered {status}: redirects are not followed; give the final address"
    return f"answered {status}"


def _reason(error: Exception) -> str:
    if isinstance(error, Unreachable):
        return str(error)
    if isinstance(error, TimeoutError):
        return f"no complete answer within {SECONDS:.0f} s"
    return f"{type(error).__name__}: {error}"[:500]


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
