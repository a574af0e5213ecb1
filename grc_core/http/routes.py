"""Pages of plugins at `/grc/<url>/<rule>`, each in a transaction of its own."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint
from flask import Response
from flask import make_response
from flask import request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import InternalServerError
from werkzeug.exceptions import NotFound
from werkzeug.routing import Map
from werkzeug.routing import Rule

from ..loading import Contribution
from ..logs import rule_of
from ..plugin import RouteOptions
from ..rendering import speaking
from ..storage.sessions import writing
from ..visitor import RequestState
from .limits import Limiter
from .protection import require_own_page
from .runtime import Rooms

log = logging.getLogger("grc")


def add_routes(blueprint: Blueprint, rooms: Rooms) -> None:
    """Add the pages of every plugin; one that cannot be added is left out, with a warning."""
    limiter = Limiter()
    taken: set[str] = set()
    for item in rooms.tables.routes:
        options: RouteOptions = item.options
        url = getattr(item.loaded.plugin, "url", None) or item.loaded.name
        rule = f"/{url}{options.rule}"
        endpoint = _free(route_endpoint(item.loaded.name, item.name), taken)
        try:
            _try(rule, options)
        except Exception as error:
            log.warning("plugin %s: the page %s at %r is off: %s", item.loaded.name, item.name,
                        options.rule, error)  # fmt: skip
            continue
        taken.add(endpoint)
        # not strict: a plugin's first page answers at /grc/<url> and at /grc/<url>/
        blueprint.add_url_rule(
            rule,
            endpoint,
            _view(item, rooms, limiter),
            methods=list(options.methods),
            strict_slashes=False,
        )


def route_endpoint(plugin: str, method: str) -> str:
    """Return the endpoint, inside the blueprint, of a plugin's page."""
    return f"{plugin}__{method}"


def console_endpoint(plugin: str, method: str) -> str:
    """Return the endpoint, inside the blueprint, of a page of the staff console.

    Without `__`, by which pages of the shop are told from the core's own, which get no slots.
    """
    return f"admin-{plugin}-{method.replace('__', '-')}"


def _free(endpoint: str, taken: set[str]) -> str:
    """Number the further addresses of a page that has several."""
    number = 2
    found = endpoint
    while found in taken:
        found, number = f"{endpoint}__{number}", number + 1
    return found


def _try(rule: str, options: RouteOptions) -> None:
    """Raise for what the app would refuse at start."""
    if not options.rule.startswith("/"):
        raise ValueError("an address starts with /")
    Map([Rule(rule, endpoint="page", methods=list(options.methods))])


def _view(item: Contribution, rooms: Rooms, limiter: Limiter) -> Callable[..., Response]:
    options: RouteOptions = item.options

    def view(**values: Any) -> Response:
        if not item.on:
            raise NotFound
        if options.csrf == "origin":
            require_own_page(request, rooms.config.base_url)
        if options.limit:
            limiter.check(options.limit, item.label, request.remote_addr or "")
        state = RequestState.of(request, rooms.adapter, rooms.gate, rooms.app)
        with speaking(state.locale):
            return _answer(item, rooms, values)

    return view


def _answer(item: Contribution, rooms: Rooms, values: dict[str, Any]) -> Response:
    """Call a page in a transaction, undone if it raises."""
    try:
        with writing(rooms.database):
            reply = item.call(**values)
            response = make_response(str(reply) if isinstance(reply, Markup) else reply)
    except HTTPException:
        raise
    except Exception:
        log.exception("plugin %s %s: the page %s failed at %r", item.loaded.name,
                      item.loaded.version, item.name, rule_of(request))  # fmt: skip
        if rooms.config.debug:
            raise
        raise InternalServerError from None
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response
