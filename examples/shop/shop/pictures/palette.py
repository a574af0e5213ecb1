"""Colours that go together, calm enough for a light and for a dark page."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """The six colours of a picture."""

    ground: str
    soft: str
    main: str
    accent: str
    dark: str
    light: str


PALETTES = (
    Palette("#cfe0d4", "#b6d0be", "#2f6f5e", "#e0a045", "#1d3b36", "#f6f1e4"),
    Palette("#d3dfe8", "#b9cedd", "#33658a", "#e07a5f", "#1c3448", "#f5f2ea"),
    Palette("#ecd9c6", "#dfc3a7", "#a4522f", "#3f7d6c", "#46261a", "#fbf4e9"),
    Palette("#e6dccb", "#d6c6aa", "#6b7f3a", "#c8553d", "#333d1d", "#faf6ea"),
    Palette("#d9d6e8", "#c3bedb", "#57508f", "#e6a157", "#2b2750", "#f5f2f8"),
    Palette("#e9d3d1", "#d9b7b4", "#a33f4c", "#35707a", "#471c23", "#fbf1ee"),
    Palette("#cde0e0", "#aeccce", "#1f7a82", "#d98a3d", "#143d43", "#f3f4ea"),
    Palette("#eadfb9", "#dccb92", "#b07d1e", "#3d5f8a", "#453110", "#fcf7e5"),
    Palette("#d6dbdf", "#bfc7cd", "#48586a", "#d4743f", "#222c37", "#f4f5f4"),
    Palette("#d4e3c5", "#bcd2a6", "#497b33", "#b84f6b", "#223c18", "#f6f6e6"),
)
