"""Requests that carry an event: what the visitor waits for, and what comes after."""

import time
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from grc_core.outbox.ledger import totals

from .at_rest import at_rest
from .browser import Page
from .browser import Spent
from .results import Anchor
from .results import Budget
from .results import Found
from .results import Line
from .results import Run
from .small_app import Orders
from .small_app import rooms
from .small_app import small_app
from .subscribers import listeners
from .timing import Samples
from .timing import timed

#: Milliseconds on the response path.
BUDGET = 1.5


@dataclass(frozen=True, slots=True)
class Kind:
    """A request that says that something happened."""

    name: str
    path: str
    form: dict[str, str] | None


_KINDS = (
    Kind("a visit", "/product/{n}", None),
    Kind("a cart change", "/add/{n}", {"quantity": "1"}),
    Kind("an order", "/place", {"pay": "now"}),
)


def measure(run: Run) -> Iterator[Found]:
    """CPU of a bare view's request until its last byte, and after it; 5 subscribers."""
    for kind in _KINDS:
        yield from _stepped(run, kind)
    for kind in _KINDS:
        yield _threaded(run, kind)


def _stepped(run: Run, kind: Kind) -> Iterator[Line]:
    """Measure with a runner that works between requests, so that each part is seen alone."""
    folder = run.place(f"stepped{kind.path[1:4]}")
    embedded, plain = _apps(folder, kind)
    runner = at_rest(rooms(embedded.app))
    before, after = [], []
    works: list[float] = []
    for _ in range(run.rounds(100, 15)):
        before.append(plain.page.spent())
        after.append(embedded.page.spent())
        works.append(timed(runner.work))
    yield from _parts(kind, before, after, works)
    rooms(embedded.app).close()


def _parts(
    kind: Kind, before: list[Spent], after: list[Spent], works: list[float]
) -> Iterator[Line]:
    without = Samples([spent.path for spent in before])
    with_grc = Samples([spent.path for spent in after])
    closing = Samples([spent.closing for spent in after])
    added = with_grc.beyond(without)
    anchor = Anchor("without GRC", without.p50 * 1e3)
    yield Line(f"{kind.name}: added before the last byte", added.p50 * 1e3, "ms", anchor,
               Budget(BUDGET), f"added: {added.spread()}")  # fmt: skip
    yield Line(f"{kind.name}: while the response is closed", closing.p50 * 1e3, "ms",
               detail=closing.spread())  # fmt: skip
    later = Samples(works)
    yield Line(f"{kind.name}: the runner's part, delivered to 5", later.p50 * 1e3, "ms",
               detail=later.spread())  # fmt: skip


def _threaded(run: Run, kind: Kind) -> Line:
    """Measure with the real thread: the CPU of the whole process until all is delivered."""
    folder = run.place(f"thread{kind.path[1:4]}")
    embedded, plain = _apps(folder, kind)
    count = run.rounds(100, 20)
    embedded.page()
    _rest(embedded.app)
    alone = timed(lambda: _several(plain.page, count))
    total = timed(lambda: _several(embedded.page, count, lambda: _rest(embedded.app)))
    rooms(embedded.app).close()
    return Line(f"{kind.name}: CPU in all with the thread runner, {count} in a row",
                total / count * 1e3, "ms", Anchor("without GRC", alone / count * 1e3))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Side:
    app: Flask
    page: Page


def _apps(folder: Path, kind: Kind) -> tuple[_Side, _Side]:
    sides = []
    for plugins in (listeners(), None):
        app = small_app(folder, plugins, Orders())
        sides.append(_Side(app, Page(app, kind.path, form=kind.form, counted=True)))
    return sides[0], sides[1]


def _several(page: Page, count: int, then: Callable[[], None] | None = None) -> None:
    for _ in range(count):
        page()
    if then:
        then()


def _rest(app: Flask) -> None:
    """Wait until nothing is waiting to be delivered any more."""
    runtime, calm = rooms(app), 0
    while calm < 2:
        time.sleep(0.1)
        states = {item.state for item in totals(runtime.database)}
        calm = 0 if states & {"pending", "claimed"} else calm + 1
