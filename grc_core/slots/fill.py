"""Fill the slots of a page after the shop's view made it."""

import logging
from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from typing import Protocol

from flask import Flask
from flask import Request
from flask import Response
from flask import request as current_request
from markupsafe import escape

from ..adapter import Adapter
from ..config import Config
from ..errors import nearest
from ..finding import find
from ..loading import Tables
from ..pricing import Desk
from ..rendering import Renderer
from ..rendering import speaking
from ..settings import SettingsStore
from ..shop import Placement
from ..shop import Shop
from ..storage.engine import Database
from ..visitor import Consenting
from ..visitor import RequestState
from .guard import Entry
from .guard import Guard
from .guard import WidgetFailed
from .page import Page
from .page import PublicPage
from .page import Source
from .positions import Positions
from .proof import OrderProof
from .response import encoding
from .response import fillable
from .response import is_kept
from .response import make_private
from .response import nonce
from .scan import Scan

log = logging.getLogger("grc")
#: Pages larger than this get only what was placed explicitly.
LARGE = 200_000
_TOP, _BOTTOM = "site.top", "site.bottom"


class Links(Protocol):
    """Where the storefront's script and style are."""

    def tag(self, name: str, request: Request, nonce: str | None) -> str:
        """Return the element that loads `grc.js` or `grc.css`."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A slot on a page: what it is about, and the bytes that it replaces."""

    slot: str
    start: int = 0
    end: int = 0
    product: str | None = None
    order: str | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a spot."""

    html: str
    #: whether it depends on who looks
    personal: bool
    #: whether the browser fetches what is personal
    deferred: bool
    #: whether a widget in it has a script
    scripts: bool


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
    ) -> None:
        self._app = app
        self._shop = shop
        self._adapter = adapter
        self._gate = gate
        self._desk = desk
        self._renderer = renderer
        self._config = config
        self._assets = assets
        self._warned: set[str] = set()
        self.positions = Positions(tables, settings)
        self.guard = Guard(database, debug=config.debug, strict=app.testing)
        self.proof = OrderProof(app, shop)
        self._plans: dict[str | None, tuple[Placement, ...]] = {}
        self._automatic = tuple(
            slot for slot in (_TOP, _BOTTOM) if config.auto_inject and slot in tables.slots
        )

    def fill_current(self, response: Response) -> Response:
        """Fill the response of the current request."""
        return self.fill(current_request._get_current_object(), response)  # type: ignore[attr-defined]
