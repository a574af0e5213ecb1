"""Fill the slots of a page after the shop's view made it."""

import logging
from collections.abc import Sequence
from typing import Protocol

from flask import Flask
from flask import Request
from flask import Response
from flask import request as current_request
from werkzeug.exceptions import HTTPException

from ..adapter import Adapter
from ..config import Config
from ..errors import nearest
from ..loading import Tables
from ..logs import rule_of
from ..pricing import Desk
from ..rendering import Renderer
from ..settings import SettingsStore
from ..shop import Shop
from ..storage.engine import Database
from ..visitor import Consenting
from ..visitor import RequestState
from ..watching import Watchers
from .content import Content
from .content import Fillings
from .guard import Guard
from .guard import WidgetFailed
from .page import Page
from .page import People
from .page import Source
from .plans import Plan
from .plans import Plans
from .positions import Positions
from .proof import OrderProof
from .response import copied
from .response import encoding
from .response import fillable
from .response import is_kept
from .response import is_personal
from .response import make_private
from .response import nonce
from .scan import Scan
from .seals import Seals
from .spots import Matched
from .spots import Spot
from .spots import automatic_spots
from .spots import in_order
from .spots import marked_spots
from .spots import placed_spots
from .spots import replaced

log = logging.getLogger("grc")
#: Pages larger than this get only what was placed explicitly.
LARGE = 200_000
#: Orders that one request for slots may be about.
MOST_ORDERS = 4
#: Marks in the environ that this response was made for one person.
_PRIVATE = "grc.private"


class Links(Protocol):
    """Where the storefront's script and style are."""

    def tag(self, name: str, request: Request, nonce: str | None) -> str:
        """Return the element that loads `grc.js` or `grc.css`."""

    def url(self, name: str, request: Request) -> str:
        """Return the address of a file."""


