"""The routes of the API: method, path, the SDK's parameters, and what answers."""

import json
from collections.abc import Callable
from typing import Any

from . import checkout
from . import coupons
from . import payments
from .errors import Refusal
from .fields import check_fields
from .form import integer
from .store import Store
from .store import Thing

#: Takes the store, the id in the path (empty without one) and the fields of the request.
Answer = Callable[[Store, str, dict[str, Any]], Thing]
#: Kinds by their path.
KINDS = {
    "charges": "charge",
    "checkout/sessions": "checkout.session",
    "coupons": "coupon",
    "customers": "customer",
    "disputes": "dispute",
    "events": "event",
    "payment_intents": "payment_intent",
    "promotion_codes": "promotion_code",
    "refunds": "refund",
}
#: What the SDK calls the parameters of a kind.
_PARAMS = {"checkout/sessions": "checkout.Session"}
_CREATE: dict[str, Answer] = {
    "coupons": lambda store, id, values: coupons.create_coupon(store, values),
    "customers": lambda store, id, values: coupons.create_customer(store, values),
    "payment_intents": lambda store, id, values: payments.create_intent(store, values),
    "promotion_codes": lambda store, id, values: coupons.create_promotion_code(store, values),
    "refunds": lambda store, id, values: payments.create_refund(store, values),
}
_ACTIONS: dict[tuple[str, str], Answer] = {
    ("checkout/sessions", "expire"): lambda store, id, values: checkout.expire(store, id),
    ("payment_intents", "confirm"): payments.confirm_intent,
    ("payment_intents", "cancel"): payments.cancel_intent,
}
_UPDATED = ("charges", "coupons", "customers", "payment_intents", "promotion_codes", "refunds")
_DELETED = ("coupons", "customers")


def answer(store: Store, method: str, path: str, values: dict[str, Any], base: str) -> Thing:
    """Do what a request asks for; raises Refusal. `path` is what follows `/v1/`."""
    place, id, action = _split(path)
    check_fields(values, _params(place, method, id, action))
    if action == "line_items":
        lines = store.hidden[store.get(KINDS[place], id)["id"]]["lines"]
        return _list(lines, f"/v1/{path}", values)
    if action and (place, action) in _ACTIONS and method == "POST":
        return _ACTIONS[place, action](store, id, values)
    if method == "GET" and not action:
        return store.get(KINDS[place], id) if id else _found(store, place, values)
    if method == "POST" and not id and place == "checkout/sessions":
        return checkout.create_session(store, values, base)
    if method == "POST" and not id and place in _CREATE:
        return _CREATE[place](store, id, values)
    if method == "POST" and id and not action and place in _UPDATED:
        return coupons.update(store, KINDS[place], id, values)
    if method == "DELETE" and place in _DELETED:
        store.remove(KINDS[place], id)
        return {"id": id, "object": KINDS[place], "deleted": True}
    raise _unknown(method, path)


def _split(path: str) -> tuple[str, str, str]:
    for place in KINDS:
        if path == place or path.startswith(place + "/"):
            id, _, action = path[len(place) + 1 :].partition("/")
            return place, id, action
    raise _unknown("", path)


def _unknown(method: str, path: str) -> Refusal:
    return Refusal(f"Unrecognized request URL ({method}: /v1/{path}).", status=404)


def _params(place: str, method: str, id: str, action: str) -> str:
    """Return the SDK's name for what a request may carry, such as `CouponCreate`."""
    words = KINDS[place].split("_")
    kind = _PARAMS.get(place) or "".join(word.capitalize() for word in words)
    if action:
        nested = {"line_items": "ListLineItems"}.get(action, action.capitalize())
        return f"{kind}{nested}"
    if method == "DELETE":
        return f"{kind}Delete"
    if method == "POST":
        return f"{kind}{'Update' if id else 'Create'}"
    return f"{kind}{'Retrieve' if id else 'List'}"


def _found(store: Store, place: str, values: dict[str, Any]) -> Thing:
    filters = {
        name: _boolean(value)
        for name, value in values.items()
        if name not in ("limit", "starting_after", "ending_before", "expand", "created")
    }
    found = store.all(KINDS[place], **filters)
    if after := values.get("starting_after"):
        ids = [thing["id"] for thing in found]
        found = found[ids.index(after) + 1 :] if after in ids else []
    return _list(found, f"/v1/{place}", values)


def _boolean(value: Any) -> Any:
    """Return `true` and `false` as the store has them."""
    return {"true": True, "false": False}.get(value, value)


def _list(found: list[Thing], url: str, values: dict[str, Any]) -> Thing:
    most = integer(values, "limit") or 10
    return {"object": "list", "url": url, "data": found[:most], "has_more": len(found) > most}


def print_of(method: str, path: str, values: dict[str, Any]) -> str:
    """Return what tells a repeated request from another one under the same key."""
    return json.dumps([method, path, values], sort_keys=True)
