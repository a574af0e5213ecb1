"""Response headers and checked redirects."""

from typing import Any
from urllib.parse import quote
from urllib.parse import urlencode
from urllib.parse import urlsplit

from flask import Flask
from flask import Response
from flask import abort
from flask import request
from werkzeug.routing import IntegerConverter
from werkzeug.routing import Map

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def init_app(app: Flask) -> None:
    """Add the security headers to every response that has none, and bound numbers in addresses."""
    app.url_map.converters["int"] = StoredNumber
    app.before_request(_bounded_page)
    app.after_request(_protect)


def _bounded_page() -> None:
    """Refuse a page number that no list has and no database can count to."""
    if len(request.args.get("page", "")) > 6:
        abort(404)


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def local_path(target: str | None, default: str) -> str:
    """Return a path on this site to go on to, or the default when the target leads elsewhere.

    Browsers read ``//host`` and ``/\\host`` as another site, so both are refused.
    """
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\"):
        return default
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(letter) < 32 for letter in target):
        return default
    return target


def same_page(*, without: str) -> str:
    """Return the path of this request with one query argument taken out."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != without]
    path = quote(request.script_root + "/" + request.path.lstrip("/"))
    return local_path(f"{path}?{urlencode(kept)}" if kept else path, "/")


class StoredNumber(IntegerConverter):
    """A number in an address that a database can hold; a longer one is no page."""

    def __init__(self, map: Map, **options: Any) -> None:
        super().__init__(map, **{"max": 2**31 - 1, **options})
