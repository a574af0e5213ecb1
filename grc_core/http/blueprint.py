"""The blueprint `grc`, with errors and protection of its own."""

import logging

from flask import Blueprint
from flask import Flask
from flask import Response
from flask import request
from flask import request_started
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError

from ..logs import rule_of
from ..visitor import RequestState
from .api.routes import add_api
from .fragments import slots_response
from .limits import Limiter
from .problems import error_response
from .routes import add_routes
from .runtime import Rooms
from .unsubscribe import unsubscribe_response

log = logging.getLogger("grc")
#: Generous: behind a proxy that GRC is not told of, all browsers have one address.
SLOTS_LIMIT = "1200/minute"


class OwnBlueprint(Blueprint):
    """A blueprint that exempts itself from a host's CSRFProtect, whenever that is set up."""

    def __init__(self) -> None:
        super().__init__("grc", __name__, url_prefix="/grc")
        # The signal holds no reference: the app holds the blueprint, and that its method.
        self.record_once(self._listen)

    def _listen(self, state: BlueprintSetupState) -> None:
        request_started.connect(self.exempt, state.app)

    def exempt(self, app: Flask, **extra: object) -> None:
        """Tell the host's CSRFProtect that requests of this blueprint are checked here."""
        del extra
        protection = app.extensions.get("csrf")
        if protection and request.blueprint == self.name and hasattr(protection, "exempt"):
            protection.exempt(self)


def make_blueprint(rooms: Rooms) -> Blueprint:
    """Return the blueprint with everything that is reached below `/grc`."""
    blueprint = OwnBlueprint()
    limiter = Limiter()

    @blueprint.get("/slots")
    def slots() -> Response:
        """Answer with what a kept page left to be fetched."""
        limiter.check(SLOTS_LIMIT, "slots", request.remote_addr or "")
        return slots_response(request, rooms.filler)

    @blueprint.get("/static/<version>/<name>")
    def asset(version: str, name: str) -> Response:
        """Serve the storefront's script or style."""
        return rooms.assets.response(version, name, request)

    @blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
    def unsubscribe(token: str) -> Response:
        """Let the reader of a commercial mail out."""
        return unsubscribe_response(rooms, limiter, token)

    @blueprint.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        """Show an expected error."""
        state = RequestState.of(request, rooms.adapter, rooms.gate, rooms.app)
        return error_response(error, request, rooms.renderer, state.locale)

    @blueprint.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        """Show an error of ours, or raise it for a developer."""
        if rooms.config.debug:
            raise error
        log.error("%r failed", rule_of(request), exc_info=error)
        return refused(InternalServerError())

    add_api(blueprint, rooms)
    add_routes(blueprint, rooms)
    return blueprint
