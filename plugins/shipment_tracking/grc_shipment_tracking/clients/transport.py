"""HTTP to a carrier: one configured host, no redirects, bounded in time and size."""

import time
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from ..readers.documents import LARGEST

#: Seconds to connect, and between two parts of an answer.
TIMEOUTS = (3.05, 8)
#: Seconds for a whole answer, so that one that drips does not hold a worker.
WHOLE = 24.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PART = 65536
_USUAL_REST = 300.0
_DAY = 86400.0


class Failed(Exception):
    """A carrier did not answer as it should; it is asked again later."""


class Busy(Failed):
    """A carrier wants to be left alone for some seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to wait {seconds:.0f} s")
        self.seconds = seconds


class Unauthorized(Failed):
    """A carrier does not accept our keys, or the token that it gave for them."""


class Misconfigured(ValueError):
    """What the shop configured for a carrier cannot work."""


class Transport:
    """HTTP to one configured host: no redirects, bounded in time and size."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise Misconfigured(f"base_url must begin with https://, not {base_url!r}")
        self._base = base_url.rstrip("/")

    def call(self, method: str, path: str, accept: Sequence[int] = (), **options: Any) -> bytes:
        """Return the body of an answer of 200 to 299, or of a status in `accept`."""
        import requests
        from urllib3.exceptions import HTTPError

        # What is packed may unpack to a thousand times its size.
        headers = {**options.pop("headers", {}), "Accept-Encoding": "identity"}
        try:
            with requests.request(
                method,
                self._base + path,
                headers=headers,
                timeout=TIMEOUTS,
                allow_redirects=False,  # a redirect could lead into the shop's own network
                stream=True,
                **options,
            ) as reply:
                _check(reply, accept)
                return _body(reply)
        except (requests.RequestException, HTTPError) as error:
            raise Failed(f"{type(error).__name__}") from None


def _check(reply: Any, accept: Sequence[int]) -> None:
    if reply.status_code in (429, 503):
        raise Busy(_seconds(reply.headers.get("Retry-After", "")))
    if reply.status_code == 401:
        raise Unauthorized("answered 401")
    if 300 <= reply.status_code < 400:
        raise Failed("redirects are not followed")
    if not 200 <= reply.status_code < 300 and reply.status_code not in accept:
        raise Failed(f"answered {reply.status_code}")
    if reply.headers.get("Content-Encoding", "identity") != "identity":
        raise Failed("answered packed, which was not asked for")


def _body(reply: Any) -> bytes:
    body, until = b"", time.monotonic() + WHOLE
    # Each part as it comes: `iter_content` would wait for a whole one, however long that takes.
    while part := reply.raw.read1(_PART):
        body += part
        if len(body) > LARGEST:
            raise Failed(f"answered more than {LARGEST} bytes")
        if time.monotonic() > until:
            raise Failed("answers too slowly")
    return body


def _seconds(value: str) -> float:
    """Return how long to wait: a bounded number of seconds, five minutes where none is said."""
    if value.isascii() and value.isdigit():
        return min(max(float(value), 1), _DAY)
    try:
        until = parsedate_to_datetime(value).timestamp()
    except ValueError:
        return _USUAL_REST
    return min(max(until - time.time(), 1), _DAY)
