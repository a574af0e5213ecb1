"""Orders read from the shop: new ones, unchanged ones, and a long past."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .at_rest import at_rest
from .fresh import run_fresh
from .results import Anchor
from .results import Found
from .results import Line
from .results import Run
from .small_app import Orders
from .small_app import rooms
from .small_app import small_app
from .subscribers import listeners
from .timing import CPU
from .timing import Samples
from .timing import timed

_SOURCE = frozenset({"orders"})
_MILLION = 1_000_000
_PAST = """
import sys
from benchmarks.past import give_past
tell(give_past(sys.argv[1], int(sys.argv[2]), sys.argv[3] == "batched"))
"""


def measure(run: Run) -> Iterator[Found]:
    """Orders per second of CPU; the anchor reads and converts the same orders and no more."""
    yield from _pulls(run)
    yield from _past(run.place("batched"), run.rounds(100_000, 3_000), "batched")
    yield from _past(run.place("single"), run.rounds(10_000, 1_000), "one by one")


def _pulls(run: Run) -> Iterator[Line]:
    orders = Orders(past=100)
    app = small_app(run.place("pull"), listeners(), orders)
    at_rest(rooms(app))
    intake, adapter = rooms(app).intake, rooms(app).adapter
    count = run.rounds(1000, 300)
    fresh, again, alone = [], [], []
    for _ in range(run.rounds(5, 3)):
        start = orders.count + 1
        orders.count += count
        alone.append(_per_order(lambda: _read(adapter, start), count))  # noqa: B023
        fresh.append(_per_order(lambda: intake.pull(_SOURCE), count))
        again.append(_per_order(lambda: intake.pull(_SOURCE), orders.count))
    anchor = Anchor("read and converted only", 1 / Samples(alone).p50)
    yield Line("pull of new orders, 5 subscribers", 1 / Samples(fresh).p50, "/s", anchor)
    yield Line("pull of unchanged orders (the overlap)", 1 / Samples(again).p50, "/s", anchor)
    yield Line("a pull that finds 600 unchanged orders: one a second for the overlap",
               600 * Samples(again).p50 * 1e3, "ms")  # fmt: skip
    rooms(app).close()


def _per_order(work: Callable[[], object], count: int) -> float:
    return timed(work, CPU) / count


def _read(adapter: Any, after: int) -> None:
    with adapter.fresh():
        for _ in adapter.orders(after):
            pass


def _past(folder: Path, count: int, form: str) -> Iterator[Line]:
    """Give the past twice, a tenth and all of it: memory must not grow with it."""
    tenth, told = (_given(folder, number, form) for number in (count // 10, count))
    yield from _told(f"backfill, {form},", "backfill", count, told, tenth)
    if form == "batched":
        yield from _told("the first upgrade, reading", "prime", count, told, tenth)


def _given(folder: Path, count: int, form: str) -> dict[str, Any]:
    """Return what giving so many past orders took in a fresh process."""
    place = folder / str(count)
    place.mkdir()
    told: dict[str, Any] = run_fresh(_PAST, str(place), str(count), form)[0]
    if told["rows"] != count:
        raise RuntimeError(f"{told['rows']} of {count} orders reached the plugin")
    return told


def _told(
    what: str, name: str, count: int, told: dict[str, Any], tenth: dict[str, Any]
) -> Iterator[Line]:
    seconds = told[name]
    minutes = seconds * _MILLION / count / 60
    peak = f"peak memory {told['peak_mb']:.0f} MB, with a tenth of them {tenth['peak_mb']:.0f} MB"
    yield Line(f"{what} {count:,} past orders", count / seconds, "/s",
               detail=f"1 M: {minutes:.1f} min of CPU by extrapolation; {peak}")  # fmt: skip
