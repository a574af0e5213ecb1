"""Response headers and checked redirects."""

from urllib.parse import urlencode
from urllib.parse import urlsplit

from flask import Flask
from flask import Response
from flask import request

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'self'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
}


def init_app(app: Flask) -> None:
    """Add the security headers to every response that has none of its own."""
    app.after_request(_protect)


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
    path = request.script_root + "/" + request.path.lstrip("/")
    return f"{path}?{urlencode(kept)}" if kept else path
