"""Refuse unsafe requests that do not come from the shop's own pages."""

import logging
from functools import cache
from urllib.parse import urlsplit

from flask import Request
from werkzeug.exceptions import Forbidden

from ..logs import rule_of

log = logging.getLogger("grc")
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
        seen, expected = f"Sec-Fetch-Site: {site}", "same-origin"
    else:
        stated = request.headers.get("Origin") or request.headers.get("Referer")
        own = base_url if base_url and _stated(base_url) else request.host_url
        origin = _origin(stated) if stated else None
        allowed = origin is not None and origin == _origin(own)
        address = "/".join((stated or "none").split("/")[:3])  # a path may hold a token
        seen, expected = f"Origin or Referer: {address}", own
    if not allowed:
        log.info("refused %s %r for its origin: expected %r, got %r",
                 request.method, rule_of(request), expected, seen)  # fmt: skip
        raise Forbidden("This request does not come from a page of this shop.")


@cache
def _stated(base_url: str) -> bool:
    """Tell whether the shop's address is one; warn once of one that is not."""
    if _origin(base_url) is None:
        log.warning("GRC_BASE_URL is %r, which is no address of a site and is passed over: "
                    "write it with https://", base_url)  # fmt: skip
        return False
    return True


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
