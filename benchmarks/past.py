"""The past of a large shop, given to a plugin in a fresh process, so that memory is its own."""

import resource
import sys
from pathlib import Path
from typing import Any

from .small_app import Orders
from .small_app import rooms
from .small_app import small_app
from .subscribers import historian
from .timing import CPU
from .timing import timed

#: `ru_maxrss` counts kilobytes, on macOS bytes.
_PER_MEGABYTE = 1024 * (1024 if sys.platform == "darwin" else 1)


def give_past(folder: str, count: int, batched: bool) -> dict[str, Any]:
    """Prime an empty GRC with orders, backfill them, and return seconds of CPU and megabytes."""
    orders = Orders(past=count)
    place = Path(folder)
    primed = timed(lambda: small_app(place, [historian(batched)], orders), CPU)
    runtime = rooms(small_app(place, [historian(batched)], orders))
    filled = timed(lambda: runtime.backfill.run(None, lambda label, number: None), CPU)
    rows = _rows(runtime)
    runtime.close()
    return {"prime": primed, "backfill": filled, "rows": rows, "peak_mb": _peak()}


def _rows(runtime: Any) -> int:
    with runtime.database.read() as connection:
        count: int = connection.exec_driver_sql(
            "SELECT count(*) FROM grc_historian__row"
        ).scalar_one()
        return count


def _peak() -> float:
    """Return the most memory this process has had, in megabytes.

    Linux hands `ru_maxrss` down from the process that started this one, so it is asked otherwise.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = status.read_text().splitlines()
        peak = next((line for line in lines if line.startswith("VmHWM:")), "VmHWM: 0 kB")
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _PER_MEGABYTE
