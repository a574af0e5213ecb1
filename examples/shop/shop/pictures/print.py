"""Books and video cases: covers made of a few shapes."""

from collections.abc import Mapping
from random import Random

from .palette import Palette
from .shapes import Drawing
from .shapes import area
from .shapes import disc
from .shapes import rect
from .shapes import shadow
from .shapes import stroke
from .shapes import turned


def _book(c: Palette, chance: Random) -> str:
    cover = chance.choice((_peaks, _sun, _waves, _leaf, _stripes, _rings))
    return (
        shadow(c, 348, 110)
        + rect(112, 60, 186, 286, c.light, 6)
        + stroke("M292 70V338M286 72V336", c.soft, 2)
        + rect(100, 52, 186, 286, c.main, 8)
        + cover(c, chance)
        + rect(100, 52, 22, 286, c.dark, 6)
        + rect(146, 78, 112, 14, c.light, 4)
        + rect(146, 102, 76, 9, c.light, 4)
        + rect(146, 308, 60, 8, c.accent, 4)
    )


def _peaks(c: Palette, chance: Random) -> str:
    return (
        disc(238, 168, 24, c.accent)
        + area(f"M122 290L176 {chance.randint(150, 190)}L230 290Z", c.dark)
        + area("M180 290L240 200L286 270V290Z", c.light)
    )


def _sun(c: Palette, chance: Random) -> str:
    rays = "".join(
        f'<g transform="rotate({angle} 204 216)">{rect(200, 136, 8, 30, c.light, 4)}</g>'
        for angle in range(0, 360, chance.choice((30, 45)))
    )
    return rays + disc(204, 216, 44, c.accent)


def _waves(c: Palette, chance: Random) -> str:
    return "".join(
        stroke(f"M130 {y}q19 -24 38 0t38 0t38 0t36 0", colour, 10)
        for y, colour in ((180, c.light), (214, c.accent), (248, c.light), (282, c.dark))
    )


def _leaf(c: Palette, chance: Random) -> str:
    return area("M204 140Q268 200 204 290Q140 200 204 140Z", c.accent) + stroke(
        "M204 170V300M204 220L226 200M204 250L180 226", c.light, 6
    )


def _stripes(c: Palette, chance: Random) -> str:
    widths = [chance.randint(50, 130) for _ in range(5)]
    return "".join(
        rect(146, 146 + i * 30, width, 16, c.accent if i % 2 else c.light, 8)
        for i, width in enumerate(widths)
    )


def _rings(c: Palette, chance: Random) -> str:
    return (
        disc(204, 216, 70, c.light)
        + disc(204, 216, 52, c.dark)
        + disc(204, 216, 34, c.accent)
        + disc(204, 216, 14, c.light)
    )


def _video(c: Palette, chance: Random) -> str:
    scene = chance.choice((_flag, _swing, _bunker, _putt))
    return turned(
        chance.choice((-4, 0, 4)),
        rect(92, 46, 216, 306, c.dark, 12),
        rect(112, 56, 188, 286, "#bfe0ee", 6),
        scene(c, chance),
        rect(112, 56, 188, 46, c.main, 6),
        rect(128, 72, 110, 14, c.light, 4),
        disc(206, 206, 40, c.light),
        area("M194 184L230 206L194 228Z", c.accent),
    )


def _flag(c: Palette, chance: Random) -> str:
    return (
        area("M112 270Q180 230 300 262V342H112Z", "#6fa564")
        + stroke("M258 300V140", c.dark, 5)
        + area("M258 140L214 160L258 180Z", c.accent)
        + disc(160, 312, 10, c.light)
    )


def _swing(c: Palette, chance: Random) -> str:
    return (
        area("M112 286H300V342H112Z", "#6fa564")
        + disc(150, 150, 15, c.dark)
        + stroke("M150 168L156 236L136 300M156 236L182 296", c.dark, 14)
        + stroke("M152 184L190 168L266 120", c.dark, 8)
        + stroke("M266 120Q290 200 214 312", c.light, 4)
        + disc(214, 318, 8, c.light)
    )


def _bunker(c: Palette, chance: Random) -> str:
    return (
        area("M112 250Q200 220 300 250V342H112Z", "#6fa564")
        + area("M130 320Q160 270 220 290T292 324Q210 350 130 320Z", "#ead7a4")
        + disc(246, 306, 10, c.light)
    )


def _putt(c: Palette, chance: Random) -> str:
    return (
        area("M112 240H300V342H112Z", "#7fb573")
        + f'<ellipse cx="252" cy="308" rx="24" ry="8" fill="{c.dark}"/>'
        + stroke("M142 322Q190 296 226 306", c.light, 4)
        + disc(140, 322, 11, c.light)
        + stroke("M168 130L150 318", c.dark, 6)
    )


PRINT: Mapping[str, Drawing] = {"book": _book, "video": _video}
