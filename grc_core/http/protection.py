"""Refuse unsafe requests that do not come from the shop's own pages."""

from urllib.parse import urlsplit

from flask import Request
from werkzeug.exceptions import Forbidden

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_PORTS = {"http": 80, "https": 443}


def require_own_page(request: Request, base_url: str | None) -> None:
    """Raise Forbidden unless an unsafe request was made by one of the shop's pages.

    The browser says so in Sec-Fetch-Site, else in Origin, else in Referer; a token in a session
    would set a cookie before there is a consent. `base_url` is the shop's address, the
    request's own by default.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        stated = request.headers.get("Origin") or request.headers.get("Referer")
        allowed = stated is not None and _origin(stated) == _origin(base_url or request.host_url)
    if not allowed:
        raise Forbidden("This request does not come from a page of this shop.")


def _origin(address: str) -> tuple[str, str, int] | None:
    """Return scheme, host and port, or None for what is no address, such as `null`."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]
