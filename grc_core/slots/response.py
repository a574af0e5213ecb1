"""Which responses may be filled, which are kept for everybody, and the headers that say so."""

import codecs
import copy
import re
from datetime import UTC
from datetime import datetime
from functools import lru_cache

from flask import Request
from flask import Response
from werkzeug.datastructures import Headers

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'")
_DIRECTIVE = re.compile(r'(?<![!\w-])([a-z-]+)(?:\s*=\s*("[^"]*"|[^\s,"]*))?')
#: What proxies and networks in front of a shop obey instead of Cache-Control.
_ELSEWHERE = frozenset({"surrogate-control", "x-accel-expires", "edge-control"})
_ELSEWHERE_ENDS = "cdn-cache-control"
#: Directives that let a response be shown again; those with a number, unless it is 0.
_KEEPING = ("public", "immutable")
_KEEPING_FOR = ("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error")


def fillable(request: Request, response: Response) -> bool:
    """Tell whether a response is a whole HTML page that is held in memory as it is sent."""
    if not (response.content_type or "").startswith("text/html"):
        return False
    status = response.status_code
    if status < 200 or status in (204, 205, 206) or 300 <= status < 400:
        return False
    if request.method == "HEAD" or response.direct_passthrough or response.is_streamed:
        return False
    return "Content-Encoding" not in response.headers


def encoding(response: Response) -> str | None:
    """Return the page's encoding if bytes below 128 mean in it what they mean in ASCII."""
    return _like_ascii(response.mimetype_params.get("charset", "utf-8"))


@lru_cache(maxsize=32)
def _like_ascii(charset: str) -> str | None:
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return None
    return name if name in ("utf-8", "ascii") or name.startswith(("iso8859", "cp125")) else None


def copied(response: Response) -> Response:
    """Return a copy to change in place of a response, which the shop may show again to others.

    What the shop wants done when the response is closed is done for the copy.
    """
    new = copy.copy(response)
    new.headers = Headers(response.headers)
    new._on_close = list(response._on_close)
    return new


def is_kept(response: Response) -> bool:
    """Tell whether the shop allows a response to be kept and shown again, maybe to others."""
    if any(_keeps(value) for value in _elsewhere(response).values()):
        return True
    stated = _directives(response.headers.getlist("Cache-Control"))
    if _is_private(stated):
        return False
    if any(name in _KEEPING or (name in _KEEPING_FOR and _lasts(value)) for name, value in stated):
        return True
    if any(name in ("no-cache", "max-age", "s-maxage") for name, _ in stated):
        return False
    # of no weight beside a max-age
    return response.expires is not None and response.expires > datetime.now(UTC)


def is_personal(response: Response) -> bool:
    """Tell whether a response says, to every cache, that it is for one person only."""
    # A very old cache obeys Expires alone.
    if _elsewhere(response) or "Expires" in response.headers:
        return False
    return _is_private(_directives(response.headers.getlist("Cache-Control")))


def _directives(values: list[str]) -> list[tuple[str, str | None]]:
    """Return the directives of a header in lower case; none where a quote is left open."""
    stated = ", ".join(values).lower()
    if stated.count('"') % 2:
        return []
    return [(match[1], match[2]) for match in _DIRECTIVE.finditer(stated)]


def _is_private(stated: list[tuple[str, str | None]]) -> bool:
    """Tell whether no-store or private stands there; a private="field" is about the field."""
    return ("no-store", None) in stated or ("private", None) in stated


def _lasts(value: str | None) -> bool:
    """Tell whether a number of seconds is more than none; what is no number may be."""
    return bool((value or "").strip('"').lstrip("0"))


def _elsewhere(response: Response) -> dict[str, str]:
    """Return the headers that only caches in front of the shop obey."""
    return {
        name: value
        for name, value in response.headers
        if name.lower() in _ELSEWHERE or name.lower().endswith(_ELSEWHERE_ENDS)
    }


def _keeps(value: str) -> bool:
    """Tell whether such a header lets them keep the response."""
    return value.strip() != "0" and not _is_private(_directives([value]))


def make_private(response: Response) -> None:
    """Let only this browser keep a response, and ask again each time.

    `no-cache` and not `no-store`, so that the back button stays fast; a `no-store` of the shop
    is left. The shop's validators go: they knew nothing of the widgets.
    """
    headers = response.headers
    stated = _directives(headers.getlist("Cache-Control"))
    if ("no-store", None) not in stated:
        keep = ", no-transform" if ("no-transform", None) in stated else ""
        headers["Cache-Control"] = f"private, no-cache{keep}"
    for name in ("ETag", "Last-Modified", "Expires", *_elsewhere(response)):
        headers.pop(name, None)
    vary = headers.get("Vary")
    if vary is None:
        headers["Vary"] = "Cookie, Sec-GPC"
    elif "*" not in vary:
        response.vary.update(("Cookie", "Sec-GPC"))


def nonce(request: Request, response: Response, kind: str) -> str | None:
    """Return the nonce that the page's security policy asks of `script` or `style` elements."""
    stated = response.headers.get("Content-Security-Policy", "")
    directives = [part for part in stated.split(";") if part.strip().startswith(f"{kind}-src")]
    found = _NONCE.search(directives[0] if directives else stated)
    if found:
        return found[1]
    given = getattr(request, "csp_nonce", None)
    return str(given() if callable(given) else given) if given else None
