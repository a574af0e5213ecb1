"""Golf clubs and what goes with them."""

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


def _shaft(c: Palette, x: int, y: int) -> str:
    """Return a shaft from a club head at (x, y) to the grip at the upper right."""
    return stroke(f"M{x} {y}L318 62", "#8d959c", 9) + stroke("M282 120L330 40", c.dark, 17)


def _ball(c: Palette, chance: Random, x: int = 300, y: int = 305, r: int = 30) -> str:
    dimples = "".join(
        disc(x + dx * r / 30, y + dy * r / 30, r / 11, "#d5d8d4")
        for dx, dy in ((-12, -8), (0, -14), (12, -8), (-6, 2), (7, 3), (-14, 8), (0, 14), (15, 12))
    )
    return disc(x, y, r, "#fbfbf7") + dimples


def _driver(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 345, 140)
        + _shaft(c, 170, 262)
        + area("M60 292Q60 225 140 232L186 250Q196 310 172 338H110Q60 335 60 292Z", c.main)
        + area("M72 282Q86 246 140 248L160 256Q110 262 92 300Z", c.accent)
        + area("M172 338Q196 310 186 250L172 246Q180 300 160 338Z", c.dark)
        + _ball(c, chance)
    )


def _hybrid(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 340, 140)
        + _shaft(c, 176, 268)
        + area("M84 300Q86 252 150 256L188 266Q196 312 178 334H118Q86 332 84 300Z", c.main)
        + stroke("M104 300Q112 276 146 276", c.light, 7)
        + area("M178 334Q196 312 188 266L176 262Q182 308 166 334Z", c.dark)
        + _ball(c, chance)
    )


def _iron(c: Palette, chance: Random) -> str:
    grooves = "".join(
        stroke(f"M98 {y}H{150 + i * 3}", c.dark, 3) for i, y in enumerate((282, 296, 310, 324))
    )
    return (
        shadow(c, 348, 140)
        + _shaft(c, 176, 276)
        + area("M66 330Q58 262 112 258L190 262V300L176 340H84Q68 342 66 330Z", "#aeb6bb")
        + area("M66 330Q58 262 112 258L124 260Q80 268 84 340Q68 342 66 330Z", c.main)
        + grooves
        + _ball(c, chance)
    )


def _wedge(c: Palette, chance: Random) -> str:
    return (
        area("M0 330Q120 290 240 330T400 320V400H0Z", "#e8d7a8")
        + _shaft(c, 172, 262)
        + area("M56 322Q44 240 112 236L186 250V286L168 332H78Q58 336 56 322Z", "#b9bfc3")
        + "".join(stroke(f"M84 {y}H150", c.dark, 3) for y in (268, 282, 296, 310))
        + area("M56 322Q44 240 112 236L126 240Q78 250 80 330Q58 336 56 322Z", c.accent)
        + _ball(c, chance, 296, 312)
    )


def _putter(c: Palette, chance: Random) -> str:
    return (
        area("M0 322H400V400H0Z", "#7fae72")
        + oval(330, 350, 34, 10, c.dark)
        + stroke("M136 300L146 90", "#8d959c", 9)
        + stroke("M143 150L148 52", c.dark, 17)
        + rect(66, 296, 132, 34, c.main, 12)
        + rect(120, 296, 10, 34, c.light)
        + _ball(c, chance, 244, 312, 24)
    )


def _golf_bag(c: Palette, chance: Random) -> str:
    clubs = "".join(
        stroke(f"M{x} 130V{top}", "#8d959c", 7) + disc(x - 6, top, 16, colour)
        for x, top, colour in ((165, 70, c.dark), (195, 46, c.accent), (228, 76, c.dark))
    )
    return (
        shadow(c, 350, 100)
        + clubs
        + area("M140 130H260L250 345H150Z", c.main)
        + oval(200, 130, 60, 16, c.dark)
        + rect(164, 220, 72, 96, c.accent, 16)
        + stroke("M258 150Q320 220 254 300", c.dark, 10)
        + stroke("M164 246H236", c.light, 5)
    )


def _balls(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 345, 140)
        + _ball(c, chance, 200, 170, 66)
        + _ball(c, chance, 126, 272, 66)
        + _ball(c, chance, 274, 272, 66)
        + stroke("M94 300Q126 320 158 300", c.main, 8)
        + stroke("M242 300Q274 320 306 300", c.accent, 8)
    )


def _glove(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((-8, 8)),
        "".join(
            stroke(f"M{x} 190V{top}", c.light, 34)
            for x, top in ((148, 110), (184, 84), (220, 90), (254, 116))
        ),
        stroke("M128 260L88 205", c.light, 34),
        area("M130 180H272V345H140Q118 260 130 180Z", c.light),
        rect(136, 300, 138, 44, c.main, 10),
        rect(196, 262, 70, 32, c.accent, 10),
    )


def _tees(c: Palette, chance: Random) -> str:
    def tee(x: int, fill: str) -> str:
        return area(f"M{x - 26} 190Q{x} 206 {x + 26} 190L{x + 7} 232L{x} 345L{x - 7} 232Z", fill)

    return tee(110, c.main) + tee(200, c.accent) + tee(290, c.dark) + _ball(c, chance, 200, 146, 54)


def _rangefinder(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 320, 140)
        + rect(70, 140, 250, 160, c.main, 40)
        + rect(70, 220, 250, 80, c.dark, 36)
        + disc(250, 196, 46, c.dark)
        + disc(250, 196, 32, c.accent)
        + disc(240, 186, 10, c.light)
        + rect(50, 160, 44, 74, c.dark, 14)
        + rect(120, 124, 70, 26, c.accent, 10)
    )


GOLF: Mapping[str, Drawing] = {
    "driver": _driver,
    "hybrid": _hybrid,
    "iron": _iron,
    "wedge": _wedge,
    "putter": _putter,
    "golf_bag": _golf_bag,
    "balls": _balls,
    "glove": _glove,
    "tees": _tees,
    "rangefinder": _rangefinder,
}
