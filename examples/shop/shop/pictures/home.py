"""Things for the home."""

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


def _lamp(c: Palette, chance: Random) -> str:
    slope = chance.randint(30, 60)
    return (
        shadow(c, 345, 80)
        + area(f"M{140 + slope / 3:g} 70H{260 - slope / 3:g}L300 200H100Z", c.accent)
        + area("M100 200H300L304 214H96Z", c.main)
        + rect(193, 210, 14, 120, c.dark, 5)
        + oval(200, 332, 62, 14, c.dark)
        + stroke("M228 214V244", c.light, 4)
        + disc(228, 250, 6, c.light)
    )


def _cushion(c: Palette, chance: Random) -> str:
    stripes = "".join(
        stroke(f"M{x} 122Q{x + 8} 200 {x} 282", c.accent, 10) for x in (140, 200, 260)
    )
    dots = "".join(disc(x, y, 11, c.light) for x in (140, 200, 260) for y in (150, 205, 260))
    return turned(
        chance.choice((-7, 6)),
        area("M80 90Q200 120 320 90Q300 200 320 310Q200 282 80 310Q100 200 80 90Z", c.main),
        chance.choice((stripes, dots)),
        stroke("M80 90Q200 120 320 90Q300 200 320 310Q200 282 80 310Q100 200 80 90Z", c.dark, 5),
    )


def _blanket(c: Palette, chance: Random) -> str:
    fringe = "".join(stroke(f"M{x} 300V326", c.accent, 6) for x in range(96, 312, 18))
    return (
        shadow(c, 335, 140)
        + rect(80, 110, 240, 64, c.accent, 26)
        + rect(80, 158, 240, 64, c.main, 26)
        + rect(80, 206, 240, 96, c.dark, 20)
        + stroke("M104 236H296M104 262H296", c.light, 8)
        + stroke("M104 192H296", c.light, 6)
        + fringe
    )


def _vase(c: Palette, chance: Random) -> str:
    tilt = chance.randint(-14, 14)
    return (
        shadow(c, 345, 80)
        + stroke(
            f"M200 190Q{190 + tilt} 120 {170 + tilt} 60M200 190Q210 120 {240 + tilt} 84", c.main, 6
        )
        + "".join(oval(x + tilt, y, 20, 28, c.accent) for x, y in ((168, 56), (242, 80)))
        + disc(204 + tilt, 110, 16, c.light)
        + area(
            "M166 170H234Q224 204 258 240Q286 340 200 342Q114 340 142 240Q176 204 166 170Z", c.dark
        )
        + stroke("M146 262Q200 286 254 262", c.light, 9)
    )


def _clock(c: Palette, chance: Random) -> str:
    ticks = "".join(turned(a, rect(196, 92, 8, 20, c.dark, 4)) for a in range(0, 360, 30))
    return (
        disc(200, 200, 142, c.main)
        + disc(200, 200, 120, c.light)
        + ticks
        + turned(chance.choice((40, 65, 300)), rect(195, 130, 10, 76, c.dark, 5))
        + turned(chance.choice((150, 210, 240)), rect(196, 106, 8, 100, c.accent, 4))
        + disc(200, 200, 12, c.dark)
    )


def _candle(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 340, 100)
        + area("M200 60Q234 110 200 140Q166 110 200 60Z", c.accent)
        + stroke("M200 140V164", c.dark, 5)
        + rect(122, 160, 156, 176, c.main, 18)
        + oval(200, 164, 78, 16, c.light)
        + rect(144, 220, 112, 74, c.light, 8)
        + rect(160, 240, 80, 9, c.dark, 4)
        + rect(172, 260, 56, 7, c.accent, 3)
    )


def _basket(c: Palette, chance: Random) -> str:
    weave = "".join(
        stroke(f"M{92 + row * 6} {205 + row * 32}H{308 - row * 6}", c.light, 6) for row in range(4)
    )
    return (
        shadow(c, 345, 120)
        + stroke("M100 180Q120 60 200 60T300 180", c.dark, 14)
        + area("M80 175H320L288 345H112Z", c.accent)
        + weave
        + "".join(
            stroke(f"M{x} 185L{200 + (x - 200) * 0.8:g} 338", c.dark, 4)
            for x in (130, 170, 230, 270)
        )
        + rect(72, 165, 256, 26, c.main, 12)
    )


def _mirror(c: Palette, chance: Random) -> str:
    return (
        oval(200, 200, 118, 150, c.main)
        + oval(200, 200, 98, 130, c.light)
        + stroke("M150 160L210 100M150 220L250 120M180 270L270 180", c.soft, 9)
        + disc(200, 44, 12, c.accent)
    )


def _rug(c: Palette, chance: Random) -> str:
    middle = chance.choice(
        (disc(200, 200, 50, c.accent), turned(45, rect(160, 160, 80, 80, c.accent)))
    )
    fringe = "".join(stroke(f"M{x} 78V96M{x} 304V322", c.dark, 4) for x in range(100, 310, 20))
    return (
        fringe
        + rect(84, 94, 232, 212, c.main, 4)
        + rect(102, 112, 196, 176, c.light, 3)
        + rect(116, 126, 168, 148, c.dark, 3)
        + middle
        + disc(200, 200, 20, c.light)
    )


def _frame(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 350, 120)
        + rect(86, 56, 228, 290, c.dark, 6)
        + rect(102, 72, 196, 258, c.light)
        + rect(130, 104, 140, 194, c.soft)
        + area(f"M130 298V230L180 {chance.randint(160, 200)}L220 240L244 210L270 250V298Z", c.main)
        + disc(232, 146, 20, c.accent)
    )


HOME: Mapping[str, Drawing] = {
    "lamp": _lamp,
    "cushion": _cushion,
    "blanket": _blanket,
    "vase": _vase,
    "clock": _clock,
    "candle": _candle,
    "basket": _basket,
    "mirror": _mirror,
    "rug": _rug,
    "frame": _frame,
}
