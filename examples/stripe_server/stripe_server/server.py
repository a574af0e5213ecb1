"""The server: Flask on a thread, the API, the pay page, and what tests ask of it."""

import json
import socket
import threading
from functools import partial
from types import TracebackType
from typing import Any
from typing import Self

from flask import Flask
from flask import Response
from flask import request
from werkzeug.serving import WSGIRequestHandler
from werkzeug.serving import make_server

from . import checkout
from . import payments
from .api import answer
from .api import print_of
from .errors import Refusal
from .form import nested
from .mishaps import Hangup
from .mishaps import Mishaps
from .pages import add_pages
from .repeats import Repeats
from .store import Store
from .store import Thing
from .webhooks import Webhooks

SECRET = "whsec_local"  # noqa: S105 a secret of this machine's own tests


class _Quiet(WSGIRequestHandler):
    """Serve without a line per request; `LocalStripe.requests` has them."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class LocalStripe:
    """A Stripe of one's own on a loopback port, started at once; `close` ends it."""

    def __init__(
        self,
        *,
        port: int = 0,
        webhook: str | None = None,
        secrets: tuple[str, ...] = (SECRET,),
    ) -> None:
        self.store = Store()
        self.mishaps = Mishaps()
        self.webhooks = Webhooks(webhook, secrets)
        self.store.tell = self.webhooks.happened
        self._repeats = Repeats()
        #: `METHOD /path` of every request to the API
        self.requests: list[str] = []
        self.app = self._app()
        self._server = make_server(
            "127.0.0.1", port, self.app, threaded=True, request_handler=_Quiet
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        serve = partial(self._server.serve_forever, poll_interval=0.02)  # soon ended, in tests
        self._thread = threading.Thread(target=serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and sending."""
        self.webhooks.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def clear(self) -> None:
        """Be as new: for the next test."""
        self._repeats.clear()
        self.mishaps.clear()
        self.requests.clear()
        with self.store.lock:
            self.store.clear()

    def pay(self, session_id: str, number: str = "4242424242424242") -> Thing:
        """Pay a session as a browser would; raises Refusal where the bank says no."""
        with self.store.lock:
            return checkout.pay(self.store, session_id, number)

    def dispute(self, charge_id: str) -> Thing:
        """Let a bank dispute a charge."""
        with self.store.lock:
            return payments.open_dispute(self.store, charge_id)

    def end_dispute(self, id: str, status: str) -> Thing:
        """End a dispute as `won` or `lost`."""
        with self.store.lock:
            return payments.close_dispute(self.store, id, status)

    def _app(self) -> Flask:
        app = Flask("stripe_server", root_path=__file__.rpartition("/")[0])
        app.add_url_rule("/v1/<path:path>", view_func=self._api, methods=["GET", "POST", "DELETE"])
        app.add_url_rule("/_local/mishaps", view_func=self._plan, methods=["POST"])
        add_pages(app, self.store)
        return app

    def _api(self, path: str) -> Response:
        """Answer a request of the SDK."""
        name = f"{request.method} /v1/{path}"
        self.requests.append(name)
        try:
            if not request.headers.get("Authorization", "").startswith("Bearer sk_"):
                raise Refusal("You did not provide an API key.", status=401)
            pending = self.mishaps.before(name)
            status, body = self._done(path)
            self.mishaps.after(pending)
            return _reply(status, body)
        except Refusal as refusal:
            return _reply(refusal.status, json.dumps({"error": refusal.error}))
        except Hangup:
            # the client finds a closed connection where it looks for an answer
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            return _reply(500, "")

    def _done(self, path: str) -> tuple[int, str]:
        source = request.form if request.method == "POST" else request.args
        values = nested(source.items(multi=True))
        key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
        asked = print_of(request.method, path, values)
        with self._repeats.under(key, asked) as known:
            if known.answer is None:
                known.answer = self._answer(path, values)
            return known.answer

    def _answer(self, path: str, values: dict[str, Any]) -> tuple[int, str]:
        with self.store.lock:
            checkout.expire_old(self.store)
            try:
                found = answer(
                    self.store, request.method, path, values, request.host_url.rstrip("/")
                )
            except Refusal as refusal:
                return refusal.status, json.dumps({"error": refusal.error})
            return 200, json.dumps(found)

    def _plan(self) -> Response:
        """Plan a mishap: `kind`, `where` and `times` as JSON."""
        self.mishaps.plan(**request.get_json())
        return _reply(200, "{}")


def _reply(status: int, body: str) -> Response:
    return Response(body, status, content_type="application/json")
