"""The public page of a parcel, at its carrier, in the reader's language."""

import re
from collections.abc import Mapping
from urllib.parse import quote

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
    return template.format(
        number=quote(text, safe=""), postcode=quote(postcode or "", safe=""), lang=locale[:2]
    )


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
