"""Things to give."""

from collections.abc import Mapping
from random import Random

from .palette import Palette
from .shapes import Drawing
from .shapes import area
from .shapes import disc
from .shapes import oval
from .shapes import rect
from .shapes import shadow
from .shapes import stroke
from .shapes import turned

MAPLE = "#a8541c"


def _gift_box(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 342, 130)
        + area("M200 130Q120 40 100 96T200 130Q280 40 300 96T200 130Z", c.accent)
        + rect(90, 190, 220, 148, c.main, 8)
        + rect(76, 134, 248, 62, c.dark, 8)
        + rect(184, 134, 32, 204, c.accent)
        + disc(200, 130, 17, c.light)
    )


def _card(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((-8, 8)),
        rect(60, 110, 280, 190, c.light, 14),
        rect(60, 110, 280, 56, c.main, 14),
        rect(60, 146, 280, 20, c.accent),
        rect(90, 200, 120, 14, c.dark, 6),
        rect(90, 230, 84, 12, c.soft, 6),
        area("M272 268Q230 236 248 216T272 222Q278 200 296 216T272 268Z", c.accent),
    )


def _chocolate(c: Palette, chance: Random) -> str:
    fills = ("#5b3524", "#7a4a2f", c.accent, "#442618")
    sweets = "".join(
        disc(x, y, 28, chance.choice(fills)) + stroke(f"M{x - 12} {y - 4}q12 -12 24 0", c.light, 4)
        for x in (126, 200, 274)
        for y in (150, 224, 298)
    )
    return rect(70, 94, 260, 260, c.main, 18) + rect(84, 108, 232, 232, c.light, 12) + sweets


def _syrup(c: Palette, chance: Random) -> str:
    leaf = (
        "M200 190l14 24 18-8-4 26 22 2-14 20 10 14-36 4-10 22"
        "-10-22-36-4 10-14-14-20 22-2-4-26 18 8Z"
    )
    return (
        shadow(c, 348, 80)
        + rect(176, 50, 48, 34, c.dark, 6)
        + area(
            "M180 84H220V130Q268 150 268 200V320"
            "Q268 344 244 344H156Q132 344 132 320V200Q132 150 180 130Z",
            MAPLE,
        )
        + stroke("M220 104Q262 100 256 150", c.dark, 10)
        + rect(144, 178, 112, 122, c.light, 10)
        + area(leaf, c.accent)
        + stroke("M150 160Q142 170 142 210", "#d98a4a", 6)
    )


def _soap(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 330, 130)
        + rect(80, 190, 240, 130, c.main, 30)
        + rect(80, 180, 240, 110, c.light, 30)
        + rect(80, 214, 240, 44, c.accent)
        + rect(140, 226, 120, 10, c.light, 5)
        + "".join(
            disc(x, y, r, c.light)
            for x, y, r in ((130, 130, 22), (180, 96, 14), (248, 134, 18), (284, 92, 11))
        )
    )


def _puzzle(c: Palette, chance: Random) -> str:
    def piece(x: int, y: int, fill: str) -> str:
        return rect(x, y, 104, 104, fill, 6)

    return turned(
        chance.choice((-6, 6)),
        piece(94, 94, c.main),
        piece(202, 94, c.accent),
        piece(94, 202, c.dark),
        piece(210, 214, c.light),
        disc(202, 146, 20, c.main),
        disc(146, 202, 20, c.dark),
        disc(254, 198, 20, c.accent),
        disc(206, 262, 20, c.light),
    )


def _tea(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 345, 95)
        + rect(116, 80, 168, 50, c.dark, 12)
        + rect(108, 118, 184, 222, c.main, 14)
        + oval(200, 226, 66, 74, c.light)
        + area("M200 170Q246 220 200 280Q154 220 200 170Z", "#5f9550")
        + stroke("M200 190V286", c.light, 5)
    )


def _ornament(c: Palette, chance: Random) -> str:
    return (
        stroke("M200 20V82", c.dark, 4)
        + rect(180, 80, 40, 32, c.accent, 6)
        + disc(200, 220, 116, c.main)
        + stroke("M90 200Q145 240 200 200T310 200", c.light, 12)
        + stroke("M98 250Q150 290 200 250T302 250", c.accent, 10)
        + oval(158, 158, 22, 14, c.light)
    )


GIFTS: Mapping[str, Drawing] = {
    "gift_box": _gift_box,
    "card": _card,
    "chocolate": _chocolate,
    "syrup": _syrup,
    "soap": _soap,
    "puzzle": _puzzle,
    "tea": _tea,
    "ornament": _ornament,
}
