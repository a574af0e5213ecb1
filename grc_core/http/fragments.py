"""What pages that are kept for everybody leave to be fetched: `GET /grc/slots`."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

import marshmallow
from flask import Request
from flask import Response
from flask import jsonify
from marshmallow import fields
from marshmallow import validate
from werkzeug.exceptions import BadRequest

from ..slots.fill import Filler
from ..slots.spots import Spot
from .problems import problem

#: Slots of one request; `grc.js` asks for more of them in several.
MOST_SLOTS = 32
_ABOUT = ("product", "order", "token", "seal")
_MOST_FIELDS = (1 + len(_ABOUT)) * MOST_SLOTS + 3


class SpotQuery(marshmallow.Schema):
    """A slot and what it is about."""

    slot = fields.String(required=True, validate=validate.Regexp(r"[A-Za-z0-9_.-]{1,80}\Z"))
    product = fields.String(validate=validate.Length(1, 200))
    order = fields.String(validate=validate.Length(1, 200))
    token = fields.String(validate=validate.Length(1, 500))
    seal = fields.String(validate=validate.Length(1, 200))


class PageQuery(marshmallow.Schema):
    """The page whose slots are fetched; `token` is that of the page's own address."""

    path = fields.String(load_default="/", validate=validate.Length(1, 2000))
    lang = fields.String(validate=validate.Regexp(r"[A-Za-z0-9_-]{0,20}\Z"))
    token = fields.String(validate=validate.Length(1, 500))
    slots = fields.List(
        fields.Nested(SpotQuery), required=True, validate=validate.Length(1, MOST_SLOTS)
    )


def slots_response(request: Request, filler: Filler) -> Response:
    """Answer with the personal widgets of slots, for this browser only."""
    response = _answer(request, filler)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _answer(request: Request, filler: Filler) -> Response:
    try:
        wanted = PageQuery().load(_grouped(_pairs(request)))
    except marshmallow.ValidationError as error:
        return problem(422, "The query is not valid.", errors=error.messages)
    linked = {"token": wanted["token"]} if "token" in wanted else {}
    spots = [
        Spot(item["slot"], **{**linked, **{name: item[name] for name in _ABOUT if name in item}})
        for item in wanted["slots"]
    ]
    html = filler.fragments(request, spots, wanted["path"], wanted.get("lang") or None)
    found = zip(spots, html, strict=True)
    response: Response = jsonify(slots=[{"name": spot.slot, "html": text} for spot, text in found])
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _pairs(request: Request) -> list[tuple[str, str]]:
    query = request.query_string.decode("utf-8", "replace")
    try:
        return parse_qsl(query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise BadRequest("The query has too many fields.") from None


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Begin a group at each `slot`; what follows belongs to it."""
    groups: list[dict[str, str]] = []
    page: dict[str, Any] = {}
    for name, value in pairs:
        if name == "slot":
            groups.append({"slot": value})
        elif name in _ABOUT and groups:
            groups[-1][name] = value
        else:
            page[name] = value
    if "slots" in page:
        raise marshmallow.ValidationError({"slots": ["Each slot is a field `slot`."]})
    return {**page, "slots": groups}
