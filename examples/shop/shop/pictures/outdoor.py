"""Sports and outdoor."""

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


def _tent(c: Palette, chance: Random) -> str:
    peak = chance.randint(170, 230)
    return (
        shadow(c, 318, 170)
        + area(f"M40 315L{peak} 110L360 315Z", c.main)
        + area(f"M{peak} 110L360 315H250Z", c.dark)
        + area(f"M{peak} 150L{peak + 42} 315H{peak - 42}Z", c.light)
        + area(f"M{peak} 150L{peak + 42} 315H{peak}Z", c.accent)
        + stroke(f"M{peak} 110V92M40 315L20 328M360 315L380 328", c.dark, 5)
    )


def _sleeping_bag(c: Palette, chance: Random) -> str:
    seams = "".join(stroke(f"M{140} {y}Q200 {y + 14} 260 {y}", c.dark, 3) for y in (190, 235, 280))
    return turned(
        chance.choice((-28, 24)),
        area("M130 120Q200 30 270 120L258 330Q200 372 142 330Z", c.main),
        oval(200, 118, 52, 40, c.dark),
        oval(200, 122, 38, 28, c.accent),
        seams,
        stroke("M268 150L256 315", c.light, 5),
    )


def _backpack(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 338, 100)
        + rect(110, 90, 180, 245, c.main, 60)
        + stroke("M170 92Q200 50 230 92", c.dark, 12)
        + area("M118 130Q200 200 282 130V110Q270 88 200 88T118 110Z", c.dark)
        + rect(132, 225, 136, 90, c.accent, 18)
        + stroke("M132 252H268", c.dark, 4)
        + rect(188, 160, 24, 44, c.light, 6)
        + rect(92, 220, 26, 86, c.dark, 12)
        + rect(282, 220, 26, 86, c.dark, 12)
    )


def _boot(c: Palette, chance: Random) -> str:
    laces = "".join(stroke(f"M196 {y}L240 {y + 12}", c.light, 7) for y in (140, 168, 196, 222))
    return (
        shadow(c, 335, 150)
        + area("M110 95H225L235 215Q330 225 345 290H95Z", c.main)
        + area("M95 285H346Q352 325 335 325H95Z", c.dark)
        + area("M110 95H225L228 128H106Z", c.accent)
        + area("M280 236Q340 250 345 290H270Z", c.accent)
        + laces
    )


def _stove(c: Palette, chance: Random) -> str:
    flame = chance.randint(0, 14)
    return (
        shadow(c, 335, 95)
        + rect(130, 232, 140, 100, c.main, 26)
        + rect(130, 262, 140, 30, c.light)
        + rect(180, 190, 40, 44, c.dark, 6)
        + stroke("M120 186H280M140 186L120 150M260 186L280 150M200 186V160", c.dark, 9)
        + area(f"M170 160Q160 {110 - flame} 200 {70 - flame}Q240 {110 - flame} 230 160Z", c.accent)
        + area("M186 160Q180 130 200 108Q220 130 214 160Z", c.light)
        + stroke("M220 212H268", c.dark, 8)
    )


def _lantern(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 338, 90)
        + stroke("M140 130Q200 20 260 130", c.dark, 8)
        + area("M150 130L165 100H235L250 130Z", c.main)
        + rect(150, 130, 100, 140, c.light, 10)
        + area("M178 270Q160 215 200 165Q240 215 222 270Z", c.accent)
        + stroke("M150 130V270M250 130V270M200 130V150", c.dark, 7)
        + rect(132, 268, 136, 64, c.main, 14)
        + disc(200, 300, 12, c.light)
    )


def _bottle(c: Palette, chance: Random) -> str:
    wave = chance.randint(205, 250)
    return (
        shadow(c, 342, 70)
        + rect(170, 58, 60, 42, c.dark, 10)
        + stroke("M230 78Q262 82 250 112", c.dark, 8)
        + area(
            "M172 100H228Q262 122 262 165V320"
            "Q262 340 240 340H160Q138 340 138 320V165Q138 122 172 100Z",
            c.main,
        )
        + area(f"M138 {wave}Q170 {wave - 24} 200 {wave}T262 {wave}V290H138Z", c.accent)
        + rect(154, 150, 14, 150, c.light, 7)
    )


def _canoe(c: Palette, chance: Random) -> str:
    return (
        area("M30 190Q200 240 370 190Q345 285 200 285T30 190Z", c.main)
        + area("M30 190Q200 240 370 190Q350 214 200 222T30 190Z", c.dark)
        + stroke("M130 214V222M270 214V222", c.light, 10)
        + turned(-32, rect(194, 50, 12, 230, c.accent, 6), rect(176, 245, 48, 92, c.accent, 22))
        + stroke("M40 318Q80 300 120 318T200 318T280 318T360 318", c.light, 8)
    )


