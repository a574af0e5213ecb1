"""Things for the kitchen."""

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

STEEL = "#a9b2b8"


def _pot(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 335, 130)
        + stroke("M84 210H50M316 210H350", c.dark, 18)
        + area("M84 180H316V290Q316 330 276 330H124Q84 330 84 290Z", c.main)
        + rect(74, 168, 252, 26, c.dark, 12)
        + area("M96 168Q110 120 200 120T304 168Z", c.main)
        + disc(200, 108, 18, c.accent)
        + stroke("M110 220V280", c.light, 9)
    )


def _pan(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((-30, -38)),
        rect(280, 186, 110, 28, c.main, 14),
        disc(376, 200, 6, c.light),
        disc(170, 200, 124, c.dark),
        disc(170, 200, 104, "#4a4f52"),
        oval(160, 206, 58, 50, "#fdfaf0"),
        disc(166, 204, 22, c.accent),
    )


def _knife(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((-42, -35)),
        area("M40 190H250V226Q120 246 40 190Z", STEEL),
        area("M40 190H250V200H60Z", "#dfe4e6"),
        rect(250, 184, 120, 38, c.main, 12),
        disc(280, 203, 6, c.light),
        disc(312, 203, 6, c.light),
        disc(344, 203, 6, c.light),
    )


def _board(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((-10, 10)),
        rect(170, 40, 60, 90, "#c08a53", 24),
        rect(100, 100, 200, 250, "#c98f57", 26),
        disc(200, 66, 13, c.ground),
        stroke(
            "M130 150Q200 170 270 150M130 210Q200 226 270 210M130 290Q200 306 270 290", "#a8713d", 4
        ),
        disc(170, 250, 34, c.accent),
        disc(228, 262, 28, c.main),
    )


def _kettle(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 338, 120)
        + stroke("M130 150Q140 60 200 60T270 150", c.dark, 15)
        + area("M110 320Q80 160 200 150T290 320Q290 336 270 336H130Q110 336 110 320Z", c.main)
        + area("M278 240Q320 230 344 178L360 190Q344 270 288 284Z", c.main)
        + rect(160, 138, 80, 18, c.dark, 9)
        + disc(200, 132, 11, c.accent)
        + stroke("M138 290Q130 220 160 190", c.light, 10)
    )


def _mug(c: Palette, chance: Random) -> str:
    mark = chance.choice(
        (
            area("M150 240L185 190L210 222L228 204L252 240Z", c.light),
            disc(200, 225, 32, c.light) + disc(212, 216, 26, c.main),
            stroke("M140 210H250M140 240H250", c.light, 10),
        )
    )
    return (
        shadow(c, 335, 105)
        + stroke("M270 180Q342 176 330 236T264 280", c.dark, 20)
        + rect(116, 130, 160, 200, c.main, 24)
        + oval(196, 136, 78, 16, c.dark)
        + mark
        + stroke("M160 106Q150 86 164 70M200 106Q190 80 204 60M240 106Q230 86 244 70", c.light, 6)
    )


def _bowl(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 332, 110)
        + area("M60 180H340Q330 320 200 322T60 180Z", c.main)
        + oval(200, 180, 140, 34, c.dark)
        + oval(200, 184, 122, 26, c.accent)
        + stroke("M84 230Q200 270 316 230", c.light, 9)
        + rect(150, 316, 100, 16, c.dark, 6)
    )


def _jar(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 345, 90)
        + rect(130, 64, 140, 44, c.dark, 10)
        + rect(110, 104, 180, 238, c.light, 34)
        + rect(122, 176, 156, 154, c.accent, 26)
        + rect(138, 208, 124, 76, c.light, 8)
        + rect(158, 228, 84, 10, c.main, 4)
        + rect(170, 250, 60, 8, c.dark, 4)
    )


def _press(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 345, 90)
        + disc(190, 58, 16, c.dark)
        + stroke("M190 70V200", STEEL, 7)
        + rect(120, 120, 140, 214, c.light, 12)
        + rect(128, 200, 124, 126, "#5b3a24", 8)
        + rect(110, 104, 160, 24, c.main, 10)
        + stroke("M262 150Q330 150 318 220T262 280", c.dark, 16)
        + rect(112, 320, 156, 22, c.main, 10)
    )


def _apron(c: Palette, chance: Random) -> str:
    return (
        stroke("M160 90Q200 20 240 90", c.dark, 9)
        + stroke("M110 190L60 214M290 190L340 214", c.dark, 9)
        + area("M155 84H245Q250 150 296 180L284 346H116L104 180Q150 150 155 84Z", c.main)
        + area("M140 220H260V272Q200 310 140 272Z", c.accent)
        + stroke("M200 222V290", c.dark, 4)
        + stroke("M160 104H240", c.light, 7)
    )


def _whisk(c: Palette, chance: Random) -> str:
    wires = "".join(stroke(f"M200 180Q{x} 60 200 42", STEEL, 6) for x in (90, 140, 200, 260, 310))
    spoon = turned(40, rect(192, 150, 16, 200, "#c08a53", 8), oval(200, 110, 34, 50, "#c98f57"))
    return spoon + turned(
        -24, wires, rect(186, 176, 28, 170, c.main, 14), disc(200, 330, 6, c.light)
    )


KITCHEN: Mapping[str, Drawing] = {
    "pot": _pot,
    "pan": _pan,
    "knife": _knife,
    "board": _board,
    "kettle": _kettle,
    "mug": _mug,
    "bowl": _bowl,
    "jar": _jar,
    "press": _press,
    "apron": _apron,
    "whisk": _whisk,
}
