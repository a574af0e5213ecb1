"""What requests tell: at which endpoints something may have happened, and what to read then."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask import Request
from flask import Response
from flask.ctx import RequestContext
from flask.globals import request_ctx

from ..adapter import Adapter
from ..consent import Gate
from ..events import Visit
from ..finding import find
from ..outbox.accept import Outbox
from ..outbox.runners import Runner
from ..outbox.visits import Seen
from ..outbox.visits import VisitBuffer
from ..outbox.visits import is_program
from ..people.signin import SignedIn
from ..purposes import Purpose
from ..shop import Hint
from ..shop import Shop
from ..values import Customer
from ..values import Subject
from ..visitor import RequestState
from .carts import CartIntake
from .signins import SignInIntake

log = logging.getLogger("grc")
#: Where a request's pending work is kept between the view and the end of the response.
AFTER = "grc.after"
#: Marks a request that is a check's own: GRC takes no part in it.
CHECKING = "grc.checking"
_SOURCES = {"order": "orders", "signup": "customers"}
#: Purposes for which a visit carries an identity.
_IDENTIFIED = Purpose.ANALYTICS | Purpose.PERSONALISATION


@dataclass(frozen=True, slots=True)
class Touched:
    """A request that may have changed the cart of somebody, and what they agreed to."""

    request: Request
    subject: Subject
    consents: Purpose
    #: the shop's browser session as it was after the view
    session: Any


@dataclass(slots=True)
class After:
    """What is to be done once the response is out."""

    sources: frozenset[str] = frozenset()
    cart: "Touched | None" = None
    customer: Customer | None = None
    seen: Seen | None = None
    #: a browser whose customer the shop authenticated
    signed_in: SignedIn | None = None
    #: knows the page's language once the page is filled
    state: RequestState | None = None
    #: whether events were recorded while the view ran
    recorded: bool = False


class Observer:
    """Look at requests of the endpoints that the adapter named; the others cost a look-up."""

    def __init__(
        self,
        app: Flask,
        shop: Shop,
        adapter: Adapter,
        gate: Gate,
        outbox: Outbox,
        carts: CartIntake,
        visits: VisitBuffer,
        signins: SignInIntake,
        clock: Callable[[], datetime],
    ) -> None:
        self._app = app
        self._adapter = adapter
        self._gate = gate
        self._outbox = outbox
        self._carts = carts
        self._signins = signins
        self._visits = visits
        self._clock = clock
        self._hints: dict[str, tuple[Hint, ...]] = {}
        for hint in shop.hints:
            for endpoint in hint.endpoints:
                self._hints[endpoint] = (*self._hints.get(endpoint, ()), hint)

    def begin(self, request: Request) -> None:
        """Note orders and sign-ups before the view: a view that fails after its commit counts."""
        hints = self._hints.get(request.endpoint or "")
        if hints:
            kinds = {hint.kind for hint in hints}
            sources = frozenset(_SOURCES[kind] for kind in kinds if kind in _SOURCES)
            request.environ[AFTER] = After(sources)

    def observe(self, request: Request, response: Response) -> None:
        """Note what the finished view tells; nothing is written yet."""
        after = request.environ.get(AFTER)
        if not isinstance(after, After):
            return
        for hint in self._hints.get(request.endpoint or "", ()):
            if hint.kind == "cart" and response.status_code < 400:
                self._note_cart(request, after)
            elif hint.kind == "visit":
                self._note_visit(request, response, hint, after)

    def _state(self, request: Request) -> RequestState:
        return RequestState.of(request, self._adapter, self._gate, self._app)

    def _note_cart(self, request: Request, after: After) -> None:
        state = self._state(request)
        if self._adapter.has("cart") and self._carts.wanted(state.consents):
            after.cart = Touched(request, state.subject, state.consents, _host_session())
            after.customer = state.customer

    def _note_visit(self, request: Request, response: Response, hint: Hint, after: After) -> None:
        if request.method != "GET" or response.status_code != 200:
            return
        subscribers = self._outbox.subscribers(Visit.hook)
        if not subscribers:
            return
        purpose = request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
        if is_program(request.user_agent.string, purpose):
            return
        state = self._state(request)
        if not any(state.consents.allows(item.options.needs) for item in subscribers):
            return
        identified = bool(state.consents & _IDENTIFIED)
        if identified and not state.subject.id:
            state.ensure_visitor()
        visit = Visit(
            request.path,
            request.endpoint,
            find(hint.product, request),
            _without_query(request.referrer),
        )
        subject = state.subject if identified else None
        after.seen = Seen(visit, subject, state.consents, self._clock())
        after.state = state
        if state.verified_id and state.visitor and state.consents.allows(Purpose.ANALYTICS):
            after.signed_in = SignedIn(state.verified_id, state.visitor)

    def finish(self, environ: dict[str, Any], runner: Runner) -> None:
        """Write what a request told, after its response; never raise."""
        after = environ.pop(AFTER, None)
        if not isinstance(after, After):
            return
        try:
            self._finish(environ, after, runner)
        except Exception:
            # nothing is lost for good: orders and sign-ups come again with the next pull
            log.exception("an event could not be recorded; the request itself is served")

    def _finish(self, environ: dict[str, Any], after: After, runner: Runner) -> None:
        recorded = after.recorded
        if after.seen is not None and after.state is not None:
            visit = replace(after.seen.visit, locale=after.state.locale)
            self._visits.add(replace(after.seen, visit=visit))
        if after.signed_in is not None and after.seen is not None:
            recorded = self._signins.take(after.signed_in, after.seen.consents) or recorded
        if after.cart is not None:
            recorded = self._take_cart(after.cart, after.customer) or recorded
        if recorded or after.sources:
            runner.wake(after.sources)
        if after.seen is not None:
            runner.request_ended()

    def _take_cart(self, touched: Touched, customer: Customer | None) -> bool:
        """Read the cart in a second request context: the first one's session is closed."""
        again = _again(touched.request)
        with RequestContext(self._app, again.environ, request=again, session=touched.session):
            cart = self._adapter.cart()
        if cart is None:
            return False
        if cart.customer_id is None and customer is not None and customer.verified:
            cart = cart.replace(customer_id=customer.id)
        return self._carts.take(cart, touched.subject, touched.consents)


#: What a request keeps of its body once somebody has read it, and what reads JSON.
_READ = ("_cached_data", "_cached_json", "form", "files", "json_module")


def _again(request: Request) -> Request:
    """Return a request like one that is over, with its body as far as the shop has read it.

    The server's stream is at its end: to read it once more would wait for the browser.
    """
    known = vars(request)
    environ = {key: value for key, value in request.environ.items() if not key.startswith("grc.")}
    environ["wsgi.input"] = BytesIO(known.get("_cached_data", b""))
    second = type(request)(environ)
    vars(second).update({name: known[name] for name in _READ if name in known})
    return second


def _host_session() -> Any:
    """Return the host's browser session without marking it as read, which would add a Vary."""
    kept = vars(request_ctx._get_current_object())  # type: ignore[attr-defined]
    return kept.get("_session", kept.get("session"))  # it had the other name until Flask 3.1.2


def _without_query(referrer: str | None) -> str | None:
    """Return a referrer without what people typed or what tracks them."""
    if not referrer:
        return None
    try:
        parts = urlsplit(referrer)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
