"""Names of the adapter that the app does not have, with the nearest that it has."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

from ..errors import nearest
from ..shop import Finder
from ..shop import Shop


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know: `level` is `error`, `warning`, `note` or `ok`."""

    level: str
    about: str
    message: str


def wrong_names(app: Flask, shop: Shop) -> Iterator[Finding]:
    """Yield the endpoints, arguments and slots of `shop.on` and `shop.place` that do not exist."""
    for where, endpoints, finders in _said(shop):
        for endpoint in endpoints:
            if endpoint not in app.view_functions:
                hint = nearest_endpoint(app, endpoint)
                yield Finding("warning", where, f"there is no endpoint {endpoint!r}{hint}")
                continue
            for name, finder in finders.items():
                yield from _argument(app, where, endpoint, name, finder)
    for placement in shop.placements:
        if placement.slot not in shop.slots:
            hint = nearest(placement.slot, shop.slots)
            where = f"shop.place({placement.slot!r})"
            yield Finding("warning", where, f"unknown slot {placement.slot!r}{hint}")


def _said(shop: Shop) -> Iterator[tuple[str, tuple[str, ...], dict[str, Finder]]]:
    for hint in shop.hints:
        finders = {"product": hint.product, "order": hint.order}
        yield f"shop.on({hint.kind!r})", hint.endpoints, finders
    for item in shop.placements:
        finders = {"product": item.product, "order": item.order}
        yield f"shop.place({item.slot!r})", item.endpoints, finders


def nearest_endpoint(app: Flask, endpoint: str) -> str:
    """Return a hint with the endpoint that was likely meant, and the blueprint it belongs to."""
    last = endpoint.rpartition(".")[2]
    same = sorted(name for name in app.view_functions if name.rpartition(".")[2] == last)
    hint = f" (did you mean {same[0]!r}?)" if same else nearest(endpoint, app.view_functions)
    found = hint.partition("'")[2].partition("'")[0]
    blueprint = found.rpartition(".")[0]
    return hint.replace("?)", f", of the blueprint {blueprint!r}?)") if blueprint else hint


def _argument(
    app: Flask, where: str, endpoint: str, name: str, finder: Finder
) -> Iterator[Finding]:
    """Yield a name that none of an endpoint's addresses has, where they have others."""
    if not isinstance(finder, str):
        return
    known = {item for rule in app.url_map.iter_rules(endpoint) for item in rule.arguments}
    if known and finder not in known:
        hint = nearest(finder, known) or f"; its address has {', '.join(sorted(known))}"
        message = f"{name}={finder!r} stands in no address of {endpoint!r}{hint}"
        yield Finding("warning", where, message)
