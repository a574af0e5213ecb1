"""Things for the garden."""

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

LEAF = "#5f9550"
WOOD = "#b98552"


def _watering_can(c: Palette, chance: Random) -> str:
    drops = "".join(disc(x, y, 6, c.light) for x, y in ((52, 190), (36, 218), (62, 226), (44, 252)))
    return (
        shadow(c, 335, 120)
        + stroke("M150 170Q200 70 280 150", c.dark, 15)
        + stroke("M290 190Q360 200 330 270T286 310", c.dark, 15)
        + area("M140 250L76 150L98 138L160 200Z", c.main)
        + rect(56, 124, 60, 22, c.accent, 8)
        + area("M140 170H292L302 330H130Z", c.main)
        + stroke("M138 212H296", c.light, 9)
        + drops
    )


def _leaves(chance: Random, x: int, y: int) -> str:
    spread = chance.randint(46, 62)
    return "".join(
        area(
            f"M{x} {y}Q{x + dx} {y - 40} {x + 1.5 * dx:g} {y - h}"
            f"Q{x + dx / 4:g} {y - h + 20} {x} {y}Z",
            LEAF,
        )
        for dx, h in ((-spread, 110), (spread, 110), (-spread // 3, 160), (spread // 3, 150))
    )


def _plant(c: Palette, chance: Random) -> str:
    return (
        shadow(c, 350, 90)
        + _leaves(chance, 200, 236)
        + area("M130 230H270L252 348H148Z", c.main)
        + rect(120, 214, 160, 34, c.accent, 8)
    )


def _planter(c: Palette, chance: Random) -> str:
    blooms = "".join(
        stroke(f"M{x} 240V{y}", LEAF, 6) + disc(x, y, 20, c.accent) + disc(x, y, 8, c.light)
        for x, y in ((120, 160), (170, 120), (225, 150), (280, 126))
    )
    return (
        shadow(c, 340, 140)
        + blooms
        + rect(70, 232, 260, 100, WOOD, 8)
        + stroke("M74 266H326M74 298H326", "#96683b", 5)
        + rect(64, 222, 272, 20, c.dark, 6)
    )


def _trowel(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((32, -32)),
        area("M160 200H240V270Q240 330 200 365Q160 330 160 270Z", "#a9b2b8"),
        stroke("M200 220V330", "#808a91", 6),
        rect(190, 150, 20, 60, c.dark, 4),
        rect(180, 36, 40, 124, c.main, 18),
        stroke("M180 70H220", c.accent, 8),
    )


def _seeds(c: Palette, chance: Random) -> str:
    flower = "".join(
        f'<g transform="rotate({angle} 200 210)">{oval(200, 168, 15, 28, c.accent)}</g>'
        for angle in range(0, 360, chance.choice((45, 60)))
    )
    return turned(
        chance.choice((-6, 6)),
        rect(110, 50, 180, 300, c.light, 8),
        rect(110, 50, 180, 60, c.main, 8),
        rect(136, 74, 128, 12, c.light, 5),
        stroke("M200 230V318M200 290Q230 280 238 258M200 300Q170 292 164 270", LEAF, 7),
        flower,
        disc(200, 210, 20, c.dark),
    )


def _secateurs(c: Palette, chance: Random) -> str:
    return turned(
        chance.choice((-24, 24)),
        stroke("M190 180Q150 260 160 350", c.main, 26),
        stroke("M212 180Q254 260 240 350", c.accent, 26),
        area("M186 190Q160 90 214 40Q236 110 216 190Z", "#a9b2b8"),
        stroke("M216 186Q250 130 226 70", "#808a91", 10),
        disc(201, 190, 17, c.dark),
        disc(201, 190, 6, c.light),
    )


def _birdhouse(c: Palette, chance: Random) -> str:
    return (
        rect(190, 300, 20, 90, WOOD)
        + rect(116, 160, 168, 160, c.main, 6)
        + area("M84 176L200 66L316 176L296 196L200 106L104 196Z", c.dark)
        + area("M116 184L200 104L284 184V200H116Z", c.main)
        + disc(200, 216, 32, c.dark)
        + stroke("M200 270V292", c.light, 9)
        + rect(116, 302, 168, 20, c.accent, 6)
        + stroke("M138 180V296M262 180V296", c.light, 3)
    )


def _bulbs(c: Palette, chance: Random) -> str:
    def bulb(x: int, y: int) -> str:
        return (
            stroke(
                f"M{x} {y - 60}Q{x - 8} {y - 96} {x - 18} {y - 116}M{x} {y - 60}V{y - 120}", LEAF, 9
            )
            + area(
                f"M{x} {y - 74}Q{x + 62} {y - 20} {x + 30} {y + 40}"
                f"H{x - 30}Q{x - 62} {y - 20} {x} {y - 74}Z",
                c.accent,
            )
            + stroke(
                f"M{x} {y - 60}V{y + 34}M{x - 24} {y - 20}Q{x - 26} {y + 10} {x - 14} {y + 34}",
                c.light,
                4,
            )
            + stroke(
                f"M{x - 14} {y + 44}V{y + 58}M{x} {y + 44}V{y + 64}M{x + 14} {y + 44}V{y + 58}",
                c.dark,
                4,
            )
        )

    return bulb(120, 190) + bulb(280, 190) + bulb(200, 270)


def _rake(c: Palette, chance: Random) -> str:
    teeth = "".join(stroke(f"M200 110L{x} 50", c.main, 8) for x in range(110, 300, 30))
    return turned(
        chance.choice((-28, 28)),
        rect(191, 110, 18, 270, WOOD, 8),
        teeth,
        stroke("M152 78Q200 66 248 78", c.main, 8),
        rect(182, 104, 36, 34, c.dark, 8),
        rect(189, 300, 22, 70, c.accent, 8),
    )


GARDEN: Mapping[str, Drawing] = {
    "watering_can": _watering_can,
    "plant": _plant,
    "planter": _planter,
    "trowel": _trowel,
    "seeds": _seeds,
    "secateurs": _secateurs,
    "birdhouse": _birdhouse,
    "bulbs": _bulbs,
    "rake": _rake,
}
