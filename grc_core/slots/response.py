"""Which responses may be filled, which are kept for everybody, and the headers that say so."""

import codecs
import re
from functools import lru_cache

from flask import Request
from flask import Response

_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_=-]+)'")
_KEPT_ELSEWHERE = ("Surrogate-Control", "CDN-Cache-Control")


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


def is_kept(response: Response) -> bool:
    """Tell whether the shop allows a response to be kept and shown again, maybe to others."""
    if any(name in response.headers for name in _KEPT_ELSEWHERE):
        return True
    if "Cache-Control" not in response.headers:
        return response.expires is not None and "Expires" in response.headers
    control = response.cache_control
    if control.private or control.no_store:
        return False
    return control.public or bool(control.max_age) or bool(control.s_maxage)


def make_private(response: Response) -> None:
    """Let only this browser keep a response, and ask again each time.

    `no-cache` and not `no-store`, so that the back button stays fast; a `no-store` of the shop
    is left. The shop's validators go: they knew nothing of the widgets.
    """
    headers = response.headers
    stated = headers.get("Cache-Control", "").lower()
    if "no-store" not in stated:
        keep = ", no-transform" if "no-transform" in stated else ""
        headers["Cache-Control"] = f"private, no-cache{keep}"
    for name in ("ETag", "Last-Modified", "Expires"):
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
