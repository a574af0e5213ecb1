"""Put the API's operations into the blueprint, with everything they share around them."""

import json
import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from flask import Blueprint
from flask import Response
from flask import request
from flask import url_for
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.exceptions import NotFound
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.routing import Map
from werkzeug.routing import Rule

from ...access.keys import ApiKey
from ...access.webhooks import NoSuchWebhook
from ...errors import GRCError
from ...logs import rule_of
from ...rendering import speaking
from ...storage.sessions import current_session
from ...storage.sessions import writing
from ...visitor import RequestState
from ..limits import Limiter
from ..problems import problem
from ..protection import SAFE_METHODS
from ..protection import require_own_page
from ..runtime import Rooms
from .contributed import contributed
from .door import let_in
from .openapi import document
from .operation import Call
from .operation import Operation
from .operation import Reply
from .reading import Invalid
from .reading import check_texts
from .reading import read_body
from .reading import read_query
from .repeated import Repetition

log = logging.getLogger("grc")
PREFIX, VERSION = "/api/v1", "1"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def operations() -> tuple[Operation, ...]:
    """Return every operation."""
    from . import contacts
    from . import orders
    from . import timeline
    from . import webhooks

    modules = (contacts, timeline, orders, webhooks)
    return tuple(operation for module in modules for operation in module.OPERATIONS)


def add_api(blueprint: Blueprint, rooms: Rooms) -> None:
    """Add the operations, their description, and an answer of our own for everything else."""
    limiter, known = Limiter(), operations()
    known = (*known, *contributed(rooms.tables.operations, known))
    described: dict[str, str] = {}
    for operation in known:
        view = _view(operation, rooms, limiter)
        endpoint = f"api_{operation.name}"
        blueprint.add_url_rule(PREFIX + operation.rule, endpoint, view, methods=[operation.method])

    @blueprint.get(f"{PREFIX}/openapi.json", endpoint="api_description")
    def description() -> Response:
        """Describe the API; this needs no key."""
        server = url_for("grc.api_description").removesuffix("/openapi.json")
        if server not in described:
            found = document([item for item in known if item.on], server, VERSION)
            described[server] = json.dumps(found, ensure_ascii=False)
        return _json(described[server], 200)

    methods = list(_METHODS)
    addresses = Map([Rule(item.rule, methods=[item.method]) for item in known])

    @blueprint.route("/api/<path:rest>", methods=methods, endpoint="api_unknown")
    def unknown(rest: str) -> Response:
        """Say that there is no such operation, rather than leave it to the shop's error page."""
        return _guarded(lambda: _not_there(addresses, rest), rooms)


def _not_there(addresses: Map, rest: str) -> Response:
    path = f"/{rest}".removeprefix(PREFIX.removeprefix("/api"))
    try:
        addresses.bind("api").match(path, method=request.method)
    except MethodNotAllowed:
        raise
    except HTTPException:
        pass
    raise NotFound("There is no such operation; they are listed in /grc/api/v1/openapi.json.")


def _view(operation: Operation, rooms: Rooms, limiter: Limiter) -> Callable[..., Response]:
    def view(**path: str) -> Response:
        return _guarded(lambda: _respond(operation, rooms, limiter, path), rooms)

    return view


def _guarded(respond: Callable[[], Response], rooms: Rooms) -> Response:
    """Turn every error into a problem document."""
    try:
        return respond()
    except HTTPException as error:
        return _problem_of(error)
    except Invalid as error:
        return problem(422, str(error), errors=error.errors)
    except NoSuchWebhook as error:
        return problem(404, "Not Found", detail=str(error))
    except GRCError as error:
        return problem(422, "What was sent cannot be done.", detail=str(error))
    except Exception:
        log.exception("%s %s failed", request.method, rule_of(request))
        if rooms.config.debug:
            raise
        return problem(500, "Internal Server Error", detail="It is logged; nothing was changed.")


def _problem_of(error: HTTPException) -> Response:
    response = problem(error.code or 500, error.name, detail=error.description)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    if error.code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="GRC"'
    return response


def _respond(
    operation: Operation, rooms: Rooms, limiter: Limiter, path: dict[str, str]
) -> Response:
    if not rooms.ready():
        raise ServiceUnavailable("The GRC tables are missing or old; run: flask grc db upgrade")
    if not operation.on:
        raise NotFound("The plugin of this operation is off; see: flask grc plugins")
    key = _caller(operation, rooms, limiter)
    check_texts(path)
    query = read_query(request, operation.query)
    body = read_body(request, operation.body) if operation.body is not None else {}
    call = Call(rooms, key, path, query, body)
    state = RequestState.of(request, rooms.adapter, rooms.gate, rooms.app)
    with speaking(state.locale) if operation.contribution else nullcontext():
        if operation.method in SAFE_METHODS:
            response = _answer(operation, operation.handler(call), "")
        else:
            response = _write(operation, call)
    if key is not None:
        response.call_on_close(lambda: rooms.keys.note_use(key))
    return response


def _caller(operation: Operation, rooms: Rooms, limiter: Limiter) -> ApiKey | None:
    """Return the caller's key; None where the shop's own pages call, and no key is needed."""
    if operation.scope is not None:
        return let_in(request, rooms.keys, limiter, operation.scope)
    require_own_page(request, rooms.config.base_url)
    limiter.check(operation.limit, "api", operation.name, request.remote_addr or "")
    return None


def _write(operation: Operation, call: Call) -> Response:
    """Do a write and keep its answer in one transaction, so that a repetition does nothing."""
    with writing(call.rooms.database):
        if call.key is None:
            return _answer(operation, operation.handler(call), "")
        seen = Repetition(current_session().connection(), request, call.key)
        before = seen.begin(call.rooms.services.now())
        if before is not None:
            response = _json(before[1], before[0])
            response.headers["Idempotent-Replayed"] = "true"
            return response
        reply = operation.handler(call)
        seen.end(operation.status, _dumped(operation, reply.data))
    return _answer(operation, reply, request.path.rsplit(f"{PREFIX}/", 1)[0] + f"{PREFIX}/")


def _answer(operation: Operation, reply: Reply, base: str) -> Response:
    data = {**reply.data, **reply.once} if reply.once else reply.data
    response = _json(_dumped(operation, data), operation.status)
    for name, value in reply.headers.items():
        response.headers[name] = request.script_root + base + value
    return response


def _dumped(operation: Operation, data: Any) -> str:
    if operation.reply is None:
        return ""
    if operation.contribution is not None:
        return json.dumps(data, ensure_ascii=False)  # dumped already, while its session was open
    schema = operation.reply()
    if not operation.paged:
        return json.dumps(schema.dump(data), ensure_ascii=False)
    page = {"data": schema.dump(data["data"], many=True), "next": data["next"]}
    return json.dumps(page, ensure_ascii=False)


def _json(text: str, status: int) -> Response:
    response = Response(text, status, content_type="application/json" if text else None)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
