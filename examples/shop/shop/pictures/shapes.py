"""The few SVG shapes that every drawing is made of; only attributes, no style sheet."""

from collections.abc import Callable
from random import Random

from .palette import Palette

Drawing = Callable[[Palette, Random], str]


def rect(x: float, y: float, w: float, h: float, fill: str, r: float = 0) -> str:
    """Return a rectangle, with round corners if asked."""
    corner = f' rx="{r:g}"' if r else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" fill="{fill}"{corner}/>'


def disc(x: float, y: float, r: float, fill: str) -> str:
    """Return a filled circle."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{fill}"/>'


def oval(x: float, y: float, rx: float, ry: float, fill: str) -> str:
    """Return a filled ellipse."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"/>'


def area(d: str, fill: str) -> str:
    """Return a filled path."""
    return f'<path d="{d}" fill="{fill}"/>'


def stroke(d: str, colour: str, width: float) -> str:
    """Return a drawn path with round ends."""
    return (
        f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/>'
    )


def turned(angle: float, *parts: str) -> str:
    """Return parts turned around the middle of the picture."""
    return f'<g transform="rotate({angle:g} 200 200)">{"".join(parts)}</g>'


def shadow(colours: Palette, y: float = 330, width: float = 110) -> str:
    """Return the shadow that makes a thing stand on the floor."""
    return (
        f'<ellipse cx="200" cy="{y:g}" rx="{width:g}" ry="12" fill="{colours.dark}" opacity=".16"/>'
    )
