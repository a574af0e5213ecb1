"""Find an id in a request the way the shop said: by name, or by asking its function."""

import logging

from flask import Request

from .logs import rule_of
from .shop import Finder
from .values import optional_id

log = logging.getLogger("grc")


def find(finder: Finder, request: Request) -> str | None:
    """Return the id that a finder names: a view argument, else the query, else the form.

    A function is called instead. What it raises is logged, and counts as nothing found.
    """
    if finder is None:
        return None
    try:
        return optional_id(finder() if callable(finder) else _named(finder, request))
    except Exception as error:
        log.error("the finder %r failed at %r", finder, rule_of(request), exc_info=error)
        return None


def _named(name: str, request: Request) -> object:
    for source in (request.view_args or {}, request.args):
        if name in source:
            return source[name]
    return request.form.get(name)
