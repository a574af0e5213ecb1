"""Which orders a browser may see; an order's id alone proves nothing, for it can be guessed."""

import logging
import time
import unicodedata
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from flask import Flask
from flask import Request
from flask import Response
from flask import request as current_request
from flask import request_started
from flask import session
from itsdangerous import BadData
from werkzeug.exceptions import HTTPException

from ..adapter import Adapter
from ..errors import NotConfigured
from ..finding import find
from ..shop import Finder
from ..shop import Hint
from ..shop import Shop
from ..values import Order
from ..visitor import RequestState
from ..visitor import session_changed
from ..visitor import signer

log = logging.getLogger("grc")
SESSION_KEY = "grc_orders"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SALT = "grc_order"
_TOKEN_SECONDS = 180 * 24 * 3600
_REMEMBER_SECONDS = 3600
_REMEMBER_ORDERS = 5
#: Seconds by which the shop's clock, or its rounding, may differ from this one.
_CLOCK_SLACK = 5.0
_STARTED = "grc.started"


def sign_order(app: Flask, order_id: str) -> str:
    """Return a token for `?grc_order=` that lets its holder see one order for 180 days."""
    signing = signer(app, _SALT)
    if signing is None:
        raise NotConfigured("signing an order needs the app's SECRET_KEY")
    return str(signing.dumps(order_id))


def signed_order(app: Flask, token: str | None) -> str | None:
    """Return the id of the order that a token was signed for."""
    signing = signer(app, _SALT) if token else None
    if signing is None or token is None:
        return None
    try:
        return str(signing.loads(token, max_age=_TOKEN_SECONDS))
    except BadData:
        return None


class OrderProof:
    """Remember in the shop's session which orders a browser placed, and judge by it.

    `settle` is how many seconds before a request the order that it places may have begun.
    """

    def __init__(self, app: Flask, shop: Shop, adapter: Adapter, settle: float) -> None:
        self._app = app
        self._shop = shop
        self._adapter = adapter
        self._settle = settle
        # The signal holds no reference to what listens.
        request_started.connect(self._begin, app)

    def _begin(self, sender: Flask, **extra: object) -> None:
        """Note when a request began: what it places is not older."""
        del sender, extra
        current_request.environ[_STARTED] = time.time()

    def remember_order(
        self, request: Request, response: Response, state: RequestState
    ) -> str | None:
        """Note the order that this response shows to be placed, and by whom; return its id.

        Only a browser with a session can be remembered; none is started for it.
        """
        order_id = self.placed_id(request, response)
        if order_id is None or not self._has_session(request):
            return order_id
        now = int(time.time())
        kept = [item for item in _remembered() if item[0] != order_id][: _REMEMBER_ORDERS - 1]
        try:
            session[SESSION_KEY] = [[order_id, now, state.verified_id or ""], *kept]
        except Exception:
            log.exception("the placed order %r cannot be noted in the session", order_id)
        return order_id

    def placed_id(self, request: Request, response: Response) -> str | None:
        """Return the id of the order that this request placed.

        What the shop computes counts, and an order placed just now whose page it redirects to.
        An id in the address of this request does not: it could name anybody's order, and a form
        that is shown again is answered with success too.
        """
        hints = self._hints(request)
        if not hints or response.status_code >= 400:
            return None
        for hint in hints:
            if callable(hint.order) and (found := find(hint.order, request)):
                return found
        found = response.location and self._from_location(request, response.location, hints)
        return found if found and self._is_new(request, found) else None

    def marked(self, request: Request, response: Response, ids: Collection[str]) -> set[str]:
        """Return those of the ids in a page that name the order which this page's request placed.

        They are the shop's own words in its answer to the placing, unless the browser said them.
        """
        if request.method in SAFE_METHODS or response.status_code >= 300:
            return set()
        if not self._hints(request):
            return set()
        return {id for id in sorted(ids)[:_REMEMBER_ORDERS] if self._is_new(request, id)}

    def allows(
        self, order: Order, state: RequestState, request: Request, placed: Collection[str]
    ) -> bool:
        """Tell whether a browser may see an order without a token; `placed` were so just now.

        The order of a customer is for that customer only. A guest's is for the browser that
        placed it, unless somebody signed in placed it who is not who is signed in now.
        """
        if order.customer_id:
            return order.customer_id == state.verified_id
        if order.id in placed:
            return True
        return self._has_session(request) and any(
            id == order.id and _recent(order, at) and person in ("", state.verified_id)
            for id, at, person in _remembered()
        )

    def _is_new(self, request: Request, order_id: str) -> bool:
        """Tell whether an order was placed since this request began.

        Where the browser sent the same value (a quantity of 1 and the first order of a shop,
        or a stranger's guess) there is no slack: the order is not older than the request.
        """
        order = self._adapter.order_by_id(order_id)
        began = request.environ.get(_STARTED, time.time())
        named = _plain(order_id) in {_plain(value) for value in _sent(request)}
        since = began if named else began - self._settle - _CLOCK_SLACK
        return order is not None and _placed_at(order).timestamp() >= since

    def _hints(self, request: Request) -> list[Hint]:
        endpoint = request.endpoint
        hints = self._shop.hints
        return [hint for hint in hints if hint.kind == "order" and endpoint in hint.endpoints]

    def _has_session(self, request: Request) -> bool:
        name = self._app.session_interface.get_cookie_name(self._app)
        return name in request.cookies or session_changed()

    def _from_location(self, request: Request, location: str, hints: list[Hint]) -> str | None:
        """Find the id in the address that the shop redirects to."""
        try:
            parts = urlsplit(location)
        except ValueError:
            return None
        root = request.script_root
        if parts.netloc not in ("", request.host) or not parts.path.startswith(root):
            return None
        adapter = self._app.create_url_adapter(request)
        try:
            matched = adapter and adapter.match(parts.path[len(root) :], method="GET")
        except HTTPException:
            return None
        endpoint, arguments = matched or ("", {})
        placed = (item.order for item in self._shop.placements if endpoint in item.endpoints)
        # A page that is only looked at may pass its query on to where it redirects.
        query = "" if request.method in SAFE_METHODS else parts.query
        return _named([*placed, *(hint.order for hint in hints)], arguments, query)


