"""Send requests through an app's WSGI callable, without a test client's own work."""

from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask
from flask import session
from werkzeug.http import dump_cookie
from werkzeug.test import EnvironBuilder

from .timing import CPU

_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of CPU until the last byte was handed out, and while the response was closed."""

    path: float
    closing: float


class Page:
    """One kind of request to one app; calling it sends the request and throws the answer away."""

    def __init__(
        self,
        app: Flask,
        path: str,
        *,
        cookie: str = "",
        form: Mapping[str, str] | None = None,
        counted: bool = False,
    ) -> None:
        """Prepare the request; with `counted`, `{n}` in the path becomes a running number."""
        self._app = app
        headers = [("User-Agent", _AGENT), ("Accept-Language", "en"), ("Cookie", cookie)]
        method = "GET" if form is None else "POST"
        builder = EnvironBuilder(path, "http://shop.example/", method=method, headers=headers,
                                 data=dict(form) if form else None)  # fmt: skip
        self._environ = builder.get_environ()
        self._input = self._environ.pop("wsgi.input").read()
        self._number = 0 if counted else None

    def __call__(self) -> None:
        """Send the request, read the answer, close it."""
        self._read(self._send([]))

    def answer(self) -> Answer:
        """Send the request and return what came back."""
        started: list[Any] = []
        body = self._read(self._send(started))
        status, headers = started[0]
        return Answer(int(status[:3]), headers, body)

    def spent(self) -> Spent:
        """Send the request; return the CPU before and after its last byte."""
        started = CPU()
        chunks = self._send([])
        for _ in chunks:
            pass
        sent = CPU()
        _close(chunks)
        return Spent(sent - started, CPU() - sent)

    def _send(self, started: list[Any]) -> Iterable[bytes]:
        environ = {**self._environ, "wsgi.input": BytesIO(self._input)}
        if self._number is not None:
            self._number += 1
            environ["PATH_INFO"] = environ["PATH_INFO"].replace("{n}", str(self._number))

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            started.append((status, headers))

        return self._app(environ, start_response)

    def _read(self, chunks: Iterable[bytes]) -> bytes:
        body = b"".join(chunks)
        _close(chunks)
        return body


def _close(chunks: Iterable[bytes]) -> None:
    close = getattr(chunks, "close", None)
    if close:
        close()


def session_cookie(app: Flask, user: object = None, **values: object) -> str:
    """Return a `Cookie` header with a browser session, signed in where a user is given."""
    with app.test_request_context(headers={"User-Agent": _AGENT}):
        if user is not None:
            from flask_login import login_user

            login_user(user)
        session.update(values)
        signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        signed = signer.dumps(dict(session))
    return dump_cookie(str(app.config["SESSION_COOKIE_NAME"]), signed).partition(";")[0]