class Filler:
    """Put widgets into pages: at markers, at the shop's placements, at the ends of the body."""

    def __init__(
        self,
        *,
        app: Flask,
        shop: Shop,
        adapter: Adapter,
        tables: Tables,
        gate: Consenting,
        settings: SettingsStore,
        desk: Desk,
        renderer: Renderer,
        database: Database,
        config: Config,
        assets: Links,
        people: People,
        watchers: Watchers,
    ) -> None:
        self._app = app
        self._shop = shop
        self._adapter = adapter
        self._gate = gate
        self._desk = desk
        self._config = config
        self._assets = assets
        self._people = people
        self._renderer = renderer
        self._unknown: set[str] = set()
        self._matched = Matched()
        self.positions = Positions(tables, settings)
        self._plans = Plans(shop, self.positions.entries, config.auto_inject)
        self.guard = Guard(database, watchers, debug=config.debug, strict=app.testing)
        self.seals = Seals(app)
        self.proof = OrderProof(app, shop, adapter, config.settle)

    def fill_current(self, response: Response) -> Response:
        """Fill the response of the current request."""
        return self.fill(current_request._get_current_object(), response)  # type: ignore[attr-defined]

    def fill(self, request: Request, response: Response) -> Response:
        """Return a response filled: itself where nothing is to change, else a copy.

        The shop may show its own object again, to somebody else. Whatever fails leaves the page
        as it was; only a widget's error is raised, and only where the app is debugged.
        """
        try:
            return self._fill(request, response)
        except WidgetFailed as failed:
            raise failed.error from None
        except Exception:
            log.exception("the slots of %r were not filled", rule_of(request))
        return response

    def keep_private(self, response: Response) -> Response:
        """Undo what the shop's own `after_request` said of keeping a page that is personal now.

        Meant to run after all of those: first in the app's list, which Flask goes through
        backwards.
        """
        if _PRIVATE in current_request.environ and not is_personal(response):
            response = copied(response)
            make_private(response)
        return response

    def fragments(
        self, request: Request, spots: Sequence[Spot], path: str, lang: str | None
    ) -> list[str]:
        """Return what a kept page left to be fetched: its slots' personal widgets as HTML."""
        state = self._state(request)
        state.page_lang = lang
        content = Content(self.positions, self.guard, self.seals, self._source(request, state),
                          path, self._endpoint(request, path))  # fmt: skip
        served = self._served(spots)
        try:
            html = dict(zip(served, content.personal(served), strict=True))
        except WidgetFailed as failed:
            raise failed.error from None
        return [html.get(spot, "") for spot in spots]

    def page(self, request: Request) -> Page:
        """Return what a plugin's own page or operation knows of who asks for it."""
        source = self._source(request, self._state(request))
        return Page(source, "", request.endpoint, request.path)

    def _served(self, spots: Sequence[Spot]) -> list[Spot]:
        """Return the spots that this shop marked, each once, about a few orders at most."""
        served: list[Spot] = []
        orders: set[tuple[str | None, str | None]] = set()
        for spot in dict.fromkeys(spots):
            order = {(spot.order, spot.token)} if spot.order or spot.token else set()
            if len(orders | order) <= MOST_ORDERS and self.seals.holds(spot):
                orders |= order
                served.append(spot)
        return served

    def _fill(self, request: Request, response: Response) -> Response:
        plan = self._plans.of(request.endpoint)
        placed: str | None = None
        if plan.orders:
            placed = self.proof.remember_order(request, response, self._state(request))
            # Flask will put the session into what is returned.
            response = copied(response) if placed else response
        if fillable(request, response):
            response = self._fill_page(request, response, plan, placed)
        state = RequestState.existing(request)
        if state is not None and state.is_new and not self._is_kept(request, response):
            response = self._private(request, response)
            state.save(response, self._people.clock().toordinal())
        return response

    def _private(self, request: Request, response: Response) -> Response:
        """Return a copy for this browser only, and see that the shop's hooks leave it so."""
        request.environ[_PRIVATE] = True
        response = copied(response)
        make_private(response)
        return response

    def _fill_page(
        self, request: Request, response: Response, plan: Plan, placed: str | None
    ) -> Response:
        data = response.get_data()
        automatic = plan.automatic if len(data) <= LARGE else ()
        marked = b"<grc-slot" in data or b"<GRC-SLOT" in data
        if not (marked or plan.placements or automatic):
            return response
        charset = encoding(response)
        if charset is None:
            return response
        scan = Scan(data)
        markers = marked_spots(scan, request) if marked else []
        taken = {spot.slot for spot in markers}
        matched = self._matched if response.status_code == 200 else None
        spots = in_order(
            [
                *markers,
                *placed_spots(scan, request, plan.placements, taken, matched),
                *automatic_spots(scan, automatic, taken),
            ]
        )
        if not spots:
            return response
        self._warn_of(taken)
        shown = {placed} if placed else set()
        if plan.orders:
            named = {spot.order for spot in markers if spot.order}
            shown |= self.proof.marked(request, response, named)
        return self._write(request, response, scan, spots, shown, charset)

    def _write(
        self,
        request: Request,
        response: Response,
        scan: Scan,
        spots: Sequence[Spot],
        shown: set[str],
        charset: str,
    ) -> Response:
        state = self._state(request)
        state.page_lang = scan.lang
        kept = self._is_kept(request, response)
        source = self._source(request, state, shown)
        content = Content(self.positions, self.guard, self.seals, source, request.path,
                          request.endpoint, failed=response.status_code >= 400)  # fmt: skip
        fillings = content.fill(spots, kept)
        edits = fillings.edits(charset)
        if fillings.visible and scan.is_document:
            edits = self._linked(request, response, scan, edits, fillings)
        if fillings.personal and not kept:
            response = self._private(request, response)
        elif edits:
            response = copied(response)
        if edits:
            response.set_data(replaced(scan.data, edits))
        if fillings.spent:
            response.headers.add("Server-Timing", fillings.timing)
        return response

    def _linked(
        self,
        request: Request,
        response: Response,
        scan: Scan,
        edits: list[tuple[int, int, bytes]],
        fillings: Fillings,
    ) -> list[tuple[int, int, bytes]]:
        """Add the style, and the script where something needs it."""
        added = [*edits]
        if not self._has(scan, "grc.css", request):
            style = self._assets.tag("grc.css", request, nonce(request, response, "style"))
            at = edits[0][0]
            head = scan.head_end
            at = at if head is None or head > at else head
            added.insert(0, (at, at, style.encode()))
        if fillings.scripted and not self._has(scan, "grc.js", request):
            tag = self._assets.tag("grc.js", request, nonce(request, response, "script"))
            end = max(scan.body_end, edits[-1][1])
            added.append((end, end, tag.encode()))
        return added

    def _has(self, scan: Scan, name: str, request: Request) -> bool:
        """Tell whether a page, such as one of a plugin's, loads a file already: once is enough."""
        return f'"{self._assets.url(name, request)}"'.encode() in scan.data

    def _state(self, request: Request) -> RequestState:
        return RequestState.of(request, self._adapter, self._gate, self._app)

    def _source(
        self, request: Request, state: RequestState, shown: set[str] | None = None
    ) -> Source:
        rooms = (self._adapter, self._desk, self.proof, self._people)
        return Source(request, state, *rooms, shown or ())

    def _is_kept(self, request: Request, response: Response) -> bool:
        return request.endpoint in self._config.public_endpoints or is_kept(response)

    def _endpoint(self, request: Request, path: str) -> str | None:
        """Return the endpoint of a page's path, so that the merchant's limits hold for it."""
        adapter = self._app.create_url_adapter(request)
        inner = path.removeprefix(request.script_root) or "/"
        try:
            return str(adapter.match(inner, method="GET")[0]) if adapter else None
        except HTTPException:
            return None

    def _warn_of(self, slots: set[str]) -> None:
        """Say once that a template marks a slot nobody knows."""
        for slot in slots - self._unknown:
            known = {*self._shop.slots, *self.positions.entries}
            if slot not in known and len(self._unknown) < 100:
                self._unknown.add(slot)
                log.warning("a page marks an unknown slot %r%s", slot, nearest(slot, known))