def _named(finders: list[Finder], arguments: Mapping[str, object], query: str) -> str | None:
    stated = parse_qs(query)
    for finder in finders:
        if isinstance(finder, str):
            if finder in arguments:
                return str(arguments[finder])
            if finder in stated:
                return stated[finder][0]
    return None


def _sent(request: Request) -> Iterator[object]:
    """Yield every value that the browser sent."""
    yield from (request.view_args or {}).values()
    yield from request.cookies.values()
    for fields in (request.args, request.form):
        for values in fields.listvalues():
            yield from values
    left: list[Any] = [request.get_json(silent=True)] if request.is_json else []
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
        else:
            yield value


def _plain(value: object) -> str:
    """Return an id without what a shop may overlook in it: blanks, signs, zeros in front."""
    text = unicodedata.normalize("NFKC", str(value)).casefold()
    kept = (str(unicodedata.digit(sign, sign)) for sign in text if sign.isalnum())
    return "".join(kept).lstrip("0")


def _remembered() -> list[tuple[str, int, str]]:
    """Return what the session says and is not yet forgotten, whatever shape it has."""
    found: list[tuple[str, int, str]] = []
    stored = session.get(SESSION_KEY)
    for item in stored if isinstance(stored, list) else ():
        if not isinstance(item, list | tuple) or len(item) != 3:
            continue
        id, at, person = item
        if isinstance(at, int) and 0 <= time.time() - at <= _REMEMBER_SECONDS:
            found.append((str(id), at, str(person)))
    return found


def _recent(order: Order, at: int) -> bool:
    """Tell whether an order was placed about when this browser is said to have placed it."""
    return abs(at - _placed_at(order).timestamp()) <= _REMEMBER_SECONDS


def _placed_at(order: Order) -> datetime:
    return order.placed_at if order.placed_at.tzinfo else order.placed_at.replace(tzinfo=UTC)
