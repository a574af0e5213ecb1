"""Errors of GRC's own addresses: problem documents for programs, small pages for people."""

import json
from typing import Any

from flask import Request
from flask import Response
from flask import make_response
from werkzeug.exceptions import HTTPException

from ..rendering import CORE
from ..rendering import Renderer

PROBLEM = "application/problem+json"


def problem(status: int, title: str, **more: Any) -> Response:
    """Return a problem document (RFC 9457)."""
    document = {"type": "about:blank", "title": title, "status": status, **more}
    response = Response(json.dumps(document), status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def wants_problem(request: Request) -> bool:
    """Tell whether a program asked, which reads problem documents."""
    if request.endpoint in ("grc.slots",) or (request.endpoint or "").startswith("grc.api"):
        return True
    if request.is_json:
        return True
    found = request.accept_mimetypes.best_match(["text/html", "application/json", PROBLEM])
    return found in ("application/json", PROBLEM)


def error_response(
    error: HTTPException, request: Request, renderer: Renderer, locale: str
) -> Response:
    """Return an error as the caller can read it, never in the shop's own way."""
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    if wants_problem(request):
        response = problem(status, error.name, detail=error.description)
    else:
        home = f"{request.script_root}/"
        page = renderer.render(CORE, "error.html", locale, {"status": status, "home": home})
        response = Response(page, status, content_type="text/html; charset=utf-8")
        response.headers["Cache-Control"] = "private, no-store"
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response
