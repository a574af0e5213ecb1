"""What browsers are told about every page of the console."""

from flask import Response
from flask import request

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


_KEY = "grc.console"


def protect(response: Response) -> Response:
    """Forbid whatever is not the console's own, and keep the page from every cache."""
    wanted = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": response.headers.get("Content-Security-Policy", POLICY),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Robots-Tag": "noindex, nofollow",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    request.environ[_KEY] = wanted
    response.headers.update(wanted)
    return response


def protect_again(response: Response) -> Response:
    """Undo what the shop's own `after_request` said of a page of the console."""
    wanted = request.environ.get(_KEY)
    if wanted:
        response.headers.update(wanted)
    return response