def _snowshoe(c: Palette, chance: Random) -> str:
    lace = "".join(
        stroke(f"M{150} {y}L{250} {y + 26}M250 {y}L150 {y + 26}", c.light, 4) for y in (95, 250)
    )
    return turned(
        chance.choice((-18, 18)),
        stroke(
            "M200 370L188 320Q120 230 140 110Q155 45 200 45T260 110Q280 230 212 320Z", c.main, 16
        ),
        lace,
        stroke("M142 150H258M140 235H260", c.dark, 9),
        rect(160, 158, 80, 70, c.accent, 16),
        stroke("M168 178H232M168 206H232", c.dark, 7),
    )


def _ski(c: Palette, chance: Random) -> str:
    def ski(x: int) -> str:
        return (
            area(f"M{x} 350V90Q{x} 45 {x + 20} 40T{x + 40} 90V350Z", c.main)
            + rect(x, 190, 40, 54, c.dark, 8)
            + rect(x + 8, 270, 24, 60, c.accent, 6)
            + rect(x + 8, 100, 24, 50, c.light, 6)
        )

    return turned(10, ski(130), ski(200)) + turned(
        -14, stroke("M290 70V345", c.dark, 7), oval(290, 325, 20, 6, c.accent)
    )


def _headlamp(c: Palette, chance: Random) -> str:
    return (
        stroke("M70 210Q80 95 200 95T330 210", c.main, 34)
        + stroke("M70 210Q80 95 200 95T330 210", c.dark, 5)
        + area("M130 225L20 360H380L270 225Z", c.light)
        + rect(130, 150, 140, 100, c.dark, 30)
        + disc(200, 200, 38, c.accent)
        + disc(200, 200, 22, c.light)
    )


def _hammock(c: Palette, chance: Random) -> str:
    stripes = "".join(
        stroke(f"M{x} {228 + dip}V{258 + dip}", c.light, 8)
        for x, dip in ((120, 0), (160, 18), (200, 24), (240, 18), (280, 0))
    )
    return (
        rect(22, 60, 26, 280, c.dark, 12)
        + rect(352, 60, 26, 280, c.dark, 12)
        + stroke("M40 140L96 200M360 140L304 200", c.dark, 6)
        + area("M90 195Q200 265 310 195Q290 310 200 310T90 195Z", c.main)
        + area("M90 195Q200 265 310 195Q300 222 200 240T90 195Z", c.accent)
        + stripes
    )


def _compass(c: Palette, chance: Random) -> str:
    ticks = "".join(turned(a, rect(197, 88, 6, 22, c.dark, 3)) for a in range(0, 360, 30))
    return (
        shadow(c, 345, 100)
        + stroke("M200 72V48", c.dark, 20)
        + disc(200, 205, 140, c.main)
        + disc(200, 205, 118, c.light)
        + f'<g transform="translate(0 5)">{ticks}</g>'
        + turned(
            chance.randint(20, 70),
            area("M200 110L222 205H178Z", c.accent),
            area("M200 300L222 205H178Z", c.dark),
        )
        + disc(200, 205, 10, c.light)
    )


def _jacket(c: Palette, chance: Random) -> str:
    return (
        area(
            "M140 85L65 140L45 300L95 308L118 200V335H282V200"
            "L305 308L355 300L335 140L260 85Q200 120 140 85Z",
            c.main,
        )
        + area("M118 200L130 120L140 85L150 92L140 335H118Z", c.dark)
        + area("M140 85Q200 120 260 85L245 60Q200 80 155 60Z", c.accent)
        + stroke("M200 110V335", c.light, 6)
        + stroke("M150 260H185M215 260H250", c.light, 6)
        + rect(222, 150, 40, 26, c.accent, 6)
    )


def _cooler(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 330, 140)
        + stroke("M90 160Q90 70 200 70T310 160", c.dark, 12)
        + rect(70, 170, 260, 155, c.main, 18)
        + rect(60, 135, 280, 50, c.light, 16)
        + rect(70, 235, 260, 26, c.accent)
        + rect(180, 168, 40, 34, c.dark, 8)
    )


def _poles(c: Palette, chance: Random) -> str:
    def pole(x: int) -> str:
        return (
            stroke(f"M{x} 120V350", c.dark, 9)
            + stroke(f"M{x} 190V260", c.accent, 12)
            + rect(x - 14, 48, 28, 90, c.main, 12)
            + stroke(f"M{x} 60Q{x + 40} 100 {x} 150", c.light, 5)
            + oval(x, 325, 22, 7, c.main)
        )

    return turned(-9, pole(150)) + turned(9, pole(250))


OUTDOOR: Mapping[str, Drawing] = {
    "tent": _tent,
    "sleeping_bag": _sleeping_bag,
    "backpack": _backpack,
    "boot": _boot,
    "stove": _stove,
    "lantern": _lantern,
    "bottle": _bottle,
    "canoe": _canoe,
    "snowshoe": _snowshoe,
    "ski": _ski,
    "headlamp": _headlamp,
    "hammock": _hammock,
    "compass": _compass,
    "jacket": _jacket,
    "cooler": _cooler,
    "poles": _poles,
}
