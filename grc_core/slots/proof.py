"""Which orders a browser may see; an order's id alone proves nothing, for it can be guessed."""

import logging
import time
from collections.abc import Collection
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from urllib.parse import parse_qs
from urllib.parse import urlsplit

from flask import Flask
from flask import Request
from flask import Response
from flask import session
from itsdangerous import BadData
from werkzeug.exceptions import HTTPException

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
    """Remember in the shop's session which orders a browser placed, and judge by it."""

    def __init__(self, app: Flask, shop: Shop) -> None:
        self._app = app
        self._shop = shop

    def remember_order(self, request: Request, response: Response) -> str | None:
        """Note the order that this response shows to be placed, and return its id.

        Only a browser with a session can be remembered; none is started for it.
        """
        order_id = self.placed_id(request, response)
        if order_id is None or not self._has_session(request):
            return order_id
        now = int(time.time())
        kept = [item for item in _remembered() if item[0] != order_id][: _REMEMBER_ORDERS - 1]
        try:
            session[SESSION_KEY] = [[order_id, now], *kept]
        except Exception:
            log.exception("the placed order %s cannot be noted in the session", order_id)
        return order_id

    def placed_id(self, request: Request, response: Response) -> str | None:
        """Return the id of the order that this request placed.

        What the shop computes counts, and where it redirects to. What the browser sent counts
        only as a part of the address, in an unsafe request that the shop answered with success:
        a query or a form field could name anybody's order.
        """
        hints = self._hints(request)
        if not hints or response.status_code >= 400:
            return None
        for hint in hints:
            if callable(hint.order) and (found := find(hint.order, request)):
                return found
        if response.location:
            return self._from_location(request, response.location, hints)
        if request.method in SAFE_METHODS or response.status_code >= 300:
            return None
        named = (hint.order for hint in hints if isinstance(hint.order, str))
        found = next((name for name in named if name in (request.view_args or {})), None)
        return str((request.view_args or {})[found]) if found else None

    def is_placing(self, request: Request, response: Response) -> bool:
        """Tell whether this very response answers the placing of an order."""
        placing = request.method not in SAFE_METHODS and response.status_code < 300
        return placing and bool(self._hints(request))

    def allows(
        self, order: Order, state: RequestState, request: Request, shown: Collection[str]
    ) -> bool:
        """Tell whether a browser may see an order.

        `shown` are the ids that a token, or this very placing, vouches for.
        """
        if order.customer_id and order.customer_id == state.verified_id:
            return True
        if order.id in shown:
            return True
        return self._has_session(request) and any(
            id == order.id and _recent(order, at) for id, at in _remembered()
        )

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
        return _named([*placed, *(hint.order for hint in hints)], arguments, parts.query)


def _named(finders: list[Finder], arguments: Mapping[str, object], query: str) -> str | None:
    stated = parse_qs(query)
    for finder in finders:
        if isinstance(finder, str):
            if finder in arguments:
                return str(arguments[finder])
            if finder in stated:
                return stated[finder][0]
    return None


def _remembered() -> list[tuple[str, int]]:
    """Return what the session says and is not yet forgotten, whatever shape it has."""
    found: list[tuple[str, int]] = []
    stored = session.get(SESSION_KEY)
    for item in stored if isinstance(stored, list) else ():
        shaped = isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[1], int)
        if shaped and 0 <= time.time() - item[1] <= _REMEMBER_SECONDS:
            found.append((str(item[0]), item[1]))
    return found


def _recent(order: Order, at: int) -> bool:
    """Tell whether an order was placed about when this browser is said to have placed it."""
    placed = order.placed_at if order.placed_at.tzinfo else order.placed_at.replace(tzinfo=UTC)
    return abs((datetime.fromtimestamp(at, UTC) - placed).total_seconds()) <= _REMEMBER_SECONDS
