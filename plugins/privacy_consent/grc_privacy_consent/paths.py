"""Where to go back to after a choice: a page of this shop, never an address that was handed in."""

import re
from urllib.parse import quote
from urllib.parse import urlsplit

from flask import Request

_OWN = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*\Z")
_SAFE = "/?&=%:@!$'()*+,;~#[]"


def way_back(request: Request, stated: str | None) -> str:
    """Return the page that a form was on: its address, else what the form says, else the first."""
    home = f"{request.script_root}/"
    for path in (_referrer(request), stated):
        if path and _OWN.match(path):
            return quote(path, safe=_SAFE)
    return home


def _referrer(request: Request) -> str | None:
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
