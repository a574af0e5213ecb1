"""Who may come in: a key in the `Authorization` header, with the scope that is asked for."""

from flask import Request
from werkzeug.exceptions import Forbidden
from werkzeug.exceptions import Unauthorized

from ...access.keys import ApiKey
from ...access.keys import ApiKeys
from ...access.keys import KeyRefused
from ..limits import Limiter

#: Requests per key; and wrong keys per address, which a right one from there is not held back by.
PER_KEY, WRONG_KEYS = "600/minute", "60/minute"
_MISSING = "Send a key: Authorization: Bearer grc_…; make one with: flask grc keys create"


def let_in(request: Request, keys: ApiKeys, limiter: Limiter, scope: str) -> ApiKey:
    """Return the caller's key; raises Unauthorized, Forbidden or TooManyRequests.

    No cookie is looked at, so that no page that a browser visits can act for its user.
    """
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text.strip():
        raise Unauthorized(_MISSING)
    try:
        key = keys.recognise(text.strip())
    except KeyRefused as error:
        limiter.check(WRONG_KEYS, "api-wrong", request.remote_addr or "")
        raise Unauthorized(str(error)) from None
    limiter.check(PER_KEY, "api", key.id)
    if scope not in key.scopes:
        raise Forbidden(
            f"The key {key.name!r} lacks the scope {scope}; make one that has it with: "
            f"flask grc keys create --name … --scope {scope}"
        )
    return key
