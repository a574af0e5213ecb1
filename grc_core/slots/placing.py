"""Where each slot of a shop stands."""

import re

from flask import Flask

from ..config import Config
from ..loading import Tables
from ..shop import Shop

_MARKER = re.compile(r"<grc-slot\b[^>]*\bname=[\"']?([\w.-]+)")


def places(app: Flask, shop: Shop, config: Config) -> dict[str, list[str]]:
    """Return where each slot stands: endpoints of `shop.place`, templates, every page."""
    found: dict[str, list[str]] = {}
    for placement in shop.placements:
        where = f"{placement.where} of {placement.selector}"
        names = [f"{endpoint} ({where})" for endpoint in placement.endpoints]
        found.setdefault(placement.slot, []).extend(names)
    for slot in shop.slots if config.auto_inject else ():
        if slot.startswith("site."):
            found.setdefault(slot, []).append("every page")
    for template in app.jinja_env.list_templates():
        for slot in dict.fromkeys(_markers(app, template)):
            found.setdefault(slot, []).append(template)
    return found


def known_slots(shop: Shop, placed: dict[str, list[str]], tables: Tables) -> list[str]:
    """Return the shop's slots, then those that are only placed or only filled."""
    return [*dict.fromkeys((*shop.slots, *placed, *tables.slots))]


def _markers(app: Flask, template: str) -> list[str]:
    """Return the slots that a template marks; one that cannot be read has none."""
    loader = app.jinja_env.loader
    try:
        source = loader.get_source(app.jinja_env, template)[0] if loader else ""
    except Exception:
        return []
    return _MARKER.findall(source)
