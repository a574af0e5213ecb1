"""The console's scripts and styles, with two vendored libraries."""

from functools import cached_property
from pathlib import Path

from flask import url_for

from ..http.assets import Bundle
from ..http.assets import Files
from ..http.assets import bundle

_FOLDER = Path(__file__).parent / "static"
#: What each file that is served is made of.
PARTS = {
    "console.js": ("vendor/htmx.min.js", "console.js"),
    "console.css": ("tokens.css", "layout.css", "parts.css"),
    "theme.js": ("theme.js",),
    "plot.js": ("vendor/uPlot.iife.min.js", "plot.js"),
    "plot.css": ("vendor/uPlot.min.css",),
}


class ConsoleFiles(Files):
    """Serve them at addresses that change with their content."""

    @cached_property
    def bundles(self) -> dict[str, Bundle]:
        """Return the files by name; read and compressed once."""
        return {
            name: bundle([(_FOLDER / part).read_bytes() for part in parts], b"\n")
            for name, parts in PARTS.items()
        }

    def address(self, name: str) -> str:
        """Return where a file is."""
        return url_for("grc.console_file", version=self.version, name=name)
