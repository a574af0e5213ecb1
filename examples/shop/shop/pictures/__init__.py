"""Draw a product: the kind gives the subject, the slug the colours and small differences."""

from collections.abc import Mapping
from random import Random

from .backdrop import backdrop
from .garden import GARDEN
from .gifts import GIFTS
from .golf import GOLF
from .home import HOME
from .kitchen import KITCHEN
from .outdoor import OUTDOOR
from .palette import PALETTES
from .print import PRINT
from .shapes import Drawing
from .shapes import rect

#: Part of every picture's address: raise it when a drawing changes.
VERSION = 1

KINDS: Mapping[str, Drawing] = {
    **OUTDOOR,
    **GOLF,
    **PRINT,
    **HOME,
    **KITCHEN,
    **GARDEN,
    **GIFTS,
}


def draw(kind: str, slug: str) -> str:
    """Return the SVG of a product; the same arguments give the same picture."""
    chance = Random(f"{kind}/{slug}")
    colours = chance.choice(PALETTES)
    subject = KINDS.get(kind, GIFTS["gift_box"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">'
        + rect(0, 0, 400, 400, colours.ground)
        + backdrop(colours, chance)
        + subject(colours, chance)
        + "</svg>"
    )
