"""The public page of a parcel, at its carrier, in the reader's language."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from .linktemplates import filled
from .numbers import normalised
from .table import Table
from .table import table

_S10 = re.compile(r"[A-Z]{2}[0-9]{9}([A-Z]{2})")


def link(
    courier: str | None,
    number: str,
    locale: str = "en",
    *,
    ship_to: str | None = None,
    postcode: str | None = None,
    own: Mapping[str, str] | None = None,
    carriers: Table | None = None,
) -> str | None:
    """Return the address of a parcel's page, or None where the carrier has none.

    `own` holds the shop's templates by `courier` or `courier.language`; they go before ours. An
    international number leads to the post of the destination, else of the origin.
    """
    known = carriers or table()
    text = normalised(number)
    if not text or not courier:
        return None
    code = post_of(text, ship_to, known) or courier if courier == "s10" else courier
    template = _template(code, locale[:2], own or {}, known)
    if template is None or ("{postcode}" in template and not postcode):
        return None
    return filled(template, {"number": text, "postcode": postcode or "", "lang": locale[:2]})


def better(stated: str | None, ours: str | None, speaks: bool) -> str | None:
    """Return the link to show of the one that the shop states and the one that we know.

    The shop's wins, except where it is the carrier's own page and we know that page in the
    reader's language (`speaks`): an adapter states one link, whoever reads it.
    """
    if not stated or not stated.startswith("https://"):
        return ours
    same_site = ours is not None and urlsplit(stated).hostname == urlsplit(ours).hostname
    return ours if same_site and speaks else stated


def speaks(courier: str | None, lang: str, own: Mapping[str, str], known: Table) -> bool:
    """Tell whether there is a page of this carrier for readers of this very language."""
    carrier = known.carriers.get(courier or "")
    return f"{courier}.{lang}" in own or (carrier is not None and lang in carrier.links)


def post_of(number: str, ship_to: str | None, known: Table) -> str | None:
    """Return the post to ask about an international number: of the destination, else the origin."""
    match = _S10.fullmatch(number)
    if not match:
        return None
    return known.posts.get(ship_to or "") or known.posts.get(match[1])


def _template(code: str, lang: str, own: Mapping[str, str], known: Table) -> str | None:
    carrier = known.carriers.get(code)
    links = carrier.links if carrier else {}
    found = own.get(f"{code}.{lang}") or own.get(code) or links.get(lang) or links.get("any")
    return found or next(iter(links.values()), None)
