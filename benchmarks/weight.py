"""Bytes that a visitor's browser loads for GRC."""

import gzip
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.resources import files

from grc_core.loading import GROUP

from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .small_app import rooms
from .small_app import small_app

#: Kilobytes compressed: everything, and the core's script alone.
ALL, SCRIPT = 12, 2
_KILOBYTE = 1024


def measure(run: Run) -> Iterator[Found]:
    """Storefront script and style as they are sent, of all installed plugins together."""
    installed = sorted(entry_points(group=GROUP).names)
    runtime = rooms(small_app(run.place("weight"), installed))
    bundles = runtime.assets.bundles
    runtime.close()
    sizes = {name: len(bundle.packed) / _KILOBYTE for name, bundle in bundles.items()}
    each = ", ".join(f"{name} {size:.2f}" for name, size in sizes.items())
    yield Line("script and style, gzipped", sum(sizes.values()), "KB", budget=Budget(ALL),
               detail=f"{each}; plugins: {', '.join(installed) or 'none'}")  # fmt: skip
    yield Line("requests", len(sizes), "", budget=Budget(2))
    own = files("grc_core").joinpath("http", "static", "grc.js").read_bytes()
    packed = len(gzip.compress(own, 9)) / _KILOBYTE
    yield Line("grc.js of the core alone, gzipped", packed, "KB", budget=Budget(SCRIPT))
