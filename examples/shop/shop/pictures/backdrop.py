"""What stands behind a product: the same quiet shapes across the shop."""

from random import Random

from .palette import Palette
from .shapes import area
from .shapes import disc
from .shapes import stroke


def backdrop(colours: Palette, chance: Random) -> str:
    """Return one of five backgrounds."""
    return chance.choice((_moon, _hills, _arcs, _dots, _slope))(colours, chance)


def _moon(colours: Palette, chance: Random) -> str:
    return disc(200 + chance.randint(-20, 20), 190, chance.randint(140, 160), colours.soft)


def _hills(colours: Palette, chance: Random) -> str:
    top = chance.randint(190, 240)
    return area(f"M0 {top}Q110 {top - 90} 230 {top + 10}T400 {top - 30}V400H0Z", colours.soft)


def _arcs(colours: Palette, chance: Random) -> str:
    return "".join(
        stroke(f"M{200 - r} 330A{r} {r} 0 0 1 {200 + r} 330", colours.soft, 16)
        for r in (110, 150, 190)
    )


def _dots(colours: Palette, chance: Random) -> str:
    gap = chance.choice((50, 66))
    return "".join(
        disc(x + (y // gap % 2) * gap / 2, y, 5, colours.soft)
        for y in range(gap // 2, 400, gap)
        for x in range(gap // 2, 400, gap)
    )


def _slope(colours: Palette, chance: Random) -> str:
    left = chance.randint(250, 330)
    return area(f"M0 {left}L400 {left - 150}V400H0Z", colours.soft)
