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
    count = run.rounds(100_000, 5_000)
    for form in ("batched", "one by one"):
        yield from _past(run.place(form), count, form)


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
    (folder / "tenth").mkdir()
    (folder / "all").mkdir()
    tenth, _ = run_fresh(_PAST, str(folder / "tenth"), str(count // 10), form)
    told, _ = run_fresh(_PAST, str(folder / "all"), str(count), form)
    if told["rows"] != count:
        raise RuntimeError(f"{told['rows']} of {count} orders reached the plugin")
    for name, what in (("prime", "the first upgrade reads"), ("backfill", f"backfill, {form},")):
        seconds = told[name]
        minutes = seconds * _MILLION / count / 60
        memory = Anchor(f"with {count // 10:,} orders", tenth[f"{name}_mb"])
        if name == "backfill" or form == "batched":
            yield Line(f"{what} {count:,} past orders", count / seconds, "/s",
                       detail=f"extrapolated: {minutes:.1f} min of CPU for 1 M orders")  # fmt: skip
            yield Line(f"{what} {count:,}: memory grows by", told[f"{name}_mb"], "MB", memory)
