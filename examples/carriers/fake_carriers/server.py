"""The carriers behind a real socket of this machine, one thread per question."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import Any

from .answers import answer
from .carriers import Asked
from .carriers import Carriers
from .carriers import Fault

_RIGHT = Fault()


@contextmanager
def serving(carriers: Carriers | None = None, port: int = 0) -> Iterator[Carriers]:
    """Serve carriers on this machine, at any free port unless one is named."""
    found = carriers or Carriers()
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(found))
    server.daemon_threads = True  # a client that went away is not waited for
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(carriers: Carriers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answer, as the next fault says."""

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, self.path, headers, body)
            carriers.asked.append(asked)
            fault = carriers.next.popleft() if carriers.next else _RIGHT
            time.sleep(fault.seconds)
            with suppress(ConnectionError):  # the client may have lost patience
                self._send(fault, *_said(carriers, asked, fault))

        def _send(self, fault: Fault, status: int, said: bytes) -> None:
            self.send_response(status)
            for name, value in fault.headers.items():
                self.send_header(name, value)
            if "Content-Length" not in fault.headers:
                self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            if fault.drip:
                for place in range(len(said)):
                    self.wfile.write(said[place : place + 1])
                    self.wfile.flush()
                    time.sleep(fault.drip)
            else:
                self.wfile.write(said[: len(said) // 2] if fault.cut else said)

        do_GET = do_POST = _reply

        def log_message(self, *args: Any) -> None:
            """Stay silent."""

    return Handler


def _said(carriers: Carriers, asked: Asked, fault: Fault) -> tuple[int, bytes]:
    return (fault.status, fault.body) if fault.status else answer(carriers, asked)
