"""Templates of links: an https address with a few named places, and nothing else in braces.

Not `str.format`, which follows attributes: a template such as `{number.__class__}` would read
what is none of its business.
"""

import re
from collections.abc import Mapping
from urllib.parse import quote
from urllib.parse import urlsplit

#: What a template may hold.
PLACES = ("number", "postcode", "lang")
_PLACE = re.compile(r"\{(" + "|".join(PLACES) + r")\}")


class BadTemplate(ValueError):
    """A template that is refused; the message says why."""


def checked(template: str) -> str:
    """Return a template that is safe and of use, or raise `BadTemplate`."""
    plain = _PLACE.sub("", template)
    if "{" in plain or "}" in plain:
        raise BadTemplate(f"only {{number}}, {{postcode}} and {{lang}} may be in {template!r}")
    if "{number}" not in template:
        raise BadTemplate(f"{{number}} is missing in {template!r}")
    try:
        parts = urlsplit(template)
    except ValueError:
        raise BadTemplate(f"{template!r} is no address") from None
    if parts.scheme != "https" or not parts.hostname or not template.isprintable():
        raise BadTemplate(f"a link must begin with https://, not {template!r}")
    if "{" in parts.netloc or "@" in parts.netloc or "\\" in template:
        raise BadTemplate(f"the host must be plain in {template!r}")
    return template


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return the address with each place filled, every value quoted."""
    return _PLACE.sub(lambda found: quote(values[found[1]], safe=""), template)
